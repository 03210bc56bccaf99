/** Who acts: the first parameter of everything that reads or writes patient data, never looked up from the surroundings. */
export interface Actor {
  /** The client's id, as it stands in envelopes. */
  client: string;
}

/** Who acts while access control is off. */
export const ANONYMOUS: Actor = { client: 'anonymous' };
