export { EmbeddedLedger } from './embedded-ledger.js';
export { ledgerTables } from './ledger.tables.js';
