import { hashText } from './content-hash.js';

/** The hash of a code; never 0, which is none. */
export function hashCode(text: string): number {
  return hashText(text) || 1;
}

export function hashMailbox(email: string): number {
  const mailbox = email.split('@', 1)[0];
  return mailbox.length < 4 ? 0 : hashCode(mailbox);
}
