import { BadRequestError, FhirError, UnavailableError, type Actor } from '@chartledger/platform';
import { formatPosition, parsePositions, SYSTEM_CHAIN } from '@chartledger/ledger';
import { systemSubmission } from '@chartledger/sequence';
import { type Model } from '../engine/model.js';
import { ModelFault, readModel } from '../engine/read-model.js';
import { PERSONS } from '../persons/persons.projection.js';
import { readStanding } from '../persons/standing-persons.js';
import { type StewardContext } from '../steward/steward.service.js';
import { basisOf, fenceEntry } from './decision-entries.js';
import { modelEntry } from './model-entry.js';

const MAX_TRIES = 8;

export interface ModelToAdopt {
  /** As it came from outside. */
  model: unknown;
  /** Kept with the entry for good. */
  reason: string;
}

export interface AdoptedModel {
  position: string;
  version: string;
}

/** Makes a model the one that everybody is matched by: an entry, and from then on the matcher goes over all records. */
export class ModelAdoption {
  constructor(private readonly context: Omit<StewardContext, 'opener'>) {}

  /**
   * Resolves when the entry is durable. A model that was in force before may be adopted again.
   * @returns the position of its entry.
   * @throws BadRequestError that names the place in it, for what is no model of this program; UnavailableError.
   */
  async adopt(actor: Actor, { model: given, reason }: ModelToAdopt): Promise<AdoptedModel> {
    const model = checked(given);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const position = await this.context.lock.run(() => this.tryOnce(actor, model, reason));
      if (position !== undefined) return { position, version: model.version };
    }
    throw new UnavailableError('others decide on persons all the time: send the model again');
  }

  /** Undefined: somebody else decided first. */
  private async tryOnce(actor: Actor, model: Model, reason: string): Promise<string | undefined> {
    const { pool, views, ids, submit } = this.context;
    const { schema, applied } = await views.upToDate(PERSONS, SYSTEM_CHAIN);
    const standing = await readStanding(pool, schema, applied);
    const progress = standing.fence?.progress;
    const basis = basisOf(standing, parsePositions(progress?.matched ?? '') ?? new Map<number, number>());
    const id = ids.submission(
      standing.fence?.version ?? 0,
      basis,
      JSON.stringify([actor.client, model.version, reason]),
    );
    const changes = [
      modelEntry(model, reason),
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

function checked(given: unknown): Model {
  try {
    return readModel(given);
  } catch (error) {
    if (error instanceof ModelFault) throw new BadRequestError(`model: ${error.message}`);
    throw error;
  }
}
