import { type Connection } from '@chartledger/database';
import { type KafkaOptions } from '@chartledger/ledger-kafka';

/** A moment at which a process may end itself by SIGKILL. */
export type Step = 'before the append' | 'after the append' | 'before the rows' | 'after the rows';

/** What a process is told, as JSON in its first argument. */
export interface ChildOptions {
  connection: Connection;
  keysDir: string;
  kafka: KafkaOptions;
  /** A file of its own: `sent ID` before a submission, `acknowledged ID SEQ` after its answer. Read again at the next start. */
  journal: string;
  /** How many submissions it has under way. */
  lanes: number;
  /** Whether it waits for the lock on the chain before it begins; otherwise it takes the chain for its own. */
  locks: boolean;
  killAt?: { step: Step; time: number };
}

export const CHAIN = 1;
export const READY = 'ready';
