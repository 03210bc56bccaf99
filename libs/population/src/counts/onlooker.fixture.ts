import { type Highs } from 'highs';

/** What an onlooker knows: the cells of a table, unknown numbers of patients, and published sums over some of them. */
export interface Knowledge {
  /** How many cells there are, each at least 0. */
  cells: number;
  /** Sums that were published. */
  sums: readonly { cells: readonly number[]; value: number }[];
}

/** The least and the most that a sum over cells can be: the attack itself, in HiGHS's text format, with nothing of ours. */
export function interval(
  highs: Highs,
  { cells, sums }: Knowledge,
  target: readonly number[],
): { low: number; high: number } {
  const terms = (list: readonly number[]): string => list.map((cell) => `x${cell}`).join(' + ');
  const solve = (sense: string): number => {
    const rows = sums.map((sum, index) => ` s${index}: ${terms(sum.cells)} = ${sum.value}`);
    const every = ` all: ${terms(Array.from({ length: cells }, (_, cell) => cell))} <= ${AT_MOST}`;
    const { Status, ObjectiveValue } = highs.solve(
      `${sense}\n obj: ${terms(target)}\nSubject To\n${[...rows, every].join('\n')}\nEnd\n`,
      { output_flag: false },
    );
    if (Status !== 'Optimal') throw new Error(`the published sums cannot all be true: ${Status}`);
    return ObjectiveValue;
  };
  return { low: solve('Minimize'), high: solve('Maximize') };
}

/** So that a program is bounded: more patients than there are in any test. */
const AT_MOST = 1_000_000;
