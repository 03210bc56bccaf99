/** The ledger's largest message (16 MiB) and what Kafka puts around it. */
const MAX_MESSAGE_BYTES = 17_825_792;

/** The configuration of one node of a KRaft cluster on this machine: small, and quick to fail over. */
export function serverProperties(node, nodes, dataFolder) {
  const replicas = nodes.length;
  const inSync = Math.min(2, replicas);
  const voters = nodes.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`);
  return text({
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': voters.join(','),
    'controller.listener.names': 'CONTROLLER',
    // Brokers talk on a listener of their own: a proxy at the clients' port sees clients only.
    'inter.broker.listener.name': 'BROKER',
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT',
    listeners: [
      `CLIENT://127.0.0.1:${node.port}`,
      `BROKER://127.0.0.1:${node.brokerPort}`,
      `CONTROLLER://127.0.0.1:${node.controllerPort}`,
    ].join(','),
    'advertised.listeners': `CLIENT://127.0.0.1:${node.advertisedPort},BROKER://127.0.0.1:${node.brokerPort}`,
    'log.dirs': dataFolder,

    'auto.create.topics.enable': false,
    'unclean.leader.election.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'message.max.bytes': MAX_MESSAGE_BYTES,
    'replica.fetch.max.bytes': MAX_MESSAGE_BYTES,

    // The topics of the broker itself: few partitions, on every node.
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'share.coordinator.state.topic.num.partitions': 4,

    // The defaults (9000 and 2000) leave a gap of 10 to 16 s when a leader is killed.
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    'group.initial.rebalance.delay.ms': 0,

    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
  });
}

function text(properties) {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
