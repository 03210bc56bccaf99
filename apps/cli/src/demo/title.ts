import { print } from '../output.js';

/** A heading of the demo. */
export function title(text: string): void {
  print(`\n${text}\n${'─'.repeat(text.length)}`);
}
