export { auditTables } from './audit.tables.js';
export { ChainTree } from './chain-tree.js';
export { CheckpointFile, type KeptCheckpoint } from './checkpoint-file.js';
export { CheckpointStore } from './checkpoint-store.js';
export { LedgerAudit, type ChainStatus } from './ledger-audit.js';
export { LedgerController } from './ledger.controller.js';
export { type SignedTree } from './signed-tree.js';
export { tileReader } from './stored-tiles.js';
export { StoredTree } from './stored-tree.js';
