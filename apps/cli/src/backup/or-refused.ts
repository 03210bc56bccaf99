import { EXIT, print, printJson } from '../output.js';
import { Refused } from './refused.js';

/** Runs a command's work; a refusal is told, by its position where it has one, and is exit code 1. */
export async function orRefused(json: boolean, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const refused = Refused.of(error);
    if (!refused) throw error;
    const { position, reason, message } = refused;
    if (json) printJson({ ok: false, reason, ...(position && { position }), detail: message });
    else print(`REFUSED${position ? ` at ${position}` : ''}: ${reason}\n  ${message}`);
    return EXIT.foundWrong;
  }
}
