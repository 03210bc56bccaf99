import { Kafka, logLevel } from 'kafkajs';
import { AlertsTopic } from './alerts-topic.js';
import { runPipeline } from './pipeline.js';
import { Records } from './records.js';
import { readSettings } from './settings.js';
import { Store } from './store.js';

/** Whatever fails ends the process: after its start it knows by its table and its topic where it stands. */
try {
  const settings = readSettings(process.env);
  const kafka = new Kafka({ clientId: 'lab-alerts', brokers: settings.brokers, logLevel: logLevel.ERROR });
  const store = new Store(settings.databaseUrl);
  await store.open();
  const topic = new AlertsTopic(kafka, settings.alertsTopic, store);
  const admin = kafka.admin();
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata({ topics: [settings.changesTopic] });
  await admin.disconnect();
  await topic.open(topics[0].partitions.length);
  console.log('lab-alerts ready');
  await runPipeline(kafka, settings, store, new Records(settings.fhirUrl), topic);
} catch (error) {
  const { message, cause } = error as Error;
  console.error(`lab-alerts ends: ${message}${cause ? ` (${String(cause)})` : ''}`);
  process.exit(1);
}
