export * from './binary-array.js';
export * from './channel-listener.js';
export * from './connection.js';
export * from './copy-rows.js';
export * from './data-source.js';
export * from './embedded-postgres.js';
export * from './statements.js';
export * from './pool-metrics.js';
export { ShareKeeper, type Share } from './share-keeper.js';
