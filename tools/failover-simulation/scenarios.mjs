/**
 * What the simulation takes for given. Milliseconds unless the name says otherwise.
 * lockFallMs: a killed process closes its sockets; a lost host is silent until idle_session_timeout (SILENCE_MS of ShareKeeper).
 * lockMs: a try for a lock, one round trip. openMs: head of the partition, last checkpoint and tiles, the owner's row.
 * catchUpPerSecond: `rebuild lineage`, docs/scale.md. hangMs: how long a request to a dead broker is waited for, which a
 * killed process ends at once (its sockets are reset) and a lost host does not (SEND_DEADLINE_MS).
 */
export const PARAMETERS = {
  sequencers: 8,
  brokers: 6,
  chains: 256,
  lost: { sequencer: false, broker: false },
  policy: 'one',
  lockFallMs: 10,
  pollMs: 250,
  lockMs: 2,
  openMs: 60,
  lagEntries: 200,
  catchUpPerSecond: 13_000,
  gatewayRetryMs: 100,
  sessionMs: 3_000,
  heartbeatMs: 500,
  electionMs: 2,
  retryMs: 200,
  readBackMs: 20,
  hangMs: 0,
};

const sequencer = { lost: { sequencer: true, broker: false } };
const broker = { lost: { sequencer: false, broker: true } };
const HOST_LOST = { lockFallMs: 5_000, hangMs: 8_000 };
const KAFKA_DEFAULTS = { sessionMs: 9_000, heartbeatMs: 2_000 };
/** tcp_keepalives_* of Linux: 7,200 s, then nine probes, 75 s apart. */
const LINUX_KEEPALIVE_MS = 7_875_000;

/** The rows of the table: what happens, and what is other than in PARAMETERS. */
export const SCENARIOS = [
  { name: 'sequencer killed', ...sequencer, chains: 2, sequencers: 2, brokers: 3 },
  { name: 'sequencer killed', ...sequencer, chains: 64, sequencers: 4 },
  { name: 'sequencer killed', ...sequencer, chains: 256, sequencers: 8 },
  { name: 'sequencer killed', ...sequencer, chains: 1024, sequencers: 16 },
  { name: 'sequencer killed', ...sequencer, chains: 32, sequencers: 2 },
  { name: 'sequencer killed', ...sequencer, chains: 32, sequencers: 2, policy: 'share' },
  { name: 'sequencer killed', ...sequencer, chains: 256, sequencers: 8, policy: 'share' },
  { name: 'sequencer killed', ...sequencer, chains: 256, sequencers: 8, policy: 'all' },
  { name: 'sequencer killed, views 20,000 entries behind', ...sequencer, lagEntries: 20_000 },
  { name: 'sequencer killed, views 20,000 entries behind', ...sequencer, lagEntries: 20_000, sequencers: 32 },
  { name: "sequencer's host lost", ...sequencer, ...HOST_LOST },
  { name: "sequencer's host lost, no idle_session_timeout", ...sequencer, lockFallMs: LINUX_KEEPALIVE_MS },
  { name: 'broker killed, session 3 s', ...broker },
  { name: 'broker killed, session 3 s', ...broker, chains: 1024, sequencers: 16 },
  { name: 'broker killed, session 9 s', ...broker, ...KAFKA_DEFAULTS },
  { name: "broker's host lost, session 3 s", ...broker, ...HOST_LOST },
  {
    name: 'host of both lost, session 3 s',
    lost: { sequencer: true, broker: true },
    ...HOST_LOST,
  },
];
