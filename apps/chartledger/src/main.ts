import { runServer } from './run.js';

runServer().then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`chartledger: ${error.message}\n`);
    process.exit(2);
  },
);
