import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventually } from '@chartledger/testing';
import { READY, type ChildOptions } from './child/protocol.js';
import { entryId } from './kafka-checks.js';
import { type WriterRecord } from './kafka-record.js';

const REGISTER = fileURLToPath(new URL('./child/register.mjs', import.meta.url));
const SEQUENCER = fileURLToPath(new URL('./child/sequencer.ts', import.meta.url));
/** A start on a busy machine, with what there is to catch up. */
const START_MS = 60_000;
const END_MS = 30_000;

/** A process that sequences (see child/sequencer.ts), to be killed and paused. */
export class SequencerProcess {
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private output = '';
  private errors = '';

  constructor(private readonly options: ChildOptions) {
    this.child = spawn(process.execPath, ['--no-warnings', '--import', REGISTER, SEQUENCER, JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdin!.on('error', () => undefined);
    this.child.stdout!.on('data', (chunk) => (this.output += String(chunk)));
    this.child.stderr!.on('data', (chunk) => (this.errors += String(chunk)));
    this.ended = once(this.child, 'close');
  }

  get pid(): number {
    return this.child.pid!;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** @throws Error with its standard error when it ends by itself and not by SIGKILL. */
  async ready(): Promise<void> {
    await this.until('the start of a sequencer', () => this.output.includes(READY), START_MS);
  }

  /** Resolves when so many submissions were answered in all by the processes with this journal. */
  async answered(count: number): Promise<void> {
    await this.until(`${count} answers`, () => this.answers >= count, START_MS);
  }

  get answers(): number {
    return existsSync(this.options.journal)
      ? readFileSync(this.options.journal, 'utf8').split('acknowledged').length - 1
      : 0;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  /** Resolves when it ended by SIGKILL, its own or another's. */
  async killed(): Promise<void> {
    await eventually('the end of a sequencer', () => this.hasEnded, START_MS);
    if (this.child.signalCode !== 'SIGKILL') throw this.failure();
  }

  async stop(): Promise<void> {
    this.child.stdin!.write('stop\n');
    await eventually('the stop of a sequencer', () => this.hasEnded, END_MS);
    if (this.child.exitCode !== 0) throw this.failure();
  }

  private async until(what: string, ask: () => boolean, deadlineMs: number): Promise<void> {
    await eventually(
      what,
      () => {
        if (this.hasEnded) throw this.failure();
        return ask();
      },
      deadlineMs,
    );
  }

  private failure(): Error {
    const { exitCode, signalCode } = this.child;
    return new Error(`the sequencer ended with ${exitCode ?? signalCode}: ${this.errors}`);
  }
}

/** Adds what a process wrote down to the record. Every submission is of one entry. */
export function readJournal(journal: string, record: WriterRecord): void {
  for (const line of readFileSync(journal, 'utf8').split('\n')) {
    const [what, id, seq] = line.split(' ');
    if (what === 'sent') record.send(entryId(id, 0));
    // A line that a kill cut short has no end, and was no answer to anybody.
    if (what === 'acknowledged' && seq) record.acknowledge(entryId(id, 0), Number(seq));
  }
}
