import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect as connectTo, createServer, type Server, type Socket } from 'node:net';
import { HeldRequest } from './held-request.js';
import {
  connect,
  DelayedReply,
  type Fault,
  type FaultCounts,
  type FaultPlan,
  type FetchFault,
} from './kafka-connection.js';

export { DelayedReply, type Fault, type FaultCounts, type FetchFault };

/** Decides the faults of all requests that none was ordered for; is asked once for each. */
export interface FaultSource {
  produce(): Fault;
  fetch(): FetchFault;
}

const COUNTS: FaultCounts = {
  produced: 0,
  swallowed: 0,
  cutBefore: 0,
  cutAfter: 0,
  held: 0,
  delayed: 0,
  reordered: 0,
  fetchesCut: 0,
  fetchesDelayed: 0,
};

/**
 * Stands in front of one broker on 127.0.0.1 and spoils what is told to it: produce requests and their replies, and where
 * a `FaultSource` says so the replies to fetches. Each fault is for the next produce request that no other fault was ordered for; `times` orders it as often.
 * A client that tries again by itself takes a fault with each try.
 *
 * The broker must advertise the proxy's port, or clients go round it. Plain connections only, without TLS or SASL. A
 * producer that wants no acknowledgement (acks=0) gets no reply, so faults of the reply do not show.
 */
export class KafkaProxy implements FaultPlan {
  requestDelayMs = 0;
  replyDelayMs = 0;
  readonly counts: FaultCounts = { ...COUNTS };
  readonly replies = new EventEmitter().setMaxListeners(0);
  private source: FaultSource | undefined;
  private planned: Fault[] = [];
  private readonly holds: HeldRequest[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: () => number,
  ) {
    server.on('connection', (client) => this.accept(client));
  }

  /** Listens on a free port. `target` is asked for the broker's port at each connection. */
  static async listen(target: () => number): Promise<KafkaProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new KafkaProxy(server, target);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Leaves requests alone: for a fault at a later one. */
  pass(times = 1): void {
    this.plan('none', times);
  }

  /** The broker writes and answers; the client never hears of it. Its connection stays. */
  swallowReply(times = 1): void {
    this.plan('swallowReply', times);
  }

  /** The connection breaks and the broker never gets the request. */
  cutBefore(times = 1): void {
    this.plan('cutBefore', times);
  }

  /** The broker writes and answers, and the connection breaks instead of the answer. */
  cutAfter(times = 1): void {
    this.plan('cutAfter', times);
  }

  /**
   * Keeps the next request back, and what its connection sends after it, also when the client gives up and closes. Wait
   * for `counts.held` before the release. @returns the release: it resolves when the broker has answered the late request.
   */
  holdRequest(): () => Promise<void> {
    const held = this.newHold();
    this.plan(held, 1);
    return () => held.release();
  }

  /** A fault for a `FaultSource` to give: as `holdRequest`. */
  newHold(): HeldRequest {
    const held = new HeldRequest();
    this.holds.push(held);
    return held;
  }

  /** From now on each produce request comes so much later to the broker. 0 ends it. */
  delayRequests(ms: number): void {
    this.requestDelayMs = ms;
  }

  /** From now on each reply to a produce request comes so much later to the client. 0 ends it. */
  delayReplies(ms: number): void {
    this.replyDelayMs = ms;
  }

  /** From now on `source` decides, until `clear`. */
  drawFrom(source: FaultSource): void {
    this.source = source;
  }

  /** Orders no more faults. What is held stays held. */
  clear(): void {
    this.source = undefined;
    this.planned = [];
    this.requestDelayMs = 0;
    this.replyDelayMs = 0;
  }

  next(): Fault {
    return this.planned.shift() ?? this.source?.produce() ?? 'none';
  }

  nextFetch(): FetchFault {
    return this.source?.fetch() ?? 'none';
  }

  /** Breaks every connection and listens no more. What is held never reaches the broker. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    for (const held of this.holds) held.lost();
    await closed;
  }

  private plan(fault: Fault, times: number): void {
    for (let time = 0; time < times; time++) this.planned.push(fault);
  }

  private accept(client: Socket): void {
    const broker = connectTo(this.target(), '127.0.0.1');
    for (const socket of [client, broker]) {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    }
    void connect(client, broker, this);
  }
}
