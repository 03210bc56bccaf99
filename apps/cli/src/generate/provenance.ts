import { type Draft } from './draft.js';
import { type Site } from './sites.js';
import { organizationReference, type Practitioner, practitionerReference } from './staff.js';
import { coding, concept, hl7 } from './systems.js';

const ACTIVITIES = {
  CREATE: { code: 'CREATE', display: 'create' },
  UPDATE: { code: 'UPDATE', display: 'revise' },
} as const;
const PARTICIPANTS = hl7('provenance-participant-type');

/** The one Provenance of a submission, to be added last: it names all that the draft holds, who wrote it, and for whom. */
export function addProvenance(
  draft: Draft,
  site: Site,
  author: Practitioner,
  activity: keyof typeof ACTIVITIES,
  recorded: string,
): void {
  draft.post('Provenance', {
    target: draft.references(),
    recorded,
    activity: { coding: [coding(hl7('v3-DataOperation'), ACTIVITIES[activity])] },
    agent: [
      {
        type: concept(PARTICIPANTS, { code: 'author', display: 'Author' }),
        who: practitionerReference(author),
        onBehalfOf: organizationReference(site),
      },
      { type: concept(PARTICIPANTS, { code: 'enterer', display: 'Enterer' }), who: organizationReference(site) },
    ],
  });
}
