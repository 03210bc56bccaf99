import claim from './views/claim.json' with { type: 'json' };
import conditionCoding from './views/condition-coding.json' with { type: 'json' };
import condition from './views/condition.json' with { type: 'json' };
import coverage from './views/coverage.json' with { type: 'json' };
import encounter from './views/encounter.json' with { type: 'json' };
import explanationOfBenefit from './views/explanation-of-benefit.json' with { type: 'json' };
import immunizationCoding from './views/immunization-coding.json' with { type: 'json' };
import immunization from './views/immunization.json' with { type: 'json' };
import medicationRequest from './views/medication-request.json' with { type: 'json' };
import observationCoding from './views/observation-coding.json' with { type: 'json' };
import observation from './views/observation.json' with { type: 'json' };
import organization from './views/organization.json' with { type: 'json' };
import patient from './views/patient.json' with { type: 'json' };
import personLink from './views/person-link.json' with { type: 'json' };
import practitioner from './views/practitioner.json' with { type: 'json' };
import procedure from './views/procedure.json' with { type: 'json' };
import valueSetCode from './views/value-set-code.json' with { type: 'json' };

/** A ViewDefinition as it is kept: PUT it to /fhir/chartledger/ViewDefinition/ID. */
export interface StartingView {
  readonly resourceType: string;
  readonly id: string;
  readonly url: string;
  readonly name: string;
  readonly resource: string;
}

/** Views that are useful on the first day, by name. They use no code system that needs a licence. */
export const STARTING_VIEWS: readonly StartingView[] = [
  claim,
  condition,
  conditionCoding,
  coverage,
  encounter,
  explanationOfBenefit,
  immunization,
  immunizationCoding,
  medicationRequest,
  observation,
  observationCoding,
  organization,
  patient,
  personLink,
  practitioner,
  procedure,
  valueSetCode,
];
