import { createHash } from 'node:crypto';
import { type Pool } from 'pg';
import { run, type Statement } from '@chartledger/database';
import { formatPosition, parsePositions, type Positions } from '@chartledger/ledger';
import { type CountsAnswer } from './answer.js';
import { type AskedQuestion, type Project, type Question } from './question.js';

const OPEN: Statement = {
  name: 'counts.open',
  text: 'insert into counts.project (name, unit, threshold) values ($1, $2, $3) on conflict do nothing',
};
const PROJECT: Statement = {
  name: 'counts.project',
  text: 'select name, unit, threshold from counts.project where name = $1',
};
const ASKED: Statement = {
  name: 'counts.asked',
  text: 'select asked from counts.question where project = $1 order by number',
};
const ANSWERED: Statement = {
  name: 'counts.answered',
  text: 'select answer from counts.question where project = $1 and key = $2',
};
const ADD: Statement = {
  name: 'counts.add',
  text: `insert into counts.question (project, number, key, asked, answer) values ($1, $2, $3, $4, $5)
    on conflict do nothing returning number`,
};

/** What each project has been told: every later answer is held against it. Only ever added to. */
export class AskedQuestions {
  constructor(private readonly pool: Pool) {}

  /** The project as its first question made it. */
  async project(wanted: Project): Promise<Project> {
    await run(this.pool, OPEN, [wanted.name, wanted.unit, wanted.threshold]);
    const [project] = await run<Project & Record<string, unknown>>(this.pool, PROJECT, [wanted.name]);
    return { name: project.name, unit: project.unit, threshold: project.threshold };
  }

  /** In the order in which they were answered. */
  async all(project: Project): Promise<AskedQuestion[]> {
    const rows = await run<{ asked: string }>(this.pool, ASKED, [project.name]);
    return rows.map(({ asked }) => decode(asked));
  }

  /** The answer that was given to the same question at the same positions. */
  async answered(project: Project, question: Question, positions: Positions): Promise<CountsAnswer | undefined> {
    const [row] = await run<{ answer: string }>(this.pool, ANSWERED, [project.name, keyOf(question, positions)]);
    return row && (JSON.parse(row.answer) as CountsAnswer);
  }

  /**
   * Keeps the question as the one after `before` others. An answer MUST NOT be given before this says true.
   * @returns false when another was answered meanwhile: this one has to be counted anew, against that one too.
   */
  async add(project: Project, before: number, asked: AskedQuestion, answer: CountsAnswer): Promise<boolean> {
    const key = keyOf(asked.question, asked.positions);
    const rows = await run(this.pool, ADD, [project.name, before + 1, key, encode(asked), JSON.stringify(answer)]);
    return rows.length === 1;
  }
}

function keyOf(question: Question, positions: Positions): Buffer {
  return createHash('sha256').update(JSON.stringify(question)).update('\n').update(positionsText(positions)).digest();
}

function positionsText(positions: Positions): string {
  return [...positions]
    .sort(([a], [b]) => a - b)
    .map(([chain, seq]) => formatPosition(chain, seq))
    .join();
}

function encode({ question, positions, named, hidden }: AskedQuestion): string {
  return JSON.stringify({ question, positions: positionsText(positions), named, hidden });
}

function decode(text: string): AskedQuestion {
  const { positions, ...asked } = JSON.parse(text) as Omit<AskedQuestion, 'positions'> & { positions: string };
  return { ...asked, positions: parsePositions(positions) ?? new Map<number, number>() };
}
