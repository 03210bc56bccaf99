import { readConfig } from '@chartledger/platform';
import { type Role } from './assembly.js';
import { startServer } from './server.js';

/** SIGTERM must be obeyed within 30 s; what is not finished by then was not acknowledged. */
const STOP_DEADLINE_MS = 25_000;

/** The whole of a program: runs until a signal, then exits with 0; with 2 when it could not start or stop. */
export function main(role: Role): void {
  runServer(role).then(
    () => process.exit(0),
    (error: Error) => {
      process.stderr.write(`chartledger: ${error.message}\n`);
      process.exit(2);
    },
  );
}

/** Runs the server until a signal, which may come while it starts. Prints one line on standard output when it serves. */
export async function runServer(role: Role = 'all-in-one'): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  void asked.then(() => setTimeout(endNow, STOP_DEADLINE_MS).unref());
  const server = await startServer(readConfig(), role);
  process.stdout.write(`chartledger ready ${server.url}\n`);
  await asked;
  await server.stop();
}

function endNow(): void {
  process.stderr.write('chartledger did not stop in time and ends now\n');
  process.exit(1);
}
