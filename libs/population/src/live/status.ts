/** How a registered view stands, for people and programs. */
export interface ViewStatus {
  id: string;
  /** Of its ViewDefinition. */
  version: number;
  name?: string;
  url?: string;
  /** `live`: read and kept. `filling`: made from the oldest entry on. `broken`: see `problem`. */
  state: 'live' | 'filling' | 'broken';
  /** Where and why the definition is wrong. */
  problem?: string;
  /** How far it is filled: entries read, of those there are. */
  done?: number;
  total?: number;
  /** Current records of which no rows could be made, and where the last ones are and why. */
  failures?: { count: number; last: { position: string; problem: string }[] };
}

export interface PopulationStatus {
  /** The position of each chain that the live views stand at. */
  positions: Record<number, number>;
  views: ViewStatus[];
  /** Why the views do not follow now, if they do not. */
  error?: string;
}
