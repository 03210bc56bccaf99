import { Agenda } from './agenda.mjs';
import { generator, shuffled } from './random.mjs';

/**
 * What a sequencer takes of the chains that it finds free at a poll.
 * `all`: every one. `one`: one. `share`: as many as bring it to chains / living sequencers, rounded up.
 */
const POLICIES = {
  all: (free) => free,
  one: () => 1,
  share: (free, owned, { chains, living }) => Math.min(free, Math.ceil(chains / living) - owned),
};

/**
 * Loses a sequencer, a broker or both at time 0 and plays until every chain is writable again. A chain is writable when
 * its owner lives, has caught up, its partition has a leader, and gateways have found the owner. Pure: the same parameters
 * and seed give the same result.
 * @returns for each chain the milliseconds until it was writable (0: it always was), and how many chains each sequencer has.
 */
export function simulateFailover(parameters, seed) {
  const { chains: count, sequencers, brokers, lost } = parameters;
  const random = generator(seed);
  const agenda = new Agenda();
  const chains = Array.from({ length: count }, (_, number) => ({
    number,
    owner: number % sequencers,
    leader: Math.floor(number / sequencers) % brokers,
    writableMs: 0,
  }));
  const world = {
    parameters,
    random,
    agenda,
    chains,
    owned: Array.from({ length: sequencers }, (_, sequencer) => chains.filter((one) => one.owner === sequencer).length),
    busyUntil: Array.from({ length: sequencers }, () => 0),
    living: Array.from({ length: sequencers }, (_, sequencer) => sequencer).slice(lost.sequencer ? 1 : 0),
  };
  if (lost.broker) loseBroker(world);
  if (lost.sequencer) loseSequencer(world);
  agenda.run();
  return { writableMs: chains.map(({ writableMs }) => writableMs), owned: world.owned };
}

/** Sequencer 0 dies. Its locks fall when PostgreSQL knows that its connections are gone. */
function loseSequencer(world) {
  const { parameters, random, agenda, chains, owned, living } = world;
  const orphans = chains.filter(({ owner }) => owner === 0);
  for (const chain of orphans) chain.owner = undefined;
  owned[0] = 0;
  const state = { isFree: false, free: new Set(orphans) };
  agenda.at(parameters.lockFallMs, () => (state.isFree = true));
  for (const sequencer of living) agenda.at(random() * parameters.pollMs, () => poll(world, sequencer, state));
}

function poll(world, sequencer, state) {
  const { parameters, random, agenda, owned, living } = world;
  if (state.free.size === 0) return;
  if (state.isFree) {
    const wanted = POLICIES[parameters.policy](state.free.size, owned[sequencer], {
      chains: parameters.chains,
      living: living.length,
    });
    for (const chain of shuffled(random, state.free).slice(0, Math.max(0, wanted))) {
      state.free.delete(chain);
      chain.owner = sequencer;
      owned[sequencer] += 1;
      agenda.at(agenda.now + around(random, parameters.lockMs), () => open(world, chain));
    }
  }
  agenda.at(agenda.now + parameters.pollMs, () => poll(world, sequencer, state));
}

/** Reads the head and the last checkpoint, then brings the chain's views up: on the one thread of the process. */
function open(world, chain) {
  const { parameters, random, agenda, busyUntil } = world;
  if (chain.leader === undefined) {
    agenda.at(agenda.now + parameters.retryMs, () => open(world, chain));
    return;
  }
  agenda.at(agenda.now + around(random, parameters.openMs), () => {
    const lag = -Math.log(1 - random()) * parameters.lagEntries;
    const start = Math.max(agenda.now, busyUntil[chain.owner]);
    busyUntil[chain.owner] = start + (1000 * lag) / parameters.catchUpPerSecond;
    agenda.at(busyUntil[chain.owner], () => {
      chain.writableMs = agenda.now + random() * parameters.gatewayRetryMs;
    });
  });
}

/** Broker 0 dies. The controller elects leaders, one after the other, when its session has run out. */
function loseBroker(world) {
  const { parameters, random, agenda, chains } = world;
  const { brokers, sessionMs, heartbeatMs, electionMs, retryMs, hangMs } = parameters;
  const orphans = chains.filter(({ leader }) => leader === 0);
  for (const chain of orphans) chain.leader = undefined;
  const fencedMs = sessionMs - random() * heartbeatMs;
  shuffled(random, orphans).forEach((chain, place) => {
    agenda.at(fencedMs + electionMs * (place + 1), () => (chain.leader = 1 + (place % (brokers - 1))));
    const isTaken = chain.owner !== 0 || !parameters.lost.sequencer;
    if (isTaken) agenda.at(hangMs + random() * retryMs, () => retry(world, chain));
  });
}

/** The owner tries again, with fresh metadata, reads back, and appends. */
function retry(world, chain) {
  const { parameters, random, agenda } = world;
  if (chain.leader === undefined) agenda.at(agenda.now + parameters.retryMs, () => retry(world, chain));
  else chain.writableMs = agenda.now + around(random, parameters.readBackMs);
}

/** Half to one and a half times the mean. */
function around(random, mean) {
  return mean * (0.5 + random());
}
