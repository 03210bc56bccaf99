import { headAfter, link, type Head, type Ledger, type LinkedEntry } from '@chartledger/ledger';
import {
  failSpan,
  FhirError,
  UnavailableError,
  type Clock,
  type Logger,
  type Metrics,
  type Span,
} from '@chartledger/platform';
import { type EntryOpener, type ViewSet } from '@chartledger/projection';
import { type DataKeys } from '@chartledger/security';
import { decide, type Decision } from './decide.js';
import { type Grounds } from './grounds.js';
import { groupLength, projected, type Appended, type Group, type Ruled } from './group.js';
import { outcomeOf, repeatedOutcome } from './outcome.js';
import { questionsOf } from './questions.js';
import { seal } from './seal.js';
import { traceAppend, traceGroup } from './sequence-trace.js';
import { type Outcome, type Submission } from './submission.js';
import { awaited, type Waiting } from './waiting.js';

export interface SequencerContext {
  ledger: Ledger;
  views: ViewSet;
  keys: DataKeys;
  opener: EntryOpener;
  grounds: Grounds;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Told of every entry once it is durable, in order, before the callers are answered. */
  onAppended: (entries: readonly LinkedEntry[]) => void;
  /** Told of the chain's true head after an append of unknown outcome: entries may be durable that were never told of. */
  onRecovered: (head: Head) => void;
}

/**
 * The one place with an opinion about order, for one chain. Submissions that wait together are decided, encrypted, linked
 * and appended together; while one group becomes durable the next is prepared on the assumption that it will.
 */
export class Sequencer {
  private readonly queue: Waiting[] = [];
  private wake: (() => void) | undefined;
  private head!: Head;
  private stopping = false;
  private running: Promise<void> | undefined;
  private appending: Promise<Appended | undefined> = Promise.resolve(undefined);
  private mustRecover = false;

  constructor(
    private readonly context: SequencerContext,
    readonly chain: number,
  ) {}

  /** The views MUST be running. */
  async start(): Promise<void> {
    this.head = await this.context.ledger.head(this.chain);
    this.running = this.run();
  }

  /** Refuses new submissions and finishes those that wait. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake?.();
    await this.running;
  }

  /** How many submissions wait. */
  get waiting(): number {
    return this.queue.length;
  }

  /**
   * Resolves when the submission's entries are durable. Rejects with a FhirError when it is refused; with
   * UnavailableError when it is not known whether it was appended: the same submission may then be sent again.
   */
  submit(submission: Submission): Promise<Outcome> {
    if (this.stopping) return Promise.reject(new UnavailableError('the server is stopping: send the request again'));
    return new Promise((resolve, reject) => {
      this.queue.push(awaited(this.context.metrics, this.chain, submission, resolve, reject));
      this.wake?.();
    });
  }

  private async run(): Promise<void> {
    for (;;) {
      if (this.queue.length === 0) {
        this.settle(await this.appended());
        if (this.mustRecover) await this.recover().catch((error: Error) => this.cannotRecover(error));
        if (this.queue.length === 0) {
          if (this.stopping) return;
          await new Promise<void>((resolve) => (this.wake = resolve));
          this.wake = undefined;
          continue;
        }
      }
      await this.step();
    }
  }

  /** Takes one group through: decide and encrypt beside the append of the group before, then append. */
  private async step(): Promise<void> {
    const waiting = this.queue.splice(0, groupLength(this.queue));
    const span = traceGroup(this.chain, waiting);
    try {
      if (this.mustRecover) await this.recover();
      await this.context.views.haveRoom(this.chain);
      const group = await this.prepare(waiting, span);
      const before = await this.appended();
      const isExpected = before?.isDurable !== false;
      // The ledger has its next group before the callers of the last one are answered.
      if (isExpected) this.appending = this.append(group);
      else failSpan(span, 'again');
      this.settle(before, isExpected ? [] : waiting);
    } catch (error) {
      this.mustRecover = true;
      failSpan(span, 'failed');
      this.context.logger.error(
        { stage: 'sequence', chain: this.chain, error: (error as Error).message },
        'a group could not be sequenced',
      );
      this.settle(await this.appended());
      for (const { reject } of waiting) reject(new UnavailableError('the change could not be recorded: send it again'));
    }
  }

  private async prepare(waiting: readonly Waiting[], span: Span | undefined): Promise<Group> {
    const { grounds, keys, clock } = this.context;
    const submissions = waiting.map(({ submission }) => submission);
    await grounds.registry.load(questionsOf(grounds.tokens, submissions));
    const now = clock.now();
    const ruled: Ruled[] = [];
    const decisions: Decision[] = [];
    for (const one of waiting) {
      const ruling = this.rule(one.submission, this.head.seq + 1 + decisions.length, now);
      ruled.push({ waiting: one, ruling, offset: decisions.length });
      if ('decisions' in ruling) for (const decision of ruling.decisions) decisions.push(decision);
    }
    const drafts = await seal(keys, decisions);
    const head = this.head;
    const entries = link(head, drafts, now);
    this.head = headAfter(head, entries);
    return { head, entries, decisions, ruled, span };
  }

