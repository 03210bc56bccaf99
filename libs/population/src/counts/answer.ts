import { formatPosition, type Positions } from '@chartledger/ledger';
import { type Counted } from './counted-classes.js';
import { type ColumnKind, type Label, type Project, type Question } from './question.js';

/** A value of a dimension; `{other: true}` is all those that are not named, because too few have them. */
export type LevelValue = string | number | boolean | null | { other: true };

/** A count under the names of its dimensions: those that are not there are summed. */
export type CellAnswer = { count: number | null; hidden?: string } & { [dimension: string]: LevelValue | string };

export interface CountsAnswer {
  /** What was counted: `chain:seq`, a chain each. */
  positions: readonly string[];
  view: string;
  of: Project['unit'];
  project: string;
  dimensions: readonly {
    column: string;
    /** `several`: many have more than one value, so a margin is less than the sum over them. */
    values: 'one' | 'several';
    levels: readonly LevelValue[];
  }[];
  cells: readonly CellAnswer[];
  /** The last is the total. */
  margins: readonly CellAnswer[];
  threshold: number;
  /** Cells and margins that are hidden. */
  suppressed: number;
}

/**
 * Why a count is hidden. One reason for all: to say that a count is itself too small would say that it is less than the
 * threshold, which is more than an onlooker may know.
 */
export const HIDDEN = 'small-cells';

export function buildAnswer(
  question: Question,
  project: Project,
  positions: Positions,
  { tables, regions, classes }: Counted,
  hidden: readonly boolean[],
): CountsAnswer {
  const [{ space, named, several }] = tables;
  const counts = new Float64Array(regions.length);
  for (const { count, regions } of classes) for (const region of regions) counts[region] += count;
  const isUsed = (d: number, level: number): boolean => {
    const place = space.sizes.map((size) => size);
    place[d] = level;
    const region = space.region(place);
    return level < named[d].length || hidden[region] || counts[region] > 0;
  };
  const levels = space.sizes.map((size, d) =>
    Array.from({ length: size }, (_, level) => level).filter((level) => isUsed(d, level)),
  );
  const valueOf = (d: number, level: number): LevelValue =>
    level === named[d].length ? { other: true } : written(named[d][level], question.dimensions[d].kind);
  const cells: CellAnswer[] = [];
  const margins: CellAnswer[] = [];
  let suppressed = 0;
  for (let region = 0; region < space.regions; region++) {
    const place = space.place(region);
    if (place.some((level, d) => level !== undefined && !levels[d].includes(level))) continue;
    const cell: CellAnswer = { count: hidden[region] ? null : counts[region] };
    place.forEach((level, d) => {
      if (level !== undefined) cell[question.dimensions[d].column] = valueOf(d, level);
    });
    if (hidden[region]) {
      cell.hidden = HIDDEN;
      suppressed++;
    }
    (place.includes(undefined) || place.length === 0 ? margins : cells).push(cell);
  }
  return {
    positions: [...positions].map(([chain, seq]) => formatPosition(chain, seq)),
    view: question.view,
    of: project.unit,
    project: project.name,
    dimensions: question.dimensions.map(({ column }, d) => ({
      column,
      values: several[d] ? 'several' : 'one',
      levels: levels[d].map((level) => valueOf(d, level)),
    })),
    cells,
    margins,
    threshold: project.threshold,
    suppressed,
  };
}

function written(label: Label, kind: ColumnKind): LevelValue {
  if (label === null || kind === 'text' || kind === 'moment') return label;
  return kind === 'boolean' ? label === 'true' : Number(label);
}
