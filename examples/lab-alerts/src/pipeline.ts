import { type EachBatchPayload, type Kafka } from 'kafkajs';
import { alertOf, type Alert } from './alert.js';
import { type AlertsTopic } from './alerts-topic.js';
import { takeChanges, type ChangeEvent } from './changes.js';
import { type Records } from './records.js';
import { type Settings } from './settings.js';
import { type Store } from './store.js';

/** Messages that are handled together: one transaction, and one send to the topic. */
const TOGETHER = 200;
/** How long the partitions of an instance that was killed wait for the next one: the least that brokers take by default. */
const SESSION_MS = 6_000;
/** Records that are asked for at once. */
const AT_ONCE = 8;

/** Runs until something fails. @throws Error of whatever failed: the process is to end, and to be started again. */
export async function runPipeline(
  kafka: Kafka,
  { changesTopic, groupId }: Settings,
  store: Store,
  records: Records,
  topic: AlertsTopic,
): Promise<never> {
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: SESSION_MS,
    heartbeatInterval: SESSION_MS / 4,
    retry: { restartOnFailure: async () => false },
  });
  return new Promise<never>((_, fail) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => fail(payload.error));
    // What an instance that was killed left in the table goes out at once, and not with the next change.
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      topic.forget();
      for (const chain of payload.memberAssignment[changesTopic] ?? []) topic.publish(chain).catch(fail);
    });
    const eachBatch = (payload: EachBatchPayload): Promise<void> =>
      handleBatch(payload, store, records, topic).catch((error: Error) => {
        fail(error);
        throw error;
      });
    consumer
      .connect()
      .then(() => consumer.subscribe({ topic: changesTopic, fromBeginning: true }))
      .then(() => consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch }))
      .catch(fail);
  });
}

async function handleBatch(
  { batch, resolveOffset, commitOffsetsIfNecessary, uncommittedOffsets, heartbeat }: EachBatchPayload,
  store: Store,
  records: Records,
  topic: AlertsTopic,
): Promise<void> {
  // One partition a chain.
  const chain = batch.partition;
  let last = await store.position(chain);
  for (let at = 0; at < batch.messages.length; at += TOGETHER) {
    const messages = batch.messages.slice(at, at + TOGETHER);
    // 1. The events whose turn it is.
    const changes = takeChanges(
      last,
      messages.map(({ value }) => value),
    );
    // 2. What they are worth.
    const alerts = await enrich(changes, records, heartbeat);
    // 3. Alerts and position, together.
    const to = changes.at(-1)?.data.seq ?? last;
    if (to > last) await store.save(chain, last, to, alerts);
    last = to;
    // 4. The topic, from the table.
    if (alerts.length > 0) await topic.publish(chain);
    // 5. Where to begin next time. Only saves reading again: the position is what counts.
    resolveOffset(messages[messages.length - 1].offset);
    await commitOffsetsIfNecessary(uncommittedOffsets());
    await heartbeat();
  }
}

/** The alerts of the changes, in their order. */
async function enrich(
  changes: readonly ChangeEvent[],
  records: Records,
  heartbeat: () => Promise<void>,
): Promise<Alert[]> {
  const asked = changes.filter(({ data }) => data.type === 'Observation' && data.kind !== 'fhir.delete');
  const alerts: Alert[] = [];
  for (let at = 0; at < asked.length; at += AT_ONCE) {
    const found = await Promise.all(
      asked.slice(at, at + AT_ONCE).map(async (event) => {
        const observation = await records.observation(event);
        return observation && alertOf(event, observation);
      }),
    );
    await heartbeat();
    alerts.push(...found.filter((alert) => alert !== undefined));
  }
  return alerts;
}
