import { DelayedReply, type Fault, type FaultSource, type FetchFault, type KafkaProxy } from '@chartledger/testing';

/** Of so many requests one has the fault: those that cost the driver its deadline are rarer. */
const PRODUCE_FAULTS: [kind: string, share: number][] = [
  ['connection cut before the write', 0.1],
  ['connection cut after the write', 0.1],
  ['reply delayed', 0.06],
  ['reply overtaken by others', 0.06],
  ['request late (zombie)', 0.03],
  ['reply swallowed', 0.03],
];
const FETCH_FAULTS: [kind: string, share: number][] = [
  ['reading cut', 0.01],
  ['reading delayed', 0.02],
];
const LONGEST_DELAY_MS = 60;
/** Shorter and longer than the deadline of a send in these tests: the client has given up on some. */
const LONGEST_HOLD_MS = 1_500;

/** A fault that was ordered, in the order of the requests. */
export interface Injected {
  kind: string;
  ms?: number;
}

/** Draws the faults of one proxy from a seeded source, and writes down what it drew. */
export function faultSource(next: () => number, proxy: KafkaProxy): FaultSource & { readonly injected: Injected[] } {
  const injected: Injected[] = [];
  const draw = (faults: [string, number][]): string | undefined => {
    let left = next();
    return faults.find(([, share]) => (left -= share) < 0)?.[0];
  };
  return {
    injected,
    produce: (): Fault => {
      const kind = draw(PRODUCE_FAULTS);
      if (kind === undefined) return 'none';
      const ms = 1 + Math.floor(next() * (kind === 'request late (zombie)' ? LONGEST_HOLD_MS : LONGEST_DELAY_MS));
      injected.push({ kind, ms });
      return produceFault(kind, ms, proxy);
    },
    fetch: (): FetchFault => {
      const kind = draw(FETCH_FAULTS);
      if (kind === undefined) return 'none';
      const ms = 1 + Math.floor(next() * LONGEST_DELAY_MS);
      injected.push({ kind, ms });
      return kind === 'reading cut' ? 'cut' : new DelayedReply(ms);
    },
  };
}

function produceFault(kind: string, ms: number, proxy: KafkaProxy): Fault {
  switch (kind) {
    case 'connection cut before the write':
      return 'cutBefore';
    case 'connection cut after the write':
      return 'cutAfter';
    case 'reply swallowed':
      return 'swallowReply';
    case 'reply overtaken by others':
      return 'reorderReply';
    case 'reply delayed':
      return new DelayedReply(ms);
    default: {
      const held = proxy.newHold();
      // Its broker may have ended meanwhile, and the request with it.
      setTimeout(() => held.release().catch(() => undefined), ms);
      return held;
    }
  }
}
