export * from './any-envelope.js';
export * from './in-memory-ledger.js';
export * from './ledger-contract.js';
export * from './sample-chain.js';
export * from './shared-folder.js';
