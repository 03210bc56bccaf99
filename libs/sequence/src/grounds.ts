import { type Tokens } from '@chartledger/security';
import { type Registry } from './registry.js';

/** What deciding needs beside the submission. */
export interface Grounds {
  registry: Registry;
  tokens: Tokens;
  pseudonymKey: Buffer;
}
