export type Stage =
  | 'read'
  | 'placeholders'
  | 'frequencies'
  | 'keys'
  | 'blocks'
  | 'sample'
  | 'compare'
  | 'train'
  | 'score'
  | 'cluster'
  | 'persons'
  | 'differences';

/** How far it is: the stage that is under way, and the share of the whole that is done, 0 to 1. */
export interface ProgressShare {
  stage: Stage;
  share: number;
}

export type OnProgress = (progress: ProgressShare) => void;

type Shares = Readonly<Partial<Record<Stage, number>>>;

/** About what each stage takes of the whole, in the order that they come, of 100,000 records on two cores. */
export const LEARNING: Shares = {
  read: 40,
  placeholders: 6,
  frequencies: 5,
  keys: 13,
  blocks: 16,
  sample: 2,
  compare: 48,
  train: 4,
  score: 6,
};

/** The same where a model is applied to all records, and held against who is whom. */
export const APPLYING: Shares = { read: 50, keys: 5, blocks: 5, score: 25, persons: 8, differences: 7 };

/** Tells of the whole by the shares of its stages. */
export class StageProgress {
  private stage: Stage | undefined;
  private before = 0;
  private readonly total: number;

  constructor(
    private readonly shares: Shares,
    private readonly report: OnProgress = () => undefined,
  ) {
    this.total = Object.values(shares).reduce((sum, share) => sum + share, 0);
  }

  begin(stage: Stage): void {
    if (this.stage !== undefined) this.before += this.shares[this.stage] ?? 0;
    this.stage = stage;
    this.part(0);
  }

  /** @param share of the stage that is under way, 0 to 1. */
  readonly part = (share: number): void => {
    if (this.stage === undefined) return;
    const done = this.before + (this.shares[this.stage] ?? 0) * Math.min(share, 1);
    this.report({ stage: this.stage, share: done / this.total });
  };
}
