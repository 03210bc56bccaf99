import { type Highs } from 'highs';
import { BadRequestError } from '@chartledger/platform';
import { type Positions } from '@chartledger/ledger';
import { buildAnswer, type CountsAnswer } from './answer.js';
import { CellSpace } from './cell-space.js';
import { countClasses } from './counted-classes.js';
import { readCounts, type CountRow } from './counts.sql.js';
import { namedLevels } from './levels.js';
import { protect } from './protect.js';
import { type AskedQuestion, type Project, type Question } from './question.js';

/** Cells of named values, without margins. */
export const MAX_CELLS = 1_000;

/** Everything that an answer is made of. */
export interface CountTask {
  question: Question;
  project: Project;
  positions: Positions;
  /** The questions of the project that told something. */
  asked: readonly AskedQuestion[];
  /** What the statement over the question and those asked gave. */
  rows: readonly CountRow[];
}

export interface CountResult {
  answer: CountsAnswer;
  asked: AskedQuestion;
}

/** Answers a task, here or on a thread of its own. */
export type Count = (task: CountTask) => Promise<CountResult>;

/**
 * Counts, and hides what must be hidden.
 * @throws BadRequestError for a table that is too large.
 */
export function countQuestion(highs: Highs, task: CountTask): CountResult {
  const { question, project, positions, asked, rows } = task;
  const patients = readCounts(rows, [{ question }, ...asked]);
  const named = namedLevels(question.dimensions, patients, project.threshold);
  const { cells } = new CellSpace(named.map((values) => Math.max(1, values.length)));
  if (cells > MAX_CELLS)
    throw new BadRequestError(
      `the dimensions have ${named.map(({ length }) => length).join(' × ')} values, a table of more than ${MAX_CELLS} cells: leave out a dimension, or name its values`,
    );
  const counted = countClasses(named, asked, patients);
  const { space } = counted.tables[0];
  const all = protect(highs, { ...counted, threshold: project.threshold });
  const hidden = all.slice(0, space.regions);
  // So few that even whether it is none would be told of them.
  if (total(counted.classes, space) < project.threshold) hidden.fill(true);
  return {
    answer: buildAnswer(question, project, positions, counted, hidden),
    asked: { question, positions, named, hidden: hidden.map((one) => (one ? '1' : '0')).join('') },
  };
}

function total(classes: readonly { count: number; regions: readonly number[] }[], space: CellSpace): number {
  const region = space.region(space.sizes);
  return classes.reduce((sum, one) => (one.regions.includes(region) ? sum + one.count : sum), 0);
}
