import { setTimeout as delay } from 'node:timers/promises';
import { type Pool } from 'pg';
import { run } from '@chartledger/database';
import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { UnavailableError } from '@chartledger/platform';
import { type Views } from '@chartledger/projection';
import { type Matcher } from '../online/matcher.js';
import { matchedUpTo } from '../persons/persons.queries.js';
import { PERSONS } from '../persons/persons.projection.js';
import { type MatchProgress } from './ports.js';

/** A Patient is matched within milliseconds; longer it takes while a first load is matched, or where nobody matches. */
const PATIENCE_MS = 10_000;
/** How often the view is looked at where another process matches. */
const LOOK_MS = 10;

/** Waits for the matcher of this process. */
export class MatchedHere implements MatchProgress {
  constructor(
    private readonly matcher: Pick<Matcher, 'reached'>,
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  async reached(chain: number, seq: number): Promise<void> {
    const patience = new AbortController();
    const late = delay(this.patienceMs, undefined, { signal: patience.signal }).then(
      () => {
        throw notMatched(chain, seq);
      },
      () => undefined,
    );
    try {
      await Promise.race([this.matcher.reached(chain, seq), late]);
    } finally {
      patience.abort();
    }
  }
}

/** Waits for the matcher of another process, by what it has recorded. `seq` MUST be of a version of a Patient: of others it records nothing. */
export class MatchedElsewhere implements MatchProgress {
  constructor(
    private readonly pool: Pool,
    private readonly views: Views,
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  async reached(chain: number, seq: number): Promise<void> {
    const deadline = performance.now() + this.patienceMs;
    while ((await this.matched(chain)) < seq) {
      if (performance.now() > deadline) throw notMatched(chain, seq);
      await delay(LOOK_MS);
    }
  }

  private async matched(chain: number): Promise<number> {
    const { schema } = await this.views.upToDate(PERSONS, SYSTEM_CHAIN);
    const [row] = await run<{ seq: number }>(this.pool, matchedUpTo(schema), [chain]);
    return row?.seq ?? -1;
  }
}

/** Whether the changes of the chain are matched up to `seq`, waited for; false while a first load is matched. */
export async function isReached(matched: MatchProgress, chain: number, seq: number): Promise<boolean> {
  try {
    await matched.reached(chain, seq);
    return true;
  } catch (error) {
    if (error instanceof UnavailableError) return false;
    throw error;
  }
}

function notMatched(chain: number, seq: number): UnavailableError {
  return new UnavailableError(
    `the changes of chain ${chain} are not matched up to ${seq} yet: ask again, or as of an earlier moment`,
  );
}
