import { PARAMETERS, SCENARIOS } from './scenarios.mjs';
import { simulateFailover } from './simulate.mjs';

/** Runs of each scenario, with the seeds 1, 2, 3, … */
const RUNS = 200;
const HEADINGS = [
  'Lost',
  'Chains',
  'Sequencers',
  'Takes',
  'Chains that stood still',
  'Half of these writable after',
  'All of them after',
  'All, worst run',
  'Fullest sequencer, × an even share',
];

/** The table of docs/scale.md. */
export function failoverTable() {
  const rows = SCENARIOS.map((scenario) => row({ ...PARAMETERS, ...scenario }));
  return [HEADINGS, HEADINGS.map((_, column) => (column === 0 || column === 3 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function row(parameters) {
  const runs = Array.from({ length: RUNS }, (_, run) => simulateFailover(parameters, run + 1));
  const stopped = runs.map(({ writableMs }) => writableMs.filter((ms) => ms > 0).sort((a, b) => a - b));
  const { name, chains, sequencers, policy, lost } = parameters;
  const even = chains / (sequencers - (lost.sequencer ? 1 : 0));
  return [
    name,
    chains,
    sequencers,
    lost.sequencer ? policy : '–',
    stopped[0].length,
    seconds(middle(stopped.map(middle))),
    seconds(middle(stopped.map((times) => times[times.length - 1]))),
    seconds(Math.max(...stopped.map((times) => times[times.length - 1]))),
    middle(runs.map(({ owned }) => Math.max(...owned) / even)).toFixed(2),
  ].map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en-US') : cell));
}

function middle(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function seconds(ms) {
  return `${(ms / 1000).toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
}
