import { hashText } from './content-hash.js';

/** The hash of a code; never 0, which is none. */
export function hashCode(text: string): number {
  return hashText(text) || 1;
}

export function hashMailbox(email: string): number {
  const mailbox = email.split('@', 1)[0];
  return mailbox.length < 4 ? 0 : hashCode(mailbox);
}

/** Hashes of the halves of an identifier, each with its length; 0 for what is too short to have halves. */
export function hashHalves(text: string): [start: number, end: number] {
  if (text.length < 6) return [0, 0];
  const middle = text.length >> 1;
  return [hashCode(`${text.slice(0, middle)}>`), hashCode(`<${text.slice(middle)}`)];
}
