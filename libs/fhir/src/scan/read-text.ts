import { BYTES, skipSpace } from './bytes.js';
import { elementAt } from './element-at.js';
import { fatalFinding, Unreadable } from './unreadable.js';
import { type Finding } from './finding.js';
import { type Scan } from './scan-state.js';
import { assertUtf8 } from './utf8.js';

const { OPEN_BRACE } = BYTES;

/**
 * Reads the one JSON value that is the whole text.
 * @param readObject reads the object at a position and gives its end; not called when the value is no object.
 * @returns the fatal finding that ended the scan, if any did.
 */
export function readText(scan: Scan, readObject: (open: number) => number): Finding | undefined {
  const { text } = scan;
  try {
    assertUtf8(text);
    const start = skipSpace(text, 0);
    if (start >= text.length) throw new Unreadable(text.length, 'The body is empty: send a resource as JSON');
    const end =
      text[start] === OPEN_BRACE
        ? readObject(start)
        : scan.reject(start, 0, 'structure', 'A resource must be a JSON object (R4 json.html#resources).');
    const rest = skipSpace(text, end);
    if (rest < text.length) throw new Unreadable(rest, 'Nothing may come after the resource: send one at a time');
    return undefined;
  } catch (error) {
    if (error instanceof Unreadable) return fatalFinding(text, error, elementAt(text, error.at, scan.expression(0)));
    throw error;
  }
}
