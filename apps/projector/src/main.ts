import { main } from '../../chartledger/src/run.js';

/* The stage *project*, for the views and chains that it gets hold of. */
main('projector');
