import { ConfigurationError } from '@chartledger/platform';
import { type Admin, type KafkaClient } from './kafka-client.js';
import { persist } from './patience.js';

/** Of a batch. The largest resources have attachments of some MB; a send is held below it. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** `ConfigResourceTypes.TOPIC` of the protocol. */
const TOPIC_RESOURCE = 2;
/** Until every partition of a new topic has a leader: brokers that are busy take seconds. */
const LEADERS_MS = 20_000;

/** A setting of the topic on which the ledger stands. */
export interface Need {
  name: string;
  /** What a topic is made with. */
  value: string;
  /** What is needed, in words, and whether a value will do. */
  words: string;
  suffices: (value: string) => boolean;
}

/** The settings without which data would be lost or changed, for a topic of so many copies. */
export function needsOf(replicationFactor: number): Need[] {
  const inSync = replicationFactor >= 3 ? 2 : 1;
  return [
    exactly('cleanup.policy', 'delete'),
    exactly('retention.ms', '-1'),
    exactly('retention.bytes', '-1'),
    exactly('unclean.leader.election.enable', 'false'),
    exactly('message.timestamp.type', 'CreateTime'),
    exactly('compression.type', 'producer'),
    atLeast('max.message.bytes', MAX_MESSAGE_BYTES),
    atLeast('min.insync.replicas', inSync),
  ];
}

/**
 * What is wrong with an existing topic, one sentence each; none: it can hold the ledger. The type of timestamp and the
 * compression change no entry, so a topic may have its own.
 */
export function faultsOf(
  topic: string,
  partitions: number,
  replicationFactor: number,
  chains: number,
  settings: ReadonlyMap<string, string>,
): string[] {
  const harmless = new Set(['message.timestamp.type', 'compression.type']);
  const faults = needsOf(replicationFactor)
    .filter(({ name, suffices }) => !harmless.has(name) && !suffices(settings.get(name) ?? ''))
    .map(
      ({ name, words }) =>
        `${name} of topic ${topic} is ${settings.get(name) ?? 'not set'}, it must be ${words}: \`kafka-configs.sh --alter --topic ${topic} --add-config ${name}=…\``,
    );
  if (partitions < chains + 1) {
    faults.push(
      `topic ${topic} has ${partitions} partitions, it must have ${chains + 1}, one for each chain and one for the system's: \`kafka-topics.sh --alter --topic ${topic} --partitions ${chains + 1}\``,
    );
  }
  return faults;
}

/**
 * Makes the topic where there is none, and checks what is there. Returns the number of its partitions.
 * @throws ConfigurationError naming each setting that would lose or change data, its value and the one that is needed.
 */
export function ensureTopic(client: KafkaClient, chains: number): Promise<number> {
  const { topic, replicationFactor } = client.options;
  return client.withAdmin(async (admin) => {
    if (!(await admin.listTopics()).includes(topic)) {
      await createTopic(admin, topic, chains + 1, replicationFactor);
    }
    const { partitions, copies, settings } = await onceKnown(topic, async () => ({
      ...(await describeTopic(admin, topic)),
      settings: await settingsOf(admin, topic),
    }));
    const faults = faultsOf(topic, partitions, copies, chains, settings);
    if (faults.length > 0) throw new ConfigurationError(faults.join('; '));
    return partitions;
  });
}

async function createTopic(
  admin: Admin,
  topic: string,
  numPartitions: number,
  replicationFactor: number,
): Promise<void> {
  const configEntries = needsOf(replicationFactor).map(({ name, value }) => ({ name, value }));
  try {
    await makeTopic(admin, { topic, numPartitions, replicationFactor, configEntries });
  } catch (error) {
    throw new ConfigurationError(
      `topic ${topic} could not be made (${causeOf(error as Error)}): make it with ${numPartitions} partitions and ${configEntries.map(({ name, value }) => `${name}=${value}`).join(', ')}, or let the client make it`,
    );
  }
}

/**
 * Makes a topic, or finds that another process made it at the same moment, and waits until it has its leaders: kafkajs
 * itself takes a broker that does not know the new topic yet for a refusal.
 */
export async function makeTopic(
  admin: Admin,
  topic: Parameters<Admin['createTopics']>[0]['topics'][number],
): Promise<void> {
  await admin.createTopics({ waitForLeaders: false, topics: [topic] });
  await onceKnown(topic.topic, async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic.topic] });
    if (topics[0].partitions.some(({ leader }) => leader < 0)) throw new Error('an election is under way');
  });
}

/** Asks about a topic that is there, for as long as the broker which is asked may not know it yet. */
export function onceKnown<T>(topic: string, ask: () => Promise<T>): Promise<T> {
  return persist(`topic ${topic} is not known to every broker yet`, LEADERS_MS, new AbortController().signal, ask);
}

async function describeTopic(admin: Admin, topic: string): Promise<{ partitions: number; copies: number }> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const { partitions } = topics[0];
  return { partitions: partitions.length, copies: Math.min(...partitions.map(({ replicas }) => replicas.length)) };
}

export async function settingsOf(admin: Admin, topic: string): Promise<Map<string, string>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: TOPIC_RESOURCE, name: topic }],
  });
  return new Map(resources[0].configEntries.map(({ configName, configValue }) => [configName, configValue]));
}

export function causeOf(error: Error & { errors?: Error[] }): string {
  return error.errors?.[0]?.message ?? error.message;
}

function exactly(name: string, value: string): Need {
  return { name, value, words: value, suffices: (actual) => actual === value };
}

function atLeast(name: string, least: number): Need {
  return { name, value: String(least), words: `${least} or more`, suffices: (actual) => Number(actual) >= least };
}
