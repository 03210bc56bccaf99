import { bits, type Step, type Waterfall } from './waterfall.js';

const WIDTH = 860;
const LABELS = 360;
const RIGHT = 70;
const ROW = 26;
const BAR = 16;
const TOP = 64;
const FONT = '12px system-ui, sans-serif';
const COLOURS = { up: '#2b6cb0', down: '#c05621', total: '#2d3748', line: '#a0aec0' } as const;

/**
 * The waterfall as a picture that stands alone (SVG 1.1): a bar a step, the two thresholds, the total. It has levels and
 * weights and nothing of what the records say, so it can be shown to anybody who may know that the pair was compared.
 */
export function waterfallSvg(waterfall: Waterfall): string {
  const { steps, total, thresholds, verdict } = waterfall;
  const rows: Step[] = [...steps, { field: 'total', level: VERDICTS[verdict], weight: total, from: 0, to: total }];
  const height = TOP + rows.length * ROW + 36;
  const scale = scaleOf([0, thresholds.link, thresholds.review, ...steps.flatMap(({ from, to }) => [from, to])]);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc" style="font:${FONT}">`,
    `<title id="title">Why two records have a score of ${bits(total)} bits</title>`,
    `<desc id="desc">${escape(rows.map(({ field, level, weight }) => `${field}: ${level}, ${bits(weight)}`).join('; '))}</desc>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="16" y="24" font-weight="600" font-size="14">${bits(total)} bits: ${escape(VERDICTS[verdict])}</text>`,
    ...line(scale(0), '0', height, false),
    ...line(scale(thresholds.link), 'link', height, true),
    ...(thresholds.review === thresholds.link ? [] : line(scale(thresholds.review), 'review', height, true)),
    ...rows.flatMap((step, index) => row(step, TOP + index * ROW, scale, index === rows.length - 1)),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

const VERDICTS = { link: 'one person', review: 'a steward is asked', none: 'not linked' } as const;

function row(
  { field, level, weight, from, to }: Step,
  y: number,
  scale: (value: number) => number,
  isTotal: boolean,
): string[] {
  const x = Math.min(scale(from), scale(to));
  const width = Math.max(1, Math.abs(scale(to) - scale(from)));
  const colour = isTotal ? COLOURS.total : weight < 0 ? COLOURS.down : COLOURS.up;
  const text = level === '' ? field : `${field}: ${level}`;
  return [
    `<text x="16" y="${y + 13}"${isTotal ? ' font-weight="600"' : ''}>${escape(shorten(text))}</text>`,
    `<rect x="${round(x)}" y="${y}" width="${round(width)}" height="${BAR}" fill="${colour}"/>`,
    `<text x="${round(x + width + 4)}" y="${y + 13}">${bits(weight)}</text>`,
  ];
}

function line(x: number, label: string, height: number, isDashed: boolean): string[] {
  return [
    `<line x1="${round(x)}" y1="${TOP - 8}" x2="${round(x)}" y2="${height - 24}" stroke="${COLOURS.line}"${isDashed ? ' stroke-dasharray="4 3"' : ''}/>`,
    `<text x="${round(x)}" y="${height - 10}" text-anchor="middle" fill="#4a5568">${label}</text>`,
  ];
}

/** From thousandths of a bit to the picture's x, so that all values are in it. */
function scaleOf(values: readonly number[]): (value: number) => number {
  const low = Math.min(...values);
  const high = Math.max(...values, low + 1);
  const width = WIDTH - LABELS - RIGHT;
  return (value) => LABELS + ((value - low) / (high - low)) * width;
}

/** What fits beside the bars. */
function shorten(text: string): string {
  return text.length <= 56 ? text : `${text.slice(0, 55)}…`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
