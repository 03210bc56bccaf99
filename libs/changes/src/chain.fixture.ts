import fc from 'fast-check';
import { emptyHead, headAfter, link, type EntryKind, type Head, type LinkedEntry } from '@chartledger/ledger';
import { sampleDrafts } from '@chartledger/testing';

/** A submission as a source sends it, of which a crash may have left the first `kept` parts only. */
export interface SampleSubmission {
  kinds: EntryKind[];
  kept: number;
}

const kind = fc.constantFrom<EntryKind>('fhir.create', 'fhir.update', 'fhir.delete', 'fhir.confirm', 'source.register');

export const submissions: fc.Arbitrary<SampleSubmission[]> = fc.array(
  fc
    .array(kind, { minLength: 1, maxLength: 6 })
    .chain((kinds) =>
      fc.record({ kinds: fc.constant(kinds), kept: fc.oneof(fc.constant(kinds.length), fc.nat(kinds.length)) }),
    ),
  { maxLength: 12 },
);

/** The chain that comes of the submissions, and the `seq` of each version that a consumer is to be told of. */
export function chainOf(chain: number, sent: readonly SampleSubmission[]): { entries: LinkedEntry[]; told: number[] } {
  let head: Head = emptyHead(chain);
  const entries: LinkedEntry[] = [];
  const told: number[] = [];
  for (const { kinds, kept } of sent) {
    const drafts = sampleDrafts(kinds.length, { first: entries.length * 10, parts: kinds.length }).slice(0, kept);
    const linked = link(
      head,
      drafts.map((draft, part) => ({ ...draft, context: { ...draft.context, kind: kinds[part] } })),
      Date.parse('2024-03-01T08:00:00.000Z') + entries.length,
    );
    if (kept === kinds.length) {
      const versions = linked.filter(({ fields }) => /^fhir\.(create|update|delete)$/.test(fields.kind));
      told.push(...versions.map(({ seq }) => seq));
    }
    head = headAfter(head, linked);
    entries.push(...linked);
  }
  return { entries, told };
}
