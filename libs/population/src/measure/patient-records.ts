import { type Pool } from 'pg';
import { int8Array, run, textArray } from '@chartledger/database';
import { scanResource } from '@chartledger/fhir';
import { type Positions } from '@chartledger/ledger';
import { type Actor } from '@chartledger/platform';
import { servedText, type EntryOpener, type Views } from '@chartledger/projection';
import { type Tokens } from '@chartledger/security';
import { versionsOf, versionsWithFew, versionsWithMany, type VersionWith } from './patient-data.queries.js';
import { isShared, numberOf, patientTokens } from './patient-tokens.js';
import { type Member, type Subject } from './subjects.js';

/** A version of a record that the logic is given. */
export interface Place {
  chain: number;
  seq: number;
  source: string;
  type: string;
  id: string;
  version: number;
}

/** Where the records of a subject's compartments are, those of its first member first, in the order of the ledger. */
export interface SubjectPlaces {
  subject: Subject;
  places: Place[];
}

/** The records of a subject, and where they are. */
export interface SubjectRecords extends SubjectPlaces {
  /** The records as they are served. */
  texts: Buffer[];
}

/** Up to so many patients are looked up in the index of tokens; more are found by reading the table once. */
const FEW_PATIENTS = 16;

type Version = Pick<Place, 'seq' | 'type' | 'id' | 'version'>;

/**
 * The records of patients as of any position. A patient's are those of its compartment
 * (http://hl7.org/fhir/R4/compartmentdefinition-patient.html), and the records of other types (Medication, Location, …)
 * that they refer to.
 */
export class PatientRecords {
  constructor(
    private readonly pool: Pool,
    private readonly views: Views,
    private readonly opener: EntryOpener,
    private readonly tokens: Tokens,
  ) {}

  /** Where the records of some subjects are: one look-up for all of a source. */
  async find(
    _actor: Actor,
    subjects: readonly Subject[],
    types: readonly string[],
    positions: Positions,
  ): Promise<SubjectPlaces[]> {
    const answers: SubjectPlaces[] = subjects.map((subject) => ({ subject, places: [] }));
    const members = subjects.flatMap(({ members }, owner) => members.map((member) => ({ member, owner })));
    const sources = new Map(members.map(({ member: { source, chain } }) => [source, chain]));
    // By name: what a subject is given does not depend on who else is asked for.
    for (const [source, chain] of [...sources].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const own = members.filter(({ member }) => member.source === source);
      for (const [owner, version] of await this.versions(own, source, chain, types, positions.get(chain) ?? -1)) {
        answers[owner].places.push({ chain, source, ...version });
      }
    }
    return answers;
  }

  /** What the logic is given of subjects that were found; one whose key was destroyed has no texts. */
  async read(
    _actor: Actor,
    found: readonly SubjectPlaces[],
    types: readonly string[],
    positions: Positions,
  ): Promise<SubjectRecords[]> {
    const answers: SubjectRecords[] = found.map(({ subject }) => ({ subject, places: [], texts: [] }));
    const all = found.flatMap(({ places }, owner) => places.map((place) => ({ place, owner })));
    const add = ({ owner, place }: (typeof all)[number], text: Buffer | undefined): void => {
      if (!text) return;
      answers[owner].places.push(place);
      answers[owner].texts.push(text);
    };
    const shared = types.filter(isShared);
    for (const source of [...new Set(all.map(({ place }) => place.source))].sort()) {
      const own = all.filter(({ place }) => place.source === source);
      const { chain } = own[0].place;
      const texts = await this.texts(
        chain,
        own.map(({ place }) => place),
      );
      own.forEach((one, index) => add(one, texts[index]));
      if (shared.length === 0) continue;
      const referred = own.map(({ owner }, index) => ({ owner, text: texts[index] }));
      for (const { place, text, owners } of await this.shared(referred, source, chain, shared, positions.get(chain)!)) {
        for (const owner of owners) add({ owner, place }, text);
      }
    }
    return answers.map(withOnePatient);
  }

