import { formatPosition, SYSTEM_CHAIN } from '@chartledger/ledger';
import { type Actor, type Answer, ChartledgerError, FHIR_JSON, POSITION_HEADER } from '@chartledger/platform';
import { type Demographics } from '@chartledger/projection';
import { bundleText, type EntryText, type RecordReader, type SourceDirectory } from '@chartledger/records';
import { v7 as uuidv7 } from 'uuid';
import { personFieldsOf } from '../fields/person-fields-of.js';
import { recordName } from '../persons/person-entries.js';
import { type PersonsReader } from '../persons/persons-reader.js';
import { adviceEntry, gradeOf, type GradedCandidate, matchEntry, selectMatches } from './match-answer.js';
import { readMatchRequest } from './match-request.js';
import { isReached } from './matched.js';
import { type Candidate, type CandidateFinder, type Matched } from './ports.js';

/** `POST /fhir/chartledger/Patient/$match`: who of all sources' patients is described? */
export class PatientMatching {
  constructor(
    private readonly finder: CandidateFinder,
    private readonly matched: Matched,
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
    const { candidates, positions, thresholds } = await this.finder.find(
      actor,
      personFieldsOf(request.patient as Demographics, NO_SOURCE),
    );
    await this.decided(candidates);
    const { value: persons, position } = await this.persons.personsOf(actor, candidates);
    const graded = candidates.flatMap((candidate): GradedCandidate[] => {
      const grade = gradeOf(candidate.score, thresholds);
      const person = persons.get(recordName(candidate));
      return grade === 'certainly-not' ? [] : [{ ...candidate, grade, ...(person ? { person } : {}) }];
    });
    const { matches, advice } = selectMatches(graded, request);
    const entries = await Promise.all(matches.map((match) => this.entry(actor, match, root)));
    const found = entries.filter((entry) => entry !== undefined);
    const head = { id: uuidv7(), type: 'searchset', total: found.length };
    const at = [[SYSTEM_CHAIN, position] as const, ...positions].map(([chain, seq]) => formatPosition(chain, seq));
    return {
      status: 200,
      headers: { 'Content-Type': FHIR_JSON, [POSITION_HEADER]: at.join(',') },
      body: bundleText(head, advice.length > 0 ? [...found, adviceEntry(advice)] : found),
    };
  }

  /** The record as it was when it was compared. Undefined for one whose key was destroyed since. */
  private async entry(actor: Actor, match: GradedCandidate, root: string): Promise<EntryText | undefined> {
    const source = await this.sources.get(match.source);
    const key = { source, type: 'Patient', id: match.patient };
    try {
      const { value } = await this.reader.read(actor, key, match.seq);
      return value.body && matchEntry(root, match, value.body);
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
