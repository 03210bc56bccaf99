/** What the tests and benchmarks use, as `#kafka-local`. */
export { killBroker, signalBroker, startBroker } from './broker.mjs';
export { removeCluster, startCluster } from './cluster.mjs';
export { planNodes } from './ports.mjs';
export { kafkaMissing } from './requirements.mjs';
export const GUARD = new URL('./guard.mjs', import.meta.url);
