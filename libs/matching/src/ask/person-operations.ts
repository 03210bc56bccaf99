import { formatPosition, SYSTEM_CHAIN } from '@chartledger/ledger';
import {
  type Actor,
  type Answer,
  entityTag,
  FHIR_JSON,
  FhirError,
  NotFoundError,
  POSITION_HEADER,
} from '@chartledger/platform';
import {
  type AcrossSources,
  type RecordReader,
  type RecordVersion,
  type SourceDirectory,
  type Standpoint,
  SYSTEM,
  withAbsoluteReferences,
} from '@chartledger/records';
import { type PatientKey, recordName } from '../persons/person-entries.js';
import { type PersonsReader, type PersonState } from '../persons/persons-reader.js';
import { crossReferences, type PatientText } from './cross-references.js';
import { everythingBundle, readEverything } from './everything.js';
import { readPixRequest } from './pix-request.js';
import { type MatchProgress } from './ports.js';

/** The operations of FHIR that know who is one person, each as of any moment. */
export class PersonOperations {
  constructor(
    private readonly persons: PersonsReader,
    private readonly matched: MatchProgress,
    private readonly reader: RecordReader,
    private readonly sources: SourceDirectory,
    private readonly across: AcrossSources,
  ) {}

  /** `GET /fhir/{source}/Patient/{id}/$person`: the Person that the record is of. @throws NotFoundError, GoneError. */
  async personOf(
    actor: Actor,
    sourceName: string,
    id: string,
    asOf: string | undefined,
    root: string,
  ): Promise<Answer> {
    const source = await this.sources.get(sourceName);
    const standpoint = this.reader.standpoint(asOf);
    const key = { source, type: 'Patient', id };
    const { value: row } = await this.reader.find(actor, key, await standpoint.on(source.chain));
    if (asOf === undefined) await this.matched.reached(source.chain, row.seq);
    // Both views at once: each may have to write first what it has of the decision.
    const [at] = await Promise.all([systemPosition(standpoint), this.persons.standing()]);
    const { value: person } = await this.persons.versionOf(actor, { source: sourceName, patient: id }, at);
    return {
      status: 200,
      headers: {
        'Content-Type': FHIR_JSON,
        'Content-Location': `${root}/fhir/chartledger/Person/${person.id}/_history/${person.version}`,
        ETag: entityTag(person.version),
        [POSITION_HEADER]: await standpoint.positions(),
      },
      body: withAbsoluteReferences(person.body, person.kind, root),
    };
  }

  /**
   * `GET /fhir/chartledger/Person/{id}/$everything`: the Person, the records that are its, and all that is about it in
   * their sources, a page at a time, each text as its source's base serves it. An absorbed id is answered for the person
   * that it is now. @throws NotFoundError, FhirError (400).
   */
  async everything(actor: Actor, id: string, query: URLSearchParams, root: string): Promise<Answer> {
    const question = readEverything(query);
    const standpoint = this.reader.standpoint(question.asOf);
    const person = await this.survivor(actor, id, standpoint);
    const { value: version } = await this.readPerson(actor, person.id, standpoint);
    const page = await this.across.about(actor, person.members, question, standpoint);
    const at = await standpoint.positions();
    const shown = { id: person.id, body: servedPerson(version, root) };
    return {
      status: 200,
      headers: { 'Content-Type': FHIR_JSON, [POSITION_HEADER]: at },
      body: everythingBundle(
        shown,
        page,
        question,
        query,
        `${root}/fhir/chartledger/Person/${id}/$everything`,
        at,
        root,
      ),
    };
  }

  /**
   * `GET /fhir/chartledger/Patient/$ihe-pix` (IHE PIXm ITI-83, 2:3.83): the other identifiers of whoever has an identifier,
   * and the records that they stand in.
   * @throws FhirError: 400 for a request that cannot be read, 404 where no record has the identifier, 409 where records of
   *   more than one person have it, so that nothing can be said.
   */
  async crossReference(actor: Actor, query: URLSearchParams, root: string): Promise<Answer> {
    const { identifier, targetSystems, asOf } = readPixRequest(query);
    const standpoint = this.reader.standpoint(asOf);
    const found = await this.across.identified(actor, 'Patient', identifier, standpoint);
    if (found.length === 0) throw FhirError.of(404, 'not-found', 'sourceIdentifier Patient Identifier not found');
    if (asOf === undefined) for (const { chain, seq } of found) await this.matched.reached(chain, seq);
    const at = await systemPosition(standpoint);
    const keys = found.map(({ source, id }) => ({ source, patient: id }));
    const persons = new Set((await this.persons.personsOf(actor, keys, at)).value.values());
    if (persons.size > 1) throw FhirError.of(409, 'multiple-matches', SHARED);
    const [id] = persons;
    const members = id === undefined ? keys : (await this.survivor(actor, id, standpoint)).members;
    const parameter = crossReferences(await this.patients(actor, members, standpoint), identifier, targetSystems, root);
    return {
      status: 200,
      headers: { 'Content-Type': FHIR_JSON, [POSITION_HEADER]: await standpoint.positions() },
      body: JSON.stringify({ resourceType: 'Parameters', ...(parameter.length > 0 ? { parameter } : {}) }),
    };
  }

  /** The person that an id leads to. */
  private async survivor(actor: Actor, id: string, standpoint: Standpoint): Promise<PersonState> {
    const at = await systemPosition(standpoint);
    const { value } = await this.persons.person(actor, id, at);
    return value.survivor === id ? value : (await this.persons.person(actor, value.survivor, at)).value;
  }

  private async readPerson(actor: Actor, id: string, standpoint: Standpoint): Promise<{ value: RecordVersion }> {
    return this.reader.read(actor, { source: SYSTEM, type: 'Person', id }, await standpoint.on(SYSTEM_CHAIN));
  }

  private async patients(actor: Actor, keys: readonly PatientKey[], standpoint: Standpoint): Promise<PatientText[]> {
    return Promise.all(
      keys.map(async (key) => {
        const source = await this.sources.get(key.source);
        const position = await standpoint.on(source.chain);
        const { value } = await this.reader.read(actor, { source, type: 'Patient', id: key.patient }, position);
        const patient: unknown = value.body ? JSON.parse(value.body.toString('utf8')) : {};
        return { name: recordName(key), patient: patient as PatientText['patient'] };
      }),
    );
  }
}

const SHARED =
  'records of more than one person have this identifier, so it says of nobody who they are: see GET /fhir/chartledger/Person?identifier=…';
const NOBODY_YET = 'nobody was matched at that moment: ask as of a later one';

/** The moment on the system's chain as its readers are asked for it. @throws NotFoundError before the first entry. */
export async function systemPosition(standpoint: Standpoint): Promise<string> {
  const seq = await standpoint.on(SYSTEM_CHAIN);
  if (seq < 0) throw new NotFoundError(NOBODY_YET);
  return formatPosition(SYSTEM_CHAIN, seq);
}

function servedPerson({ body, envelope }: RecordVersion, root: string): Buffer {
  return withAbsoluteReferences(body!, envelope.kind, root);
}