  private rule(submission: Submission, firstSeq: number, now: number): Ruled['ruling'] {
    const { grounds } = this.context;
    const before = submission.repeatable ? grounds.registry.submission(submission.id) : undefined;
    if (before) return { repeats: before };
    try {
      return decide(grounds, submission, firstSeq, now);
    } catch (error) {
      if (error instanceof FhirError) return { error };
      throw error;
    }
  }

  /** Never rejects. */
  private async append(group: Group): Promise<Appended> {
    const { ledger, logger, metrics } = this.context;
    const chain = String(this.chain);
    const observeSeconds = metrics.appendSeconds.startTimer({ chain });
    const span = traceAppend(group);
    try {
      if (group.entries.length > 0 && !(await ledger.append(group.head, group.entries))) {
        metrics.appendLostRaces.inc({ chain });
        failSpan(span, 'again');
        logger.warn(
          { stage: 'append', chain: this.chain },
          'another writer extended the chain; the group is sequenced again',
        );
        return { group, isDurable: false };
      }
      observeSeconds();
      metrics.appendEntries.inc({ chain }, group.entries.length);
      metrics.sequenceGroup.observe({ chain }, group.entries.length);
      span?.end();
      return { group, isDurable: true };
    } catch (error) {
      metrics.appendUnknown.inc({ chain });
      failSpan(span, 'unknown');
      failSpan(group.span, 'unknown');
      logger.error(
        { stage: 'append', chain: this.chain, error: (error as Error).message },
        'the outcome of an append is unknown',
      );
      const message =
        'it is not known whether the change was recorded: send it again with the same Idempotency-Key, or read the record first';
      for (const { waiting } of group.ruled) waiting.reject(new UnavailableError(message));
      return { group: { ...group, ruled: [], span: undefined }, isDurable: false };
    }
  }

  /** Waits for the group that is being appended, if any. Each is given out once. */
  private async appended(): Promise<Appended | undefined> {
    const appended = await this.appending;
    this.appending = Promise.resolve(undefined);
    return appended;
  }

  /**
   * Tells of a group that is durable now. One that did not come to be waits again, before those whose group stood on it.
   */
  private settle(appended: Appended | undefined, prepared: readonly Waiting[] = []): void {
    if (!appended) return;
    const { group, isDurable } = appended;
    if (isDurable) {
      this.context.onAppended(group.entries);
      this.context.views.publish(this.chain, projected(group));
      group.span?.end();
      this.answer(group);
    } else {
      failSpan(group.span, 'again');
      this.queue.unshift(...group.ruled.map(({ waiting }) => waiting), ...prepared);
      this.mustRecover = true;
    }
  }

  /** Takes the chain's true head, and forgets every decision that was not appended. */
  private async recover(): Promise<void> {
    const { ledger, views, grounds } = this.context;
    this.head = await ledger.head(this.chain);
    for (const view of views.all()) {
      if (view.chain !== this.chain) continue;
      view.feed.announce(this.head.seq);
      await view.reached(this.head.seq);
    }
    grounds.registry.reset();
    this.context.onRecovered(this.head);
    this.mustRecover = false;
  }

  /** The next submission tries again, and is told if that fails too. */
  private cannotRecover(error: Error): void {
    this.context.logger.error(
      { stage: 'sequence', chain: this.chain, error: error.message },
      'the head of the chain cannot be read',
    );
  }

  private answer({ ruled, entries, head }: Group): void {
    const last = entries.length > 0 ? entries[entries.length - 1].seq : head.seq;
    for (const { waiting, ruling, offset } of ruled) {
      if ('error' in ruling) waiting.reject(ruling.error);
      else if ('repeats' in ruling) void this.answerRepeated(waiting, ruling.repeats);
      else waiting.resolve(outcomeOf(waiting.submission, ruling, entries, offset, last));
    }
  }

  /** Never rejects: nothing else waits for it. */
  private async answerRepeated(waiting: Waiting, { seq, parts }: { seq: number; parts: number }): Promise<void> {
    const { ledger, opener, logger } = this.context;
    try {
      const stored = await ledger.get(
        this.chain,
        Array.from({ length: parts }, (_, part) => seq + part),
      );
      waiting.resolve(repeatedOutcome(waiting.submission, await opener.open(stored.map((entry) => entry!))));
    } catch (error) {
      logger.error(
        { stage: 'sequence', chain: this.chain, error: (error as Error).message },
        'what was recorded before cannot be read',
      );
      waiting.reject(
        new UnavailableError('this submission was recorded before, and cannot be read now: send it again'),
      );
    }
  }
}
