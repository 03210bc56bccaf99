export { appendEntries, type AppendLimits, type PartitionLog } from './append-protocol.js';
export { ChainFold, type AcceptedEntry } from './chain-fold.js';
