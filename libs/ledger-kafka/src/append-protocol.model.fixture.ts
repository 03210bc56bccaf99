import { emptyHead, link, type Head, type LinkedEntry } from '@chartledger/ledger';
import { UnavailableError } from '@chartledger/platform';
import { sampleDrafts } from '@chartledger/testing';
import { appendEntries, type PartitionLog } from './append-protocol.js';
import { ChainFold, type AcceptedEntry, type Fence } from './chain-fold.js';
import { recordValue, recordBytes, type TopicRecord } from './topic-record.js';

export const CHAIN = 1;
const START_MS = Date.parse('2024-03-01T08:00:00.000Z');
/** Some of the submissions need two sends. */
const ENTRIES_PER_SEND = 2;
const MAX_SUBMISSION_ENTRIES = 3;
const SUBMISSIONS_PER_WRITER = 4;
/** Steps of the model, which are its clock. */
const DEADLINE_STEPS = 60;
const MAX_STEPS = 20_000;
/** More promise reactions than any step of the protocol sets off. */
const REACTIONS = 24;

export interface SimulationOptions {
  seed: number;
  writers: number;
  /** Taken out in a test, to show that the simulation misses it. */
  fence?: Fence;
  /** False: an acknowledged batch counts as appended, as it would without the protocol. */
  readBack?: boolean;
}

export interface AttemptedSubmission {
  writer: number;
  submission: string;
  outcome: 'appended' | 'unknown' | 'crashed';
  /** As they were last linked. */
  entries: LinkedEntry[];
}

export interface SimulationResult {
  /** Everything that is in the log at the end, late requests included. */
  records: TopicRecord[];
  attempts: AttemptedSubmission[];
  /** What each writer that lived to the end has folded. */
  heads: Head[];
  racesLost: number;
}

/** A request on its way to the log. */
interface Request {
  values: Buffer[];
  /** The offset after the last copy that arrived. */
  end?: number;
}

/** The seeded world: one log, the requests on their way to it, and whatever may happen next. */
class World {
  readonly records: TopicRecord[] = [];
  readonly underWay = new Set<Request>();
  readonly writers = new Set<ModelWriter>();
  readonly alarms: { at: number; ring: () => void }[] = [];
  highWatermark = 0;
  now = 0;

  constructor(
    readonly options: SimulationOptions,
    readonly random: () => number,
  ) {}

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  upTo(most: number): number {
    return Math.floor(this.random() * (most + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.random() * items.length)];
  }

  /** One thing happens. */
  step(): void {
    this.now += 1;
    const happenings = [() => this.replicate(), ...[...this.underWay].map((request) => () => this.deliver(request))];
    for (const writer of this.writers) happenings.push(...writer.happenings());
    this.pick(happenings)();
    if (this.chance(0.01)) this.failOver();
    for (const { at, ring } of this.alarms) if (at === this.now) ring();
  }

  /** What followers have becomes visible, and may then be acknowledged. */
  replicate(): void {
    this.highWatermark += this.upTo(this.records.length - this.highWatermark);
  }

  /** A new leader has what was replicated, and no more. */
  failOver(): void {
    this.records.length = this.highWatermark;
  }

  /** Whether the request is in the log for good: replicated, and still there after what fail-overs cut off. */
  holds({ values, end }: Request): boolean {
    return end !== undefined && end <= this.highWatermark && this.records[end - 1].value === values.at(-1);
  }

  deliver(request: Request): void {
    if (this.chance(0.1)) this.underWay.delete(request);
    else this.arrive(request);
  }

  arrive(request: Request): void {
    for (const value of request.values) this.records.push({ offset: this.records.length, value });
    request.end = this.records.length;
    if (!this.chance(0.15)) this.underWay.delete(request);
  }
}

interface Pending {
  resolve: () => void;
  reject: (error: Error) => void;
}

/** One writer's client: a fold that reads at its own pace, at most one send and one sync that wait. */
class ModelWriter implements PartitionLog {
  private readonly listeners = new Set<(entries: readonly AcceptedEntry[]) => void>();
  private readonly fold: ChainFold;
  private sending: (Pending & { request: Request; entries: readonly LinkedEntry[] }) | undefined;
  private syncing: (Pending & { end?: number }) | undefined;
  private believed: Head | undefined;

  constructor(private readonly world: World) {
    this.fold = new ChainFold(emptyHead(CHAIN), 0, world.options.fence);
    world.writers.add(this);
  }

  get head(): Head {
    return this.believed ?? this.fold.head;
  }

