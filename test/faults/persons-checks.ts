import { expect } from '@jest/globals';
import { FhirHttp, http } from '@chartledger/testing';
import { type Change, type Ruled, SOURCES } from './patients-traffic.js';

interface Resource {
  id: string;
  active?: boolean;
  link?: { target: { reference: string } }[];
}

/** What a server says of who is whom. Every question must be answered. */
export class PersonsChecks {
  constructor(private readonly url: string) {}

  /** The current Patients of all sources, `source/Patient/id`, with their texts as objects. */
  async patients(): Promise<Map<string, Resource>> {
    const found = new Map<string, Resource>();
    for (const source of SOURCES)
      for (const patient of await this.all(`${source}/Patient?_count=200`))
        found.set(`${source}/Patient/${patient.id}`, patient);
    return found;
  }

  /** Every current Patient is matched: to be of exactly one person, that has it. */
  async everyoneIsMatched(): Promise<void> {
    const patients = await this.patients();
    for (const name of patients.keys()) {
      const person = await this.personOf(name);
      expect(recordsOf(person)).toContain(name);
    }
    const records = [...(await this.persons()).values()].flat();
    expect(records.sort()).toEqual([...patients.keys()].sort());
  }

  /** The records of each person that has any. */
  async persons(query = ''): Promise<Map<string, string[]>> {
    const persons = await this.all(`chartledger/Person?_count=200${query}`);
    return new Map(
      persons.map((person) => [person.id, recordsOf(person)] as const).filter(([, records]) => records.length > 0),
    );
  }

  /** Who is together, whatever the ids. */
  async partition(): Promise<string[]> {
    return [...(await this.persons()).values()].map((records) => records.sort().join(' ')).sort();
  }

  /** At every position of the system's chain there was, no record was of two persons. Returns how many positions. */
  async neverTwoPersons(): Promise<number> {
    const chains = (await http(`${this.url}/ledger/chains`)).json<{ chain: number; size: number }[]>();
    const size = chains.find(({ chain }) => chain === 0)!.size;
    for (let seq = 0; seq < size; seq += 1) {
      const records = [...(await this.persons(`&_asOf=0:${seq}`)).values()].flat();
      expect({ seq, records: records.sort() }).toEqual({ seq, records: [...new Set(records)].sort() });
    }
    return size;
  }

  /** How many times a decision was recorded: submissions whose entries have its reason. */
  async timesDecided({ one, other, reason }: Ruled): Promise<number> {
    const submissions = new Set<string>();
    for (const record of [one, other]) {
      const { id } = await this.personOf(nameOf(record));
      const answer = await http(`${this.url}/persons/${id}/decisions`);
      expect(answer.status).toBe(200);
      const { decisions } = answer.json<{
        decisions: { submission: string; decision?: { steward?: { reason: string } } }[];
      }>();
      for (const { submission, decision } of decisions)
        if (decision?.steward?.reason === reason) submissions.add(submission);
    }
    return submissions.size;
  }

  /** A decision stands: what the steward said of the two is so. */
  async stands(ruled: Ruled): Promise<void> {
    const [one, other] = await Promise.all([ruled.one, ruled.other].map((record) => this.personOf(nameOf(record))));
    expect({ reason: ruled.reason, areOne: one.id === other.id }).toEqual({
      reason: ruled.reason,
      areOne: ruled.areOne,
    });
  }

  async personOf(name: string): Promise<Resource> {
    const answer = await http(`${this.url}/fhir/${name}/$person`);
    expect({ name, status: answer.status }).toEqual({ name, status: 200 });
    return answer.json<Resource & Record<string, unknown>>();
  }

  /** Sends a decision; the status of the answer. */
  async decide({ one, other, areOne, reason }: Ruled): Promise<number> {
    const [person, second] = await Promise.all([this.personOf(nameOf(one)), this.personOf(nameOf(other))]);
    const decision = areOne
      ? { kind: 'merge', other: second.id, reason }
      : { kind: 'unlink', record: nameOf(other), reason };
    const answer = await http(`${this.url}/persons/${person.id}/decisions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(decision),
    });
    return answer.status;
  }

  /** The status of the answer. */
  async send({ source, id, body }: Change): Promise<number> {
    const fhir = new FhirHttp(`${this.url}/fhir/${source}`);
    const answer = body ? await fhir.put(`Patient/${id}`, body) : await fhir.delete(`Patient/${id}`);
    return answer.status;
  }

  private async all(path: string): Promise<Resource[]> {
    const found: Resource[] = [];
    for (let url: string | undefined = `${this.url}/fhir/${path}`; url;) {
      const answer = await http(url);
      expect({ path, status: answer.status }).toEqual({ path, status: 200 });
      const { entry = [], link = [] } = answer.json<{
        entry?: { resource: Resource }[];
        link?: { relation: string; url: string }[];
      }>();
      found.push(...entry.map(({ resource }) => resource));
      url = link.find(({ relation }) => relation === 'next')?.url;
    }
    return found;
  }
}

export function nameOf({ source, id }: Change): string {
  return `${source}/Patient/${id}`;
}

function recordsOf({ link = [] }: Resource): string[] {
  return link
    .map(({ target }) => target.reference.replace(/^.*\/fhir\//, ''))
    .filter((name) => name.includes('/Patient/'));
}
