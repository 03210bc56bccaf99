import { main } from './run.js';

main('all-in-one');
