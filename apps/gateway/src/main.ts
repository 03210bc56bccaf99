import { main } from '../../chartledger/src/run.js';

/* The stage *ingest*: FHIR writes and POST /sources. */
main('gateway');
