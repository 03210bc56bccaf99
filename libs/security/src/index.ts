export * from './data-keys.js';
export * from './identity.js';
export * from './key-files.js';
export * from './key-store.js';
export { type StoredKey } from './key-wrap.js';
export * from './payload-cipher.js';
export * from './pseudonym.js';
export * from './security.tables.js';
export * from './key-metrics.js';
