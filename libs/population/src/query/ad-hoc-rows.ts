import { recordChange, readEnvelope, type Ledger, type Positions } from '@chartledger/ledger';
import { type EntryOpener } from '@chartledger/projection';
import { recordKey } from '../store/record-index.js';
import { type RowOrigin } from '../store/view-rows.js';
import { type Cell } from '../view/column-reader.js';
import { recordEntries, typeOf } from '../live/record-entry.js';
import { type ViewSource } from '../live/view-source.js';

/** Rows of a view that is not kept, from entries of one chain. */
export interface AdHocRows {
  chain: number;
  rows: { origin: RowOrigin; row: Cell[] }[];
}

/** Which records count. */
export interface AdHocScope {
  /** As of these; every chain that counts is named. */
  positions: Positions;
  patients?: readonly string[];
  since?: Positions;
}

/**
 * The rows of a view that is not kept, made from the ledger for this one question: it reads every chain twice, so it is
 * linear in the entries. A record of which no rows can be made ends it.
 * @throws RowError.
 */
export async function* adHocRows(
  { ledger, opener }: { ledger: Ledger; opener: EntryOpener },
  view: ViewSource,
  { positions, patients, since }: AdHocScope,
): AsyncGenerator<AdHocRows> {
  const wanted = patients && new Set(patients);
  for (const [chain, seq] of positions) {
    const current = await currentVersions(ledger, chain, seq, view.resource);
    const after = since?.get(chain) ?? -1;
    for await (const batch of ledger.read(chain, 0, seq + 1)) {
      const stored = batch.filter((entry) => entry.seq > after && current.has(entry.seq));
      if (stored.length === 0) continue;
      const rows: AdHocRows['rows'] = [];
      for (const { seq: from, envelope, id, version } of recordEntries(await opener.open(stored))) {
        if (!version || (wanted && (version.patient === null || !wanted.has(version.patient)))) continue;
        const origin: RowOrigin = {
          source: envelope.source,
          record: `${envelope.type}/${id}`,
          version: envelope.version,
          patient: version.patient,
          key: recordKey(envelope.record),
          from,
        };
        view.rows(version.resource, (row) => rows.push({ origin, row: [...row] }), envelope.source);
      }
      if (rows.length > 0) yield { chain, rows };
    }
  }
}

/** The seqs of the versions of a type that hold at a position. */
async function currentVersions(ledger: Ledger, chain: number, seq: number, type: string): Promise<Set<number>> {
  const byRecord = new Map<string, number>();
  for await (const batch of ledger.read(chain, 0, seq + 1)) {
    for (const stored of batch) {
      if (typeOf(stored.envelope) !== type) continue;
      const envelope = readEnvelope(stored.envelope);
      const change = recordChange(envelope);
      if (change === 'delete') byRecord.delete(envelope.record);
      else if (change === 'create' || change === 'update') byRecord.set(envelope.record, stored.seq);
    }
  }
  return new Set(byRecord.values());
}