  /** With whose they are: the Patients first, then in the order of the ledger. */
  private async versions(
    members: readonly { member: Member; owner: number }[],
    source: string,
    chain: number,
    types: readonly string[],
    position: number,
  ): Promise<[owner: number, version: Version][]> {
    const { schema } = this.views.view('records', chain);
    const owners = new Map(members.map(({ member, owner }) => [member.patient, owner]));
    const ownerOf = new Map<string, number>();
    const asked = members.flatMap(({ member, owner }) => {
      const tokens = patientTokens(this.tokens, source, member.patient, types);
      for (const token of tokens) ownerOf.set(numberOf(token), owner);
      return tokens;
    });
    const withTokens = members.length <= FEW_PATIENTS ? versionsWithFew(schema) : versionsWithMany(schema);
    const [patients, others] = await Promise.all([
      run<Version>(this.pool, versionsOf(schema), [
        source,
        textArray(members.map(() => 'Patient')),
        textArray([...owners.keys()]),
        position,
      ]),
      run<VersionWith>(this.pool, withTokens, [int8Array(asked), chain, position, textArray(types)]),
    ]);
    patients.sort((a, b) => (a.id < b.id ? -1 : 1));
    others.sort((a, b) => a.seq - b.seq);
    const last = new Map<number, number>();
    const carried = others.flatMap(({ token, ...version }): [number, Version][] => {
      const owner = ownerOf.get(token)!;
      // A record that says `patient` and `subject` carries two tokens of the same patient.
      if (last.get(owner) === version.seq) return [];
      last.set(owner, version.seq);
      return [[owner, version]];
    });
    return [...patients.map((row): [number, Version] => [owners.get(row.id)!, row]), ...carried];
  }

  /** The records of types without a patient, such as Medication, that texts refer to. */
  private async shared(
    referring: readonly { owner: number; text: Buffer | undefined }[],
    source: string,
    chain: number,
    types: readonly string[],
    position: number,
  ): Promise<{ place: Place; text: Buffer | undefined; owners: Iterable<number> }[]> {
    const wanted = new Map<string, Set<number>>();
    for (const { owner, text } of referring) {
      for (const { value } of text ? scanResource(text).references : []) {
        const [type, id] = value.split('/');
        if (!types.includes(type) || id === undefined) continue;
        const record = `${type}/${id}`;
        wanted.set(record, (wanted.get(record) ?? new Set()).add(owner));
      }
    }
    const names = [...wanted.keys()].sort().map((record) => record.split('/'));
    const { schema } = this.views.view('records', chain);
    const rows = await run<Version>(this.pool, versionsOf(schema), [
      source,
      textArray(names.map(([type]) => type)),
      textArray(names.map(([, id]) => id)),
      position,
    ]);
    const texts = await this.texts(chain, rows);
    return rows.map((row, index) => ({
      place: { chain, source, ...row },
      text: texts[index],
      owners: wanted.get(`${row.type}/${row.id}`)!,
    }));
  }

  private async texts(chain: number, rows: readonly { seq: number }[]): Promise<(Buffer | undefined)[]> {
    if (rows.length === 0) return [];
    const stored = await this.views.ledger.get(
      chain,
      rows.map(({ seq }) => seq),
    );
    const opened = await this.opener.open(stored.map((entry) => entry!));
    return opened.map(({ envelope, content }) => content && servedText(envelope, content.header, content.text));
  }
}

/**
 * The records with one Patient: logic of CQL knows exactly one. Of a person's it is the first that can be read, by source
 * and id; what the others say of sex or birth is left out, their records are not.
 */
export function withOnePatient({ subject, places, texts }: SubjectRecords): SubjectRecords {
  const first = places.findIndex(({ type }) => type === 'Patient');
  const isKept = (index: number): boolean => index === first || places[index].type !== 'Patient';
  return {
    subject,
    places: places.filter((_, index) => isKept(index)),
    texts: texts.filter((_, index) => isKept(index)),
  };
}
