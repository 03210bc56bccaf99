import { type Envelope } from './envelope.js';

/** What says which submission an entry belongs to, and where in it. */
export type GroupKey = Pick<Envelope, 'submission' | 'part' | 'parts'>;

/** The entries of one submission: `complete` ones count, `void` ones were cut short and no client was told of them. */
export interface SubmissionGroup<T> {
  status: 'complete' | 'void';
  submission: string;
  entries: T[];
}

/**
 * Follows the groups of a chain without holding their entries: the parts of a submission are contiguous, 0 to parts - 1.
 * An entry that does not carry on the open group ends it as void; a group that does not begin with part 0 is void.
 */
export class GroupTracker {
  #submission: string | undefined;
  #parts = 0;
  #next = 0;
  #whole = true;

  /** Whether a group is open after the last step. */
  get open(): boolean {
    return this.#submission !== undefined;
  }

  /**
   * Takes the next entry of the chain.
   * @returns `cut`: the group that was open before is void. `ended`: how the entry's own group ended with it, if it did.
   */
  step({ submission, part, parts }: GroupKey): { cut: boolean; ended?: 'complete' | 'void' } {
    const carriesOn = submission === this.#submission && part === this.#next && parts === this.#parts;
    const cut = this.open && !carriesOn;
    if (!carriesOn) this.#whole = part === 0;
    const last = part === parts - 1;
    this.#submission = last ? undefined : submission;
    this.#parts = parts;
    this.#next = part + 1;
    return last ? { cut, ended: this.#whole ? 'complete' : 'void' } : { cut };
  }
}

/**
 * Gathers entries into submissions. It holds the entries of the open group only; a reader that stores its position MUST
 * store the one after the last group that was handed out, never one inside a group.
 */
export class SubmissionReader<T> {
  readonly #tracker = new GroupTracker();
  #open: T[] = [];
  #submission = '';

  /** The entries of the group that is not complete yet. */
  get pending(): readonly T[] {
    return this.#open;
  }

  /** Takes the next entry of the chain and hands out the groups that it ends: none, one, or a void one and another. */
  push(key: GroupKey, entry: T): SubmissionGroup<T>[] {
    const { cut, ended } = this.#tracker.step(key);
    const groups = cut ? [this.#take('void')] : [];
    this.#submission = key.submission;
    this.#open.push(entry);
    if (ended) groups.push(this.#take(ended));
    return groups;
  }

  #take(status: SubmissionGroup<T>['status']): SubmissionGroup<T> {
    const entries = this.#open;
    this.#open = [];
    return { status, submission: this.#submission, entries };
  }
}
