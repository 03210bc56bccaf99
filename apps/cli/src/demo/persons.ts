import { setTimeout as delay } from 'node:timers/promises';
import { HttpClient } from '../http-client.js';
import { print } from '../output.js';
import { indent } from './auditor.js';
import { title } from './title.js';

interface Person {
  id: string;
  link?: { target: { reference: string } }[];
}

interface Decision {
  position: string;
  kind: string;
  by: string;
  words: string;
}

/** Matching follows the ledger: it may be this far behind the last Bundle. */
const MATCHED_MS = 30_000;
const LOOK_MS = 250;

/** Two hospitals' patients that became one person: why, a steward who takes them apart, and what remains of it. */
export async function showPersons(url: string): Promise<void> {
  const http = new HttpClient(url, 1);
  const json = async <T>(path: string): Promise<T> => JSON.parse((await http.get(path)).body.toString('utf8')) as T;
  try {
    title('8. One person, two hospitals: why, and a steward who knows better');
    const person = await findPerson(json, url);
    if (!person) {
      print('nobody is known to two sources here: the made-up town has such people (leave --data out)');
      return;
    }
    const [left, right] = recordsOf(person, url);
    print(`${left} and ${right} are one person, ${person.id}`);
    const { words } = await json<{ words: string }>(`/persons/waterfall?left=${left}&right=${right}`);
    print('\nwhy, as the weights of its waterfall (the same as a picture: /persons/waterfall?…&format=svg):');
    print(indent(words.replaceAll('; ', '\n')));

    print('\na steward who knows better takes them apart, with a reason that stays:');
    const body = JSON.stringify({ kind: 'unlink', record: right, reason: 'two cousins of one name' });
    const answer = await http.send('POST', `/persons/${person.id}/decisions`, JSON_BODY, Buffer.from(body));
    if (answer.status !== 201) throw new Error(`the decision was refused: ${answer.body.toString('utf8')}`);
    const { position } = JSON.parse(answer.body.toString('utf8')) as { position: string };
    const { decisions } = await json<{ decisions: Decision[] }>(`/persons/${person.id}/decisions`);
    for (const one of decisions) print(`  ${one.position} ${one.kind}, by the ${one.by}: ${one.words}`);

    print('\nand takes it back: nothing is forgotten, an undo is a decision too');
    await undo(http, person.id, position);
    const { version } = await json<{ version: number }>(`/persons/${person.id}`);
    const graph = await http.get(
      `/lineage/graph?node=person:${person.id}/${version}&direction=up&depth=1&format=mermaid`,
    );
    print(`\nthe lineage of ${person.id} as it is now, version ${version}:`);
    print(indent(graph.body.toString('utf8').trimEnd()));
  } finally {
    http.close();
  }
}

const JSON_BODY = { 'Content-Type': 'application/json' };

async function undo(http: HttpClient, person: string, decision: string): Promise<void> {
  const body = JSON.stringify({ kind: 'undo', decision, reason: 'the cousins were one after all' });
  const answer = await http.send('POST', `/persons/${person}/decisions`, JSON_BODY, Buffer.from(body));
  if (answer.status !== 201) throw new Error(`the undo was refused: ${answer.body.toString('utf8')}`);
}

/** Somebody whom two sources know; undefined where there is none once matching is done. */
async function findPerson(json: <T>(path: string) => Promise<T>, url: string): Promise<Person | undefined> {
  const deadlineMs = Date.now() + MATCHED_MS;
  for (;;) {
    const { entry } = await json<{ entry?: { resource: Person }[] }>('/fhir/chartledger/Person?_count=200');
    const persons = (entry ?? []).map(({ resource }) => resource).filter((one) => sourcesOf(one, url).size > 1);
    const best = persons.reduce<Person | undefined>(
      (most, one) => (most && links(most) >= links(one) ? most : one),
      undefined,
    );
    if (best || Date.now() > deadlineMs) return best;
    await delay(LOOK_MS);
  }
}

/** Of each source's records the first. */
function recordsOf({ link }: Person, url: string): string[] {
  const records = (link ?? []).map(({ target }) => target.reference.replace(`${url}/fhir/`, ''));
  const sourceOf = (record: string): string => record.split('/')[0];
  return records.filter((record, at) => records.findIndex((other) => sourceOf(other) === sourceOf(record)) === at);
}

function links({ link }: Person): number {
  return link?.length ?? 0;
}

function sourcesOf(person: Person, url: string): Set<string> {
  return new Set(recordsOf(person, url).map((record) => record.split('/')[0]));
}
