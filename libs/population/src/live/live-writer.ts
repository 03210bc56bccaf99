import { SYSTEM_CHAIN, type StoredEntry } from '@chartledger/ledger';
import { type EntryOpener } from '@chartledger/projection';
import { type PopulationStore } from '../store/population-store.js';
import { applyPersons } from '../store/person-links.js';
import { keepLibrary } from './libraries.js';
import { movePosition, refreshViews, type Lanes } from './lanes.js';
import { recordEntries, typeOf, type RecordEntry } from './record-entry.js';
import { dropViews, registerView } from './registered-view.js';
import { LocalRows } from './row-source.js';
import { libraryChanges, personVersions, viewChanges } from './system-entries.js';

/** Types of the system's own source that are acted on, whatever views there are. */
const OWN_TYPES = ['Person', 'ViewDefinition', 'Library'];

/** Writes what entries say to the views that are read: in this thread, since most come alone and somebody waits for them. */
export class LiveWriter {
  private readonly rows: LocalRows;

  constructor(
    private readonly store: PopulationStore,
    private readonly opener: EntryOpener,
  ) {
    this.rows = new LocalRows(opener);
  }

  /**
   * One transaction: rows, persons, registered views, and the position.
   * @param lane the lane of views that these entries register.
   * @returns whether views were registered or dropped.
   */
  async apply(lanes: Lanes, chain: number, stored: readonly StoredEntry[], lane: () => number): Promise<boolean> {
    const { live } = lanes;
    const to = stored[stored.length - 1].seq;
    const wanted = stored.filter(({ envelope }) => live.reads(typeOf(envelope)));
    const made = await this.rows.make(live.made, wanted);
    const own = chain === SYSTEM_CHAIN ? await this.ownEntries(stored) : [];
    const definitions = viewChanges(own);
    const write = live.take(chain, made);
    await this.store.write(async (connection) => {
      await write(connection);
      await applyPersons(connection, personVersions(own));
      for (const change of libraryChanges(own)) await keepLibrary(connection, change);
      for (const { id, version, seq, definition } of definitions) {
        if (definition === undefined) await dropViews(connection, id, 'all');
        else await registerView(connection, { id, version, registered: seq, definition, lane: lane() });
      }
      await movePosition(connection, live.number, chain, to);
      if (definitions.length > 0) await refreshViews(connection, lanes);
    });
    live.positions.set(chain, to);
    return definitions.length > 0;
  }

  private async ownEntries(stored: readonly StoredEntry[]): Promise<RecordEntry[]> {
    const own = stored.filter(({ envelope }) => OWN_TYPES.includes(typeOf(envelope)));
    return own.length === 0 ? [] : [...recordEntries(await this.opener.open(own))];
  }
}
