import { type Ledger } from '@chartledger/ledger';

/** One view of one chain, as those who read it see it: this process may keep it, or another. */
export interface View {
  readonly name: string;
  readonly chain: number;
  /** The schema of its rows. */
  readonly schema: string;
  /** The seq of the last entry in it, as far as is known here; -1: none. */
  readonly applied: number;
  /** How many entries it is known to lack. */
  readonly lag: number;
  /** Why it does not follow now, if it does not. */
  readonly error: Error | undefined;
  /** Resolves when the view has the entry at `seq`. @throws UnavailableError when it does not come. */
  reached(seq: number): Promise<void>;
  /** Resolves when it has everything that was acknowledged before the call. @throws UnavailableError. */
  caughtUp(): Promise<void>;
}

/** The views that this process can read. */
export interface Views {
  readonly ledger: Ledger;
  /** @throws TypeError for a view or chain that cannot be read here: a mistake in the wiring. */
  view(name: string, chain: number): View;
  /** The view, once it has everything that was acknowledged before the call. */
  upToDate(name: string, chain: number): Promise<View>;
  all(): readonly View[];
}

/** The one of `views` that is asked for. @throws TypeError. */
export function viewAmong<T extends View>(views: readonly T[], name: string, chain: number): T {
  const found = views.find((view) => view.name === name && view.chain === chain);
  if (!found) throw new TypeError(`no view ${name} of chain ${chain} can be read here`);
  return found;
}
