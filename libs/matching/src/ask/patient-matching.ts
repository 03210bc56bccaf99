import { formatPosition, SYSTEM_CHAIN } from '@chartledger/ledger';
import { type Actor, type Answer, ChartledgerError, FHIR_JSON, POSITION_HEADER } from '@chartledger/platform';
import { type Demographics } from '@chartledger/projection';
import { bundleText, type RecordReader, type SourceDirectory } from '@chartledger/records';
import { v7 as uuidv7 } from 'uuid';
import { personFieldsOf } from '../fields/person-fields-of.js';
import { type MatchEngine } from '../engine/match-engine.js';
import { type PersonFields } from '../engine/person-fields.js';
import { recordName, type RecordName } from '../persons/person-entries.js';
import { type PersonsReader } from '../persons/persons-reader.js';
import { adviceEntry, type GradedCandidate, matchEntry, selectMatches } from './match-answer.js';
import { readMatchRequest } from './match-request.js';
import { isReached } from './matched.js';
import { type ModelsInForce } from './model-in-force.js';
import { type Candidate, type CandidateFinder, type MatchProgress } from './ports.js';

/** `POST /fhir/chartledger/Patient/$match`: who of all sources' patients is described? */
export class PatientMatching {
  constructor(
    private readonly finder: CandidateFinder,
    private readonly matched: MatchProgress,
    private readonly models: Pick<ModelsInForce, 'engine'>,
    private readonly persons: PersonsReader,
    private readonly reader: RecordReader,
    private readonly sources: SourceDirectory,
  ) {}

  /**
   * A searchset Bundle, the best match first; records of one person follow in the order of their scores, each with the
   * person's reference. Nothing is recorded of what was asked for but that it was.
   * @param root the server's URL.
   * @throws FhirError (400) that names the element.
   */
  async match(actor: Actor, body: Buffer, root: string): Promise<Answer> {
    const request = readMatchRequest(body);
    const described = personFieldsOf(request.patient as Demographics, NO_SOURCE);
    const { candidates, positions } = await this.finder.find(actor, described);
    const nearest = candidates.slice(0, MAX_COMPARED);
    await this.decided(nearest);
    const { value: persons, position } = await this.persons.personsOf(actor, nearest);
    const engine = await this.models.engine(position);
    const graded = await Promise.all(
      nearest.map((candidate) => this.compared(actor, candidate, engine, described, persons)),
    );
    const { matches, advice } = selectMatches(
      graded.filter((candidate) => candidate !== undefined).sort((a, b) => b.score - a.score),
      request,
    );
    const entries = matches.map((match) => matchEntry(root, match));
    const at = [[SYSTEM_CHAIN, position] as const, ...positions].map(([chain, seq]) => formatPosition(chain, seq));
    return {
      status: 200,
      headers: { 'Content-Type': FHIR_JSON, [POSITION_HEADER]: at.join(',') },
      body: bundleText(
        { id: uuidv7(), type: 'searchset', total: entries.length },
        advice.length > 0 ? [...entries, adviceEntry(advice)] : entries,
      ),
    };
  }

  /** The record as it was found, with its grade. Undefined for one that is none, or whose key was destroyed since. */
  private async compared(
    actor: Actor,
    candidate: Candidate,
    engine: MatchEngine,
    described: PersonFields,
    persons: ReadonlyMap<RecordName, string>,
  ): Promise<GradedCandidate | undefined> {
    const { source: name, patient: id, seq } = candidate;
    const source = await this.sources.get(name);
    try {
      const { value } = await this.reader.read(actor, { source, type: 'Patient', id }, seq);
      if (!value.body) return undefined;
      const fields = personFieldsOf(JSON.parse(value.body.toString('utf8')) as Demographics, name);
      const { grade, score } = engine.compare(engine.prepare(described), engine.prepare(fields));
      if (grade === 'certainly-not') return undefined;
      const person = persons.get(recordName(candidate));
      return { ...candidate, score, grade, body: value.body, ...(person ? { person } : {}) };
    } catch (error) {
      if (error instanceof ChartledgerError && (error.status === 404 || error.status === 410)) return undefined;
      throw error;
    }
  }

  /** Whose a candidate is must be known: it is matched by now, unless a first load is under way. */
  private async decided(candidates: readonly Candidate[]): Promise<void> {
    for (const { source, seq } of candidates) {
      const { chain } = await this.sources.get(source);
      if (!(await isReached(this.matched, chain, seq))) return;
    }
  }
}

/** An identifier without a system is of no source that there is. */
const NO_SOURCE = '';
/** Records at or above the review threshold that are read: more than anybody looks at. */
const MAX_COMPARED = 200;
