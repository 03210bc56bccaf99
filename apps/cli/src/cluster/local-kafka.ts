import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { GUARD, kafkaMissing, planNodes, removeCluster, startCluster } from '#kafka-local';

/** Above the ports of `npm run kafka:up`, so that both can run. */
const FIRST_PORT = 29_092;

/** Real brokers with throw-away data. */
export interface LocalKafka {
  /** As `KAFKA_BROKERS` wants them. */
  brokers: string;
  /** Leaves no process and no file behind. */
  stop(): Promise<void>;
}

/** They end with this process, however that ends. @throws Error that says what to install where there is no JDK or Maven. */
export async function startLocalKafka(folder: string, count: 1 | 3): Promise<LocalKafka> {
  const missing = kafkaMissing();
  if (missing !== undefined) throw new Error(missing);
  await mkdir(folder, { recursive: true });
  const guard = spawn(process.execPath, [fileURLToPath(GUARD), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const stop = async (): Promise<void> => {
    await removeCluster(folder);
    guard.stdin.end();
    if (guard.exitCode === null) await once(guard, 'exit');
  };
  try {
    const nodes = await planNodes(count, FIRST_PORT);
    await startCluster(folder, nodes);
    return { brokers: nodes.map(({ port }) => `127.0.0.1:${port}`).join(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