  send(entries: readonly LinkedEntry[]): Promise<void> {
    if (this.sending) throw new Error('two sends at once');
    const request = { values: entries.map((entry) => Buffer.concat(recordValue(entry))) };
    this.world.underWay.add(request);
    this.fold.expect(entries);
    return new Promise((resolve, reject) => (this.sending = { resolve, reject, request, entries }));
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => (this.syncing = { resolve, reject }));
  }

  watch(listener: (entries: readonly AcceptedEntry[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  happenings(): (() => void)[] {
    const may = [() => this.read(this.world.upTo(3))];
    if (this.sending) may.push(() => this.endSend());
    if (this.syncing) may.push(() => this.proceedSync());
    return may;
  }

  /** Reads to the end of what is visible, when nothing happens any more. */
  finish(): Head {
    this.read(Infinity);
    return this.fold.head;
  }

  private endSend(): void {
    const { world, sending } = this;
    const { request, resolve, entries } = sending!;
    const isAcknowledged = world.holds(request) && !world.chance(0.2);
    const isLie = !isAcknowledged && world.chance(0.1);
    // Otherwise the reply was swallowed or did not come in time, and the request may still be under way.
    if (!isAcknowledged && !isLie && !world.chance(0.2)) return;
    if (isLie && world.chance(0.7)) world.underWay.delete(request);
    this.sending = undefined;
    if (world.options.readBack === false && (isAcknowledged || isLie)) this.believe(entries);
    resolve();
  }

  private proceedSync(): void {
    const syncing = this.syncing!;
    if (this.world.options.readBack === false) syncing.end = 0;
    if (this.world.chance(0.02)) {
      this.syncing = undefined;
      syncing.reject(new UnavailableError('the model cannot be read'));
    } else if (syncing.end === undefined) {
      syncing.end = this.world.highWatermark;
    } else {
      this.read(syncing.end - this.fold.nextOffset);
      this.syncing = undefined;
      syncing.resolve();
    }
  }

  private read(count: number): void {
    const from = this.fold.nextOffset;
    const to = Math.min(from + Math.max(count, 0), this.world.highWatermark);
    const accepted = this.fold.take(this.world.records.slice(from, to));
    if (this.world.options.readBack === false) return;
    for (const listener of this.listeners) listener(accepted);
  }

  private believe(entries: readonly LinkedEntry[]): void {
    const accepted = entries.map((entry) => ({ ...entry, offset: 0 }));
    for (const listener of this.listeners) listener(accepted);
    const { chain, seq, leaf, time } = entries.at(-1)!;
    this.believed = { chain, seq, leaf, time };
  }
}

/** Runs writers against the model until each has tried its submissions. The same options give the same run. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const world = new World(options, seededRandom(options.seed));
  const result: SimulationResult = { records: world.records, attempts: [], heads: [], racesLost: 0 };
  let running = options.writers;
  for (let number = 0; number < options.writers; number += 1) {
    void runWriter(world, number, result).finally(() => (running -= 1));
  }
  while (running > 0) {
    for (let reaction = 0; reaction < REACTIONS; reaction += 1) await undefined;
    if (world.now > MAX_STEPS) throw new Error(`seed ${options.seed}: the writers do not come to an end`);
    if (running > 0) world.step();
  }
  for (const request of world.underWay) if (world.chance(0.7)) world.arrive(request);
  world.highWatermark = world.records.length;
  result.heads = [...world.writers].map((writer) => writer.finish());
  return result;
}

/** A process after another: one that crashes leaves its requests under way, the next begins with nothing. */
async function runWriter(world: World, writer: number, result: SimulationResult): Promise<void> {
  let log = new ModelWriter(world);
  for (let number = 0; number < SUBMISSIONS_PER_WRITER; number += 1) {
    const first = (writer * SUBMISSIONS_PER_WRITER + number) * MAX_SUBMISSION_ENTRIES;
    const { submission } = sampleDrafts(1, { first })[0].context;
    const attempt = outcomeOf(submit(world, log, first, result));
    const ended = await Promise.race([attempt, ...(world.chance(0.1) ? [crash(world, log, attempt)] : [])]);
    result.attempts.push({ writer, submission, ...ended });
    if (ended.outcome === 'crashed') log = new ModelWriter(world);
  }
}

type Outcome = Pick<AttemptedSubmission, 'outcome' | 'entries'>;

async function outcomeOf(submitted: Promise<LinkedEntry[]>): Promise<Outcome> {
  try {
    return { outcome: 'appended', entries: await submitted };
  } catch (error) {
    if (error instanceof UnavailableError) return { outcome: 'unknown', entries: [] };
    throw error;
  }
}

async function submit(world: World, log: ModelWriter, first: number, result: SimulationResult): Promise<LinkedEntry[]> {
  const count = 1 + world.upTo(MAX_SUBMISSION_ENTRIES - 1);
  const drafts = sampleDrafts(count, { first, parts: count });
  await log.sync();
  for (;;) {
    const entries = link(log.head, drafts, START_MS + world.now);
    const limits = {
      maxSendBytes: ENTRIES_PER_SEND * recordBytes(entries[0]) + 20,
      deadlineMs: DEADLINE_STEPS,
      now: () => world.now,
    };
    if (await appendEntries(log, log.head, entries, limits)) return entries;
    result.racesLost += 1;
    await log.sync();
  }
}

/** Resolves some steps from now, the writer's client being dead from then on; never, when the attempt is over by then. */
function crash(world: World, log: ModelWriter, attempt: Promise<Outcome>): Promise<Outcome> {
  let isOver = false;
  void attempt.then(() => (isOver = true));
  return new Promise((resolve) => {
    const ring = (): void => {
      if (isOver) return;
      world.writers.delete(log);
      resolve({ outcome: 'crashed', entries: [] });
    };
    world.alarms.push({ at: world.now + 1 + world.upTo(20), ring });
  });
}

/** mulberry32: small, and good enough to pick what happens next. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
