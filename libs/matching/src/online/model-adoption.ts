import { BadRequestError, FhirError, UnavailableError, type Actor } from '@chartledger/platform';
import { formatPosition, parsePositions, SYSTEM_CHAIN } from '@chartledger/ledger';
import { systemSubmission } from '@chartledger/sequence';
import { MatchEngine } from '../engine/match-engine.js';
import { type Model } from '../engine/model.js';
import { PERSONS } from '../persons/persons.projection.js';
import { readStanding } from '../persons/standing-persons.js';
import { type StewardContext } from '../steward/steward.service.js';
import { basisOf, fenceEntry } from './decision-entries.js';
import { modelEntry } from './model-entry.js';

const MAX_TRIES = 8;

/** Makes a model the one that everybody is matched by: an entry, and from then on the matcher goes over all records. */
export class ModelAdoption {
  constructor(private readonly context: Omit<StewardContext, 'opener'>) {}

  /** @returns the position of its entry. @throws BadRequestError for what is no model of this program. */
  async adopt(actor: Actor, model: Model): Promise<string> {
    try {
      new MatchEngine(model);
    } catch (error) {
      throw new BadRequestError(`this is no model that this program can match by: ${(error as Error).message}`);
    }
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const position = await this.context.lock.run(() => this.tryOnce(actor, model));
      if (position !== undefined) return position;
    }
    throw new UnavailableError('others decide on persons all the time: send the model again');
  }

  /** Undefined: somebody else decided first. */
  private async tryOnce(actor: Actor, model: Model): Promise<string | undefined> {
    const { pool, views, ids, submit } = this.context;
    const { schema, applied } = await views.upToDate(PERSONS, SYSTEM_CHAIN);
    const standing = await readStanding(pool, schema, applied);
    const progress = standing.fence?.progress;
    const basis = basisOf(standing, parsePositions(progress?.matched ?? '') ?? new Map<number, number>());
    const id = ids.submission(standing.fence?.version ?? 0, basis, `model ${model.version}`);
    const changes = [
      modelEntry(model),
      fenceEntry(standing, { ...progress, matched: progress?.matched ?? '', submission: id }),
    ];
    try {
      const { seq } = await submit(systemSubmission({ actor, id, requestId: id, changes }));
      return formatPosition(SYSTEM_CHAIN, seq - 1);
    } catch (error) {
      if (error instanceof FhirError && error.status === 412) return undefined;
      throw error;
    }
  }
}
