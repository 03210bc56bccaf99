import { type EventEmitter, once } from 'node:events';
import { type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { HeldRequest } from './held-request.js';
import { correlationOfReply, FETCH, framesOf, PRODUCE, requestHeader } from './kafka-frames.js';

/** What happens to one produce request. */
export type Fault = 'none' | 'swallowReply' | 'cutBefore' | 'cutAfter' | 'reorderReply' | HeldRequest | DelayedReply;

/** The reply to a produce request comes so many milliseconds later. */
export class DelayedReply {
  constructor(readonly ms: number) {}
}

/** What happens to one request for messages: nothing, the connection breaks, or its reply comes so much later. */
export type FetchFault = 'none' | 'cut' | DelayedReply;

/** A reply that is overtaken waits no longer than this for the one that does. */
const REORDER_MS = 400;

/** What a proxy has done, to produce requests and their replies. */
export interface FaultCounts {
  produced: number;
  swallowed: number;
  cutBefore: number;
  cutAfter: number;
  held: number;
  delayed: number;
  reordered: number;
  fetchesCut: number;
  fetchesDelayed: number;
}

/** The owner's orders to all its connections. */
export interface FaultPlan {
  requestDelayMs: number;
  replyDelayMs: number;
  counts: FaultCounts;
  /** The fault of the next produce request. */
  next(): Fault;
  /** The fault of the next request for messages. */
  nextFetch(): FetchFault;
  /** Emits `reply` for each reply to a produce request, on whichever connection, once its client has it. */
  readonly replies: EventEmitter;
}

/**
 * Carries frames between a client and a broker until one of them closes, with the faults of the plan. Order is kept as
 * in TCP: what a client sends after a held or delayed request waits behind it, and a request that was read is carried
 * on though its client has gone.
 */
export async function connect(client: Socket, broker: Socket, plan: FaultPlan): Promise<void> {
  const awaited: Awaited = { produces: new Map(), fetches: new Map() };
  for (const socket of [client, broker]) socket.setNoDelay(true).on('error', () => socket.destroy());
  const replies = carryReplies(client, broker, plan, awaited).finally(() => {
    client.destroy();
    broker.destroy();
    for (const fault of awaited.produces.values()) if (fault instanceof HeldRequest) fault.lost();
  });
  const requests = carryRequests(client, broker, plan, awaited).finally(() => {
    client.destroy();
    // With a request under way the side of the replies closes it, after the answer.
    if (awaited.produces.size === 0) broker.destroy();
  });
  await Promise.allSettled([requests, replies]);
}

/** The requests under way that the plan has a fault for, and every produce request. */
interface Awaited {
  produces: Map<number, Fault>;
  fetches: Map<number, Exclude<FetchFault, 'none'>>;
}

async function carryRequests(client: Socket, broker: Socket, plan: FaultPlan, awaited: Awaited): Promise<void> {
  for await (const frame of framesOf(client)) {
    const { apiKey, correlationId } = requestHeader(frame);
    if (apiKey === FETCH) {
      const fault = plan.nextFetch();
      if (fault !== 'none') awaited.fetches.set(correlationId, fault);
    }
    if (apiKey === PRODUCE) {
      plan.counts.produced++;
      const fault = plan.next();
      if (fault === 'cutBefore') {
        plan.counts.cutBefore++;
        broker.destroy();
        return;
      }
      awaited.produces.set(correlationId, fault);
      if (fault instanceof HeldRequest) {
        plan.counts.held++;
        await fault.hold();
      }
      await delayed(plan.requestDelayMs, plan);
    }
    broker.write(frame);
  }
}

async function carryReplies(client: Socket, broker: Socket, plan: FaultPlan, awaited: Awaited): Promise<void> {
  for await (const frame of framesOf(broker)) {
    const correlationId = correlationOfReply(frame);
    const fetchFault = awaited.fetches.get(correlationId);
    if (fetchFault && !(await carryOn(fetchFault, plan))) return;
    awaited.fetches.delete(correlationId);
    const fault = awaited.produces.get(correlationId);
    if (fault === 'cutAfter') {
      plan.counts.cutAfter++;
      return;
    }
    if (fault instanceof DelayedReply) await delayed(fault.ms, plan);
    else if (fault !== undefined) await delayed(plan.replyDelayMs, plan);
    if (fault === 'reorderReply') {
      plan.counts.reordered++;
      await once(plan.replies, 'reply', { signal: AbortSignal.timeout(REORDER_MS) }).catch(() => undefined);
    }
    awaited.produces.delete(correlationId);
    if (fault instanceof HeldRequest) fault.answered();
    if (fault === 'swallowReply') plan.counts.swallowed++;
    else if (!client.destroyed) client.write(frame);
    if (fault !== undefined) plan.replies.emit('reply');
    if (client.destroyed && awaited.produces.size === 0) return;
  }
}

/** Whether the connection goes on. */
async function carryOn(fault: Exclude<FetchFault, 'none'>, plan: FaultPlan): Promise<boolean> {
  if (fault === 'cut') plan.counts.fetchesCut++;
  else plan.counts.fetchesDelayed++;
  if (fault instanceof DelayedReply) await delay(fault.ms);
  return fault !== 'cut';
}

async function delayed(ms: number, plan: FaultPlan): Promise<void> {
  if (ms === 0) return;
  plan.counts.delayed++;
  await delay(ms);
}
