import { type Pool } from 'pg';
import { run, textArray, type Statement } from '@chartledger/database';
import { parseTokenParam, splitOr } from '@chartledger/fhir';
import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { type Actor, FhirError } from '@chartledger/platform';
import { type AcrossSources, type OwnParameter, type OwnResource, type Standpoint } from '@chartledger/records';
import { patientKey, type PatientKey } from '../persons/person-entries.js';
import { PERSONS } from '../persons/persons.projection.js';
import { personsOfRecords } from '../persons/persons.queries.js';
import { absorbedDirectly, tasksByStatus, tasksOfRecords } from './asking.queries.js';
import { type MatchProgress } from './ports.js';
import { personNamed, recordNamed } from './steward-request.js';

const DEFINITIONS = 'http://hl7.org/fhir/OperationDefinition';
const PIXM = 'https://profiles.ihe.net/ITI/PIXm/OperationDefinition/IHE.PIXm.pix';

/** What matching adds to the base of the system's own source, as its CapabilityStatement says it. */
export function matchingResources(pool: Pool, across: AcrossSources, matched: MatchProgress): OwnResource[] {
  const search = new PersonSearch(pool, across, matched);
  return [
    {
      type: 'Person',
      parameters: search.ofPersons(),
      operations: [
        {
          name: 'everything',
          definition: 'urn:chartledger:operation:person-everything',
          documentation:
            'the records of the person and all that is about it, of all sources; _type, _since, _count, _asOf',
        },
      ],
    },
    { type: 'Task', parameters: search.ofTasks() },
    {
      type: 'Patient',
      isBare: true,
      operations: [
        { name: 'match', definition: `${DEFINITIONS}/Patient-match`, documentation: 'IHE PDQm ITI-119' },
        { name: 'ihe-pix', definition: PIXM, documentation: 'IHE PIXm ITI-83' },
      ],
      sourceOperations: [
        {
          name: 'person',
          definition: 'urn:chartledger:operation:patient-person',
          documentation: 'the Person that the Patient is of',
        },
      ],
    },
  ];
}

/** The search parameters of persons, and of the tasks that ask stewards, over the view of who is whom. */
class PersonSearch {
  constructor(
    private readonly pool: Pool,
    private readonly across: AcrossSources,
    private readonly matched: MatchProgress,
  ) {}

  ofPersons(): OwnParameter[] {
    return [
      {
        code: 'link',
        type: 'reference',
        documentation:
          'a Patient of any source, by its URL or as source/Patient/id, or a Person that was absorbed into it',
        find: (actor, value, standpoint, root) => this.byLink(actor, value, standpoint, root),
      },
      {
        code: 'patient',
        type: 'reference',
        documentation: 'a Patient of any source, by its URL or as source/Patient/id',
        find: (actor, value, standpoint, root) =>
          this.byPatient(actor, readPatients('patient', value, root), standpoint),
      },
      {
        code: 'identifier',
        type: 'token',
        documentation: 'an identifier in a Patient record of the person',
        find: (actor, value, standpoint) => this.byIdentifier(actor, value, standpoint),
      },
    ];
  }

  ofTasks(): OwnParameter[] {
    return [
      {
        code: 'status',
        type: 'token',
        documentation: 'requested: the pair waits for a steward',
        find: (_actor, value, standpoint) => this.ids(tasksByStatus, [textArray(readStatuses(value))], standpoint),
      },
      {
        code: 'patient',
        type: 'reference',
        documentation: 'one of the two Patients, by its URL or as source/Patient/id',
        find: (_actor, value, standpoint, root) =>
          this.ids(tasksOfRecords, keyColumns(readPatients('patient', value, root)), standpoint),
      },
    ];
  }

  /** The persons that have a link to it: a record's person, and of a person those that were absorbed into it. */
  private async byLink(actor: Actor, value: string, standpoint: Standpoint, root: string): Promise<string[]> {
    const values = splitOr(value);
    const records = values.flatMap((one) => recordNamed(one, root) ?? []);
    const persons = values.flatMap((one) => (recordNamed(one, root) ? [] : (personNamed(one, root) ?? [])));
    if (records.length + persons.length < values.length)
      throw FhirError.of(
        400,
        'value',
        'link must name a Patient as source/Patient/id, a Person, or the URL of either here',
        'link',
      );
    return [
      ...(await this.byPatient(actor, records.map(patientKey), standpoint)),
      ...(await this.ids(absorbedDirectly, [textArray(persons)], standpoint)),
    ];
  }

  private async byIdentifier(actor: Actor, value: string, standpoint: Standpoint): Promise<string[]> {
    const found: PatientKey[] = [];
    for (const text of splitOr(value)) {
      const identifier = parseTokenParam(text);
      if (identifier?.value === undefined)
        throw FhirError.of(400, 'value', 'identifier must be system|value, |value or value', 'identifier');
      for (const { source, id, chain, seq } of await this.across.identified(actor, 'Patient', identifier, standpoint)) {
        if (standpoint.asOf === undefined) await this.matched.reached(chain, seq);
        found.push({ source, patient: id });
      }
    }
    return this.byPatient(actor, found, standpoint);
  }

  private byPatient(_actor: Actor, records: readonly PatientKey[], standpoint: Standpoint): Promise<string[]> {
    return this.ids(personsOfRecords, keyColumns(records), standpoint, 'person');
  }

  private async ids(
    statement: (schema: string) => Statement,
    values: readonly Buffer[],
    standpoint: Standpoint,
    column: 'id' | 'person' = 'id',
  ): Promise<string[]> {
    const { schema, position } = await standpoint.in(PERSONS, SYSTEM_CHAIN);
    const rows = await run<Record<'id' | 'person', string>>(this.pool, statement(schema), [...values, position]);
    return rows.map((row) => row[column]);
  }
}

function keyColumns(records: readonly PatientKey[]): Buffer[] {
  return [textArray(records.map(({ source }) => source)), textArray(records.map(({ patient }) => patient))];
}

const TASK_SYSTEM = 'http://hl7.org/fhir/task-status';
const STATUS = /^[a-z-]{1,30}$/;

/** `code` or `system|code`. */
function readStatuses(value: string): string[] {
  return splitOr(value).map((one) => {
    const { system = TASK_SYSTEM, value: code } = parseTokenParam(one) ?? {};
    if (code !== undefined && STATUS.test(code)) return system === TASK_SYSTEM ? code : NO_STATUS;
    throw FhirError.of(400, 'value', 'status must be a status of a Task, such as requested', 'status');
  });
}

/** What no Task has. */
const NO_STATUS = '';

function readPatients(name: string, value: string, root: string): PatientKey[] {
  return splitOr(value).map((one) => {
    const record = recordNamed(one, root);
    if (record) return patientKey(record);
    throw FhirError.of(400, 'value', `${name} must name a Patient as source/Patient/id, or by its URL here`, name);
  });
}
