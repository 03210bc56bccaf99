export * from './chain.js';
export * from './envelope.js';
export * from './hash.js';
export * from './ledger.port.js';
