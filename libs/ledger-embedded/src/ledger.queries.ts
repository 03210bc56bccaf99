import { seqRange, seqsIn, type Statement } from '@chartledger/database';

/** The channel that tells other processes that a chain has grown; the payload is the chain's number. */
export const CHANNEL = 'chartledger_entries';

/**
 * Compare-and-append, one statement and one round trip: the head moves only when it is still the one expected, and the
 * rows go in only when the head moved. Zero rows back: the race was lost.
 */
export const APPEND: Statement = {
  name: 'ledger.append',
  text: `with moved as (
      update ledger.head set seq = $4, leaf = $5, time = $6 where chain = $1 and seq = $2 and leaf = $3 returning chain
    ), added as (
      insert into ledger.entry (chain, seq, envelope, payload)
      select $1, $2 + ordinality, envelope, payload
      from unnest($7::bytea[], $8::bytea[]) with ordinality as batch (envelope, payload, ordinality)
      where exists (select from moved)
    )
    select pg_notify('${CHANNEL}', chain::text) from moved`,
};

export const OPEN_CHAIN: Statement = {
  name: 'ledger.open-chain',
  text: `insert into ledger.head (chain, seq, leaf, time) values ($1, -1, $2, 0) on conflict do nothing`,
};

/** The stored head beside the last row of the table, which it must agree with. */
export const HEAD: Statement = {
  name: 'ledger.head',
  text: `select h.seq::float8 as seq, h.leaf, h.time::float8 as time, last.seq::float8 as last_seq, last.envelope
    from ledger.head h
    left join lateral (select seq, envelope from ledger.entry where chain = h.chain order by seq desc limit 1) last on true
    where h.chain = $1`,
};

export const CHAINS: Statement = {
  name: 'ledger.chains',
  text: `select chain from ledger.head where seq >= 0 order by chain`,
};

/** For `copyRows`: numbers only. */
export function readQuery(chain: number, from: number, to: number): string {
  return `select seq, envelope, payload from ledger.entry where ${seqRange(chain, from, to)} order by seq`;
}

/** For `copyRows`: numbers only. */
export function envelopesQuery(chain: number, from: number, to: number): string {
  return `select envelope from ledger.entry where ${seqRange(chain, from, to)} order by seq`;
}

/** Above it a payload is read by COPY, which is a round trip more and spares writing and reading it as hexadecimal text. */
const LARGE_PAYLOAD_BYTES = 16 * 1024;

/** $1: chain; $2: seqs. The payload is null when it is large. */
export const GET: Statement = {
  name: 'ledger.get',
  text: `select e.seq::float8 as seq, e.envelope,
      case when octet_length(e.payload) <= ${LARGE_PAYLOAD_BYTES} then e.payload end as payload
    from unnest($2::int8[]) as wanted (seq) join ledger.entry e on e.chain = $1 and e.seq = wanted.seq`,
};

/** For `copyRows`: numbers only. */
export function payloadsQuery(chain: number, seqs: readonly number[]): string {
  return `select seq, payload from ledger.entry where ${seqsIn(chain, seqs)}`;
}

export const EXTENT: Statement = {
  name: 'ledger.extent',
  text: 'select (coalesce(max(seq), -1) + 1)::float8 as extent from ledger.entry where chain = $1',
};
