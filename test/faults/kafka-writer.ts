import { setTimeout as delay } from 'node:timers/promises';
import { link, type Draft, type Ledger, type LinkedEntry } from '@chartledger/ledger';
import { UnavailableError } from '@chartledger/platform';
import { sampleDrafts } from '@chartledger/testing';
import { entryId } from './kafka-checks.js';
import { type WriterRecord } from './kafka-record.js';

/** Numbers of one writer's entries; each writer has its own. */
const NUMBERS = 1_000_000;

export interface WriterOptions {
  ledger: Ledger;
  chain: number;
  record: WriterRecord;
  /** Of this writer among all of its chain. */
  index: number;
  /** From 0 to 1. */
  next: () => number;
  /** Asked before each group. */
  isDone: () => boolean;
  /** Between two groups: none unless a test runs for long. */
  pauseMs?: number;
  /** The mistake that the harness must find: what was sent counts as acknowledged, and nobody looks what became of it. */
  isAcknowledgedBlindly?: boolean;
}

/** Appends groups of one to eight entries until it is done, and writes down what it was told of each. */
export async function keepWriting(options: WriterOptions): Promise<void> {
  const { record, index, next, isDone, pauseMs = 0 } = options;
  let number = index * NUMBERS;
  while (!isDone()) {
    const drafts = sampleDrafts(1 + Math.floor(next() * 8), {
      first: number,
      payloadBytes: 20 + Math.floor(next() * 400),
    });
    number += drafts.length;
    for (const { context } of drafts) record.send(entryId(context.submission, context.part));
    await appendOnce(options, drafts);
    if (pauseMs > 0) await delay(pauseMs);
  }
}

/** Links again where the race was lost, since nothing was written then. What is of unknown outcome is not sent again. */
async function appendOnce(options: WriterOptions, drafts: readonly Draft[]): Promise<void> {
  const { ledger, chain, record, isAcknowledgedBlindly = false } = options;
  try {
    for (;;) {
      const head = await ledger.head(chain);
      const entries = link(head, [...drafts], Math.max(Date.now(), head.time));
      if (isAcknowledgedBlindly) acknowledge(record, entries);
      const isAppended = await ledger.append(head, entries);
      if (isAppended) acknowledge(record, entries);
      if (isAppended || isAcknowledgedBlindly) return;
    }
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
  }
}

function acknowledge(record: WriterRecord, entries: readonly LinkedEntry[]): void {
  for (const { fields, seq } of entries) record.acknowledge(entryId(fields.submission, fields.part), seq);
}
