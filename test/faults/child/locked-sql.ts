import { LockedSql } from '@chartledger/population';
import { READY } from './protocol.js';

/** A server with a query under way, to be killed: the file and the program of the processes are its arguments. */
const [file, program] = process.argv.slice(2);
const locked = new LockedSql({ program: new URL(program), children: 2 });
await locked.start();
const running = locked.run(file, 'SELECT sum(hash(range)) FROM range(1000000000000)', { tables: [] });
console.log(READY, (await locked.pids()).join(' '));
await running;
