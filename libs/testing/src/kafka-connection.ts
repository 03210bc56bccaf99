import { type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { HeldRequest } from './held-request.js';
import { correlationOfReply, framesOf, PRODUCE, requestHeader } from './kafka-frames.js';

/** What happens to one produce request. */
export type Fault = 'none' | 'swallowReply' | 'cutBefore' | 'cutAfter' | HeldRequest;

/** What a proxy has done, to produce requests and their replies. */
export interface FaultCounts {
  produced: number;
  swallowed: number;
  cutBefore: number;
  cutAfter: number;
  held: number;
  delayed: number;
}

/** The owner's orders to all its connections. */
export interface FaultPlan {
  requestDelayMs: number;
  replyDelayMs: number;
  counts: FaultCounts;
  /** The fault of the next produce request. */
  next(): Fault;
}

/**
 * Carries frames between a client and a broker until one of them closes, with the faults of the plan. Order is kept as
 * in TCP: what a client sends after a held or delayed request waits behind it, and a request that was read is carried
 * on though its client has gone.
 */
export async function connect(client: Socket, broker: Socket, plan: FaultPlan): Promise<void> {
  const awaited = new Map<number, Fault>();
  for (const socket of [client, broker]) socket.setNoDelay(true).on('error', () => socket.destroy());
  const replies = carryReplies(client, broker, plan, awaited).finally(() => {
    client.destroy();
    broker.destroy();
    for (const fault of awaited.values()) if (fault instanceof HeldRequest) fault.lost();
  });
  const requests = carryRequests(client, broker, plan, awaited).finally(() => {
    client.destroy();
    // With a request under way the side of the replies closes it, after the answer.
    if (awaited.size === 0) broker.destroy();
  });
  await Promise.allSettled([requests, replies]);
}

type Awaited = Map<number, Fault>;

async function carryRequests(client: Socket, broker: Socket, plan: FaultPlan, awaited: Awaited): Promise<void> {
  for await (const frame of framesOf(client)) {
    const { apiKey, correlationId } = requestHeader(frame);
    if (apiKey === PRODUCE) {
      plan.counts.produced++;
      const fault = plan.next();
      if (fault === 'cutBefore') {
        plan.counts.cutBefore++;
        broker.destroy();
        return;
      }
      awaited.set(correlationId, fault);
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
    const fault = awaited.get(correlationOfReply(frame));
    if (fault === 'cutAfter') {
      plan.counts.cutAfter++;
      return;
    }
    if (fault !== undefined) await delayed(plan.replyDelayMs, plan);
    awaited.delete(correlationOfReply(frame));
    if (fault instanceof HeldRequest) fault.answered();
    if (fault === 'swallowReply') plan.counts.swallowed++;
    else if (!client.destroyed) client.write(frame);
    if (client.destroyed && awaited.size === 0) return;
  }
}

async function delayed(ms: number, plan: FaultPlan): Promise<void> {
  if (ms === 0) return;
  plan.counts.delayed++;
  await delay(ms);
}
