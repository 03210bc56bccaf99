import { main } from '../../chartledger/src/run.js';

/* The stages *sequence* and *append*, for the chains that it gets hold of. */
main('sequencer');
