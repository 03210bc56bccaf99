import { type Actor } from '@chartledger/platform';
import { type Views } from '@chartledger/projection';
import { type PersonFields } from '../engine/person-fields.js';
import { FEATURES } from '../features/features.projection.js';
import { type FollowedPatients } from '../online/followed-patients.js';
import { type Matcher } from '../online/matcher.js';
import { patientKey } from '../persons/person-entries.js';
import { isReached } from './matched.js';
import { type Candidate, type CandidateFinder, type MatchProgress } from './ports.js';

/** Finds candidates in the index of the matcher of this process. */
export class FoundHere implements CandidateFinder {
  /** @param chains those of the sources. */
  constructor(
    private readonly matcher: Pick<Matcher, 'search' | 'matched' | 'index'>,
    private readonly matched: MatchProgress,
    private readonly views: Views,
    private readonly chains: readonly number[],
  ) {}

  /** What was acknowledged before is among the candidates; while a first load is matched, what is there by then. */
  async find(_actor: Actor, fields: PersonFields): ReturnType<CandidateFinder['find']> {
    for (const chain of this.chains) {
      const { applied } = await this.views.upToDate(FEATURES, chain);
      await isReached(this.matched, chain, applied);
    }
    const candidates = this.matcher.search(fields).map(({ score, record }): Candidate => ({
      ...patientKey(record.name),
      seq: record.seq,
      score,
    }));
    const positions = this.chains.map((chain) => [chain, this.matcher.matched(chain) ?? -1] as const);
    return { candidates, positions: new Map(positions), thresholds: this.matcher.index.model.thresholds };
  }
}

/** Finds candidates in an index that this process keeps beside the matcher's, which runs elsewhere. */
export class FoundFollowed implements CandidateFinder {
  constructor(private readonly followed: Pick<FollowedPatients, 'upToDate'>) {}

  async find(_actor: Actor, fields: PersonFields): ReturnType<CandidateFinder['find']> {
    const patients = await this.followed.upToDate();
    const { thresholds } = patients.index.model;
    return { candidates: patients.find(fields), positions: new Map(patients.positions), thresholds };
  }
}
