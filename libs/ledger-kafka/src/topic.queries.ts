import { seqRange, type Statement } from '@chartledger/database';

/**
 * Compare-and-append, as the embedded ledger's: several processes may copy the same chain, and the rows go in for the one
 * whose head is still the copy's. Zero rows back: another was faster.
 */
export const COPY: Statement = {
  name: 'topic.copy',
  text: `with moved as (
      update topic.head set seq = $4, leaf = $5, time = $6, "offset" = $7
      where chain = $1 and seq = $2 and leaf = $3 returning chain
    ), added as (
      insert into topic.entry (chain, seq, "offset", envelope, payload)
      select $1, $2 + ordinality, "offset", envelope, payload
      from unnest($8::int8[], $9::bytea[], $10::bytea[]) with ordinality as batch ("offset", envelope, payload, ordinality)
      where exists (select from moved)
    )
    select chain from moved`,
};

export const OPEN_COPY: Statement = {
  name: 'topic.open-copy',
  text: `insert into topic.head (chain, seq, leaf, time, "offset") values ($1, -1, $2, 0, -1) on conflict do nothing`,
};

/** How far the copy goes, beside its last row, which that must agree with. */
export const COPY_HEAD: Statement = {
  name: 'topic.head',
  text: `select h.seq::float8 as seq, h.leaf, h.time::float8 as time, h."offset"::float8 as "offset",
      last.seq::float8 as last_seq, last.envelope
    from topic.head h
    left join lateral (select seq, envelope from topic.entry where chain = h.chain order by seq desc limit 1) last on true
    where h.chain = $1`,
};

export const COPIED_CHAINS: Statement = {
  name: 'topic.chains',
  text: `select chain from topic.head where seq >= 0 order by chain`,
};

export const GET: Statement = {
  name: 'topic.get',
  text: `select e.seq::float8 as seq, e."offset"::float8 as "offset", e.envelope, e.payload
    from unnest($2::int8[]) as wanted (seq) join topic.entry e on e.chain = $1 and e.seq = wanted.seq`,
};

/** For `copyRows`: numbers only. */
export function readQuery(chain: number, from: number, to: number): string {
  return `select seq, envelope, payload from topic.entry where ${seqRange(chain, from, to)} order by seq`;
}

/** For `copyRows`: numbers only. */
export function envelopesQuery(chain: number, from: number, to: number): string {
  return `select envelope from topic.entry where ${seqRange(chain, from, to)} order by seq`;
}
