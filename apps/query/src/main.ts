import { main } from '../../chartledger/src/run.js';

/* The stage *query*: FHIR reads, lineage, the ledger and its proofs. */
main('query');
