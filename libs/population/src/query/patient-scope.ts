import { SYSTEM_SOURCE, formatPosition, type Positions } from '@chartledger/ledger';
import { ChartledgerError, FhirError, type Actor } from '@chartledger/platform';
import { type RecordReader, type Source, type SourceDirectory } from '@chartledger/records';
import { linkedPatients } from '../store/person-links.js';

const RECORD = /(?:^|\/)(?:([a-z0-9-]{1,64})\/)?(Patient|Person|Group)\/([A-Za-z0-9.-]{1,64})$/;

/** Finds whom `patient` and `group` of a question mean. */
export class PatientScope {
  constructor(
    private readonly sources: SourceDirectory,
    private readonly reader: RecordReader,
  ) {}

  /**
   * The patients, as `source/Patient/id`: those that are named, all of a person, all members of a group; undefined where
   * nobody is named.
   * @throws FhirError (400) for one that cannot be found.
   */
  async resolve(
    actor: Actor,
    { patients, groups }: { patients: readonly string[]; groups: readonly string[] },
    asOf: Positions | undefined,
  ): Promise<string[] | undefined> {
    if (patients.length === 0 && groups.length === 0) return undefined;
    const found = new Set<string>();
    for (const reference of patients) for (const one of await this.patients(actor, reference, asOf)) found.add(one);
    if (groups.length === 0) return [...found];
    const members = new Set<string>();
    for (const reference of groups) for (const one of await this.members(actor, reference, asOf)) members.add(one);
    return patients.length === 0 ? [...members] : [...found].filter((one) => members.has(one));
  }

  private async patients(actor: Actor, reference: string, asOf: Positions | undefined): Promise<string[]> {
    const [, source = SYSTEM_SOURCE, type, id] = RECORD.exec(reference) ?? [];
    if (type === 'Person') {
      return linkedPatients(await this.read(actor, 'patient', reference, { source: SYSTEM_SOURCE, type, id }, asOf));
    }
    if (type !== 'Patient') throw notFound('patient', reference);
    await this.read(actor, 'patient', reference, { source, type, id }, asOf);
    return [`${source}/Patient/${id}`];
  }

  private async members(actor: Actor, reference: string, asOf: Positions | undefined): Promise<string[]> {
    const [, source = SYSTEM_SOURCE, type, id] = RECORD.exec(reference) ?? [];
    if (type !== 'Group') throw notFound('group', reference);
    const group = (await this.read(actor, 'group', reference, { source, type, id }, asOf)) as {
      member?: { entity?: { reference?: unknown }; inactive?: unknown }[];
    };
    const references = (Array.isArray(group.member) ? group.member : [])
      .filter(({ inactive }) => inactive !== true)
      .map(({ entity }) => RECORD.exec(typeof entity?.reference === 'string' ? entity.reference : ''));
    return references.flatMap((match) =>
      match?.[2] === 'Patient' ? [`${match[1] ?? source}/Patient/${match[3]}`] : [],
    );
  }

  private async read(
    actor: Actor,
    parameter: string,
    reference: string,
    record: { source: string; type: string; id: string },
    asOf: Positions | undefined,
  ): Promise<unknown> {
    const source = await this.sources.find(record.source);
    if (!source) throw notFound(parameter, reference);
    try {
      const { value } = await this.reader.read(actor, { ...record, source }, momentOf(source, asOf));
      return JSON.parse(value.body!.toString('utf8'));
    } catch (error) {
      if (error instanceof ChartledgerError && (error.status === 404 || error.status === 410)) {
        throw notFound(parameter, reference);
      }
      throw error;
    }
  }
}

function momentOf({ chain }: Source, asOf: Positions | undefined): string | undefined {
  const seq = asOf?.get(chain);
  return seq === undefined || seq < 0 ? undefined : formatPosition(chain, seq);
}

function notFound(parameter: string, reference: string): FhirError {
  return FhirError.of(
    400,
    'not-found',
    `there is no ${reference.slice(0, 200)}: name a patient as SOURCE/Patient/ID or Person/ID, a group as SOURCE/Group/ID, or by their full URLs`,
    parameter,
  );
}
