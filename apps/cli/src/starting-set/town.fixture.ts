import { town } from '../generate/index.js';
import { keyOf, type Resource, type State, type World } from './world.fixture.js';

type Change = { source: string; resource: Resource };

/** What the queries read. */
const TYPES = ['Patient', 'Encounter', 'Condition', 'Observation', 'Immunization'];

/** Elements of references that are not kept, which would be left without any. */
const UNREAD = new Set(['participant', 'performer', 'location', 'hasMember', 'derivedFrom', 'basedOn']);

interface Entry {
  fullUrl: string;
  resource: Resource;
}

/** A town's records under ids of their own, and who is one person by its truth. */
export function townRecords(patients: number, seed: number): { changes: Change[]; persons: Map<string, string[]> } {
  const changes: Change[] = [];
  const persons = new Map<string, string[]>();
  for (const { source, text, truth } of town({ patients, seed })) {
    const entries = (JSON.parse(text) as { entry: Entry[] }).entry;
    const ids = new Map(
      entries.map(({ fullUrl, resource: { resourceType, id } }) => [
        fullUrl,
        `${resourceType}/${id ?? fullUrl.slice('urn:uuid:'.length)}`,
      ]),
    );
    for (const { fullUrl, resource } of entries) {
      if (!TYPES.includes(resource.resourceType)) continue;
      changes.push({ source, resource: { ...plainRecord(resource, ids), id: ids.get(fullUrl)!.split('/')[1]! } });
    }
    const patient = entries.find(({ resource }) => resource.resourceType === 'Patient');
    if (!truth || !patient) continue;
    persons.set(truth.person, [...(persons.get(truth.person) ?? []), `${source}/${ids.get(patient.fullUrl)}`]);
  }
  return { changes, persons };
}

/** Without references to what is not loaded: those to staff and places are of no matter here. */
function plainRecord(resource: Resource, ids: ReadonlyMap<string, string>): Resource {
  const kept = ['subject', 'patient', 'encounter'];
  const text = JSON.stringify(resource, (name, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('reference' in value)) return value;
    const reference = ids.get((value as { reference: string }).reference) ?? (value as { reference: string }).reference;
    return kept.includes(name) ? { reference } : undefined;
  });
  const elements = Object.entries(JSON.parse(text) as Resource).filter(([name]) => !UNREAD.has(name));
  return Object.fromEntries(elements) as Resource;
}

/** Loads the town and says who is one person. @returns the state then, which later changes do not touch. */
export async function loadTown(world: World, patients: number, seed: number): Promise<State> {
  const { changes, persons } = townRecords(patients, seed);
  // A later version of a record is sent after the first.
  const seen = new Set<string>();
  const again = changes.filter(({ source, resource }) => {
    const key = keyOf(source, resource);
    return seen.size === seen.add(key).size;
  });
  await world.put(changes.filter((change) => !again.includes(change)));
  for (const change of again) await world.put([change]);
  for (const [person, members] of persons) if (members.length > 1) await world.person(person, members);
  return { records: new Map(world.state.records), persons: new Map(world.state.persons) };
}
