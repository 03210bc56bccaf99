import { type Pool } from 'pg';
import { formatPosition, SYSTEM_CHAIN } from '@chartledger/ledger';
import { type Actor } from '@chartledger/platform';
import { type EntryOpener, type Views } from '@chartledger/projection';
import { type Stage } from '../batch/stage-progress.js';
import { DEFAULT_MODEL } from '../engine/default-model.js';
import { seqOf } from '../online/known-state.js';
import { type Matcher } from '../online/matcher.js';
import { type Progress } from '../persons/person-entries.js';
import { PERSONS } from '../persons/persons.projection.js';
import { readStanding } from '../persons/standing-persons.js';
import { type Positioned } from './persons.service.js';

/** A model that was adopted; of the one that ships the version alone. */
export interface NamedModel {
  version: string;
  position?: string;
  time?: string;
  actor?: string;
  reason?: string;
}

/** How far the records are matched anew. */
export interface Rematching {
  /** The version that they are matched under. */
  model: string;
  /** `preparing`: all are compared, nothing is changed yet. `deciding`: what comes out otherwise is recorded. */
  state: 'preparing' | 'deciding';
  stage?: Stage;
  /** Of the state, 0 to 1; absent where it is not known here. */
  share?: number;
  /** While it is decided: records that are decided on, and how many there are about whom the model decides otherwise. */
  done?: number;
  total?: number;
  secondsLeft?: number;
}

/** `GET /persons/model`. */
export interface ModelStatusAnswer {
  /** The one that was adopted last. */
  model: NamedModel;
  /** The one that every record was matched under last, while that is another. */
  before?: NamedModel;
  rematching?: Rematching;
  /** Patient changes up to here are matched, one a chain. */
  matched: string;
}

/** Below it a guess of the time that is left is worth nothing. */
const LEAST_SHARE = 0.02;

/** Which model patients are matched by, and how far it is with one that was adopted. */
export class ModelStatus {
  /** @param preparing what the matcher of this process gets ready, where it runs here. */
  constructor(
    private readonly pool: Pool,
    private readonly views: Views,
    private readonly opener: EntryOpener,
    private readonly preparing: () => Matcher['preparing'] = () => undefined,
    private readonly now: () => number = Date.now,
  ) {}

  async status(_actor: Actor): Promise<Positioned<ModelStatusAnswer>> {
    const { schema, applied } = await this.views.upToDate(PERSONS, SYSTEM_CHAIN);
    const standing = await readStanding(this.pool, schema, applied);
    const progress = standing.fence?.progress;
    const model = await this.named(standing.model);
    const under = seqOf(progress?.model);
    const value: ModelStatusAnswer = {
      model,
      ...(under === standing.model
        ? {}
        : { before: await this.named(under), rematching: this.rematching(model, standing.model, progress) }),
      matched: progress?.matched ?? '',
    };
    return { value, position: formatPosition(SYSTEM_CHAIN, applied) };
  }

  private rematching({ version }: NamedModel, seq: number | undefined, progress: Progress | undefined): Rematching {
    const adopting = progress?.adopting;
    if (adopting && seqOf(adopting.model) === seq) {
      const { done, total, since } = adopting;
      const share = total === 0 ? 1 : done / total;
      return { model: version, state: 'deciding', done, total, ...this.left(share, Date.parse(since)) };
    }
    const preparing = this.preparing();
    if (preparing?.model !== seq || preparing === undefined) return { model: version, state: 'preparing' };
    const { stage, share } = preparing.at;
    return { model: version, state: 'preparing', stage, ...this.left(share, preparing.startedMs) };
  }

  private left(share: number, sinceMs: number): Pick<Rematching, 'share' | 'secondsLeft'> {
    const seconds = (this.now() - sinceMs) / 1000;
    if (share < LEAST_SHARE) return { share };
    return { share, secondsLeft: Math.max(0, Math.round((seconds * (1 - share)) / share)) };
  }

  private async named(seq: number | undefined): Promise<NamedModel> {
    if (seq === undefined) return { version: DEFAULT_MODEL.version };
    const [stored] = await this.views.ledger.get(SYSTEM_CHAIN, [seq]);
    const [{ envelope, content }] = await this.opener.open([stored!]);
    const { version, reason } = (content?.header.decision ?? {}) as Partial<NamedModel>;
    const position = formatPosition(SYSTEM_CHAIN, seq);
    const { time, actor } = envelope;
    return { version: version ?? position, position, time, actor, ...(reason === undefined ? {} : { reason }) };
  }
}
