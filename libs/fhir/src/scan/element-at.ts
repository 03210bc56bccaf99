import { BYTES } from './bytes.js';

const { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } = BYTES;

/** Names that a message may repeat: anything else might be health information in the wrong place. */
const HARMLESS_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
/** Deeper than any element of FHIR: what is nested further is named by what holds it. */
const MAX_FRAMES = 64;

interface Frame {
  isArray: boolean;
  /** Of the member that is being read; undefined where a name is expected. */
  name: string | undefined;
  index: number;
}

/**
 * The element that stands at a byte of a text, by the names that it has in JSON: `root.entry[0].resource.active`. For the
 * text of an error: it reads from the start. The text MUST be JSON up to there; its bytes need not be UTF-8.
 */
export function elementAt(text: Buffer, at: number, root: string): string {
  const frames: Frame[] = [];
  for (let place = 0; place <= at && place < text.length; place++) {
    const top = frames[frames.length - 1];
    switch (text[place]) {
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (frames.length === MAX_FRAMES) return pathOf(frames, root);
        frames.push({ isArray: text[place] === OPEN_BRACKET, name: undefined, index: 0 });
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        frames.pop();
        break;
      case COMMA:
        if (top?.isArray) top.index += 1;
        else if (top) top.name = undefined;
        break;
      case QUOTE: {
        const close = closingQuote(text, place + 1);
        if (top && !top.isArray && top.name === undefined) top.name = text.toString('latin1', place + 1, close);
        place = close;
        break;
      }
    }
  }
  return pathOf(frames, root);
}

function pathOf(frames: readonly Frame[], root: string): string {
  let path = root;
  for (const { isArray, name, index } of frames) {
    if (isArray) path += `[${index}]`;
    else if (name === undefined || !HARMLESS_NAME.test(name)) return path;
    else path += `${path && '.'}${name}`;
  }
  return path;
}

function closingQuote(text: Buffer, start: number): number {
  let at = start;
  while (at < text.length && text[at] !== QUOTE) at += text[at] === BACKSLASH ? 2 : 1;
  return at;
}
