import { FormatError } from './format-error.js';

/**
 * Reads standard, padded base64 (RFC 4648 section 4) and nothing else: Buffer.from skips what it does not know, by which
 * one value would have many spellings.
 * @throws FormatError base64_malformed
 */
export function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new FormatError('base64_malformed', 'the text is not standard base64');
  return bytes;
}
