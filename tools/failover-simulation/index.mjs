export { PARAMETERS } from './scenarios.mjs';
export { simulateFailover } from './simulate.mjs';
export { failoverTable } from './table.mjs';
