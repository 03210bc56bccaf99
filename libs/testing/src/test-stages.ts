import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Pool } from 'pg';
import { type DataSource } from 'typeorm';
import { type Connection, type DatabaseParts, joinParts, migrate, openDataSource, poolOf } from '@chartledger/database';
import { prepare, type PrepareRequest } from '@chartledger/ingest';
import { type Ledger, SYSTEM_CHAIN } from '@chartledger/ledger';
import { EmbeddedLedger, ledgerTables } from '@chartledger/ledger-embedded';
import { LineageProjection } from '@chartledger/lineage';
import { ANONYMOUS, createLogger, FhirError, type Logger, Metrics, systemClock } from '@chartledger/platform';
import { EntryOpener, type Projection, projectionTables, ViewSet } from '@chartledger/projection';
import { RecordReader, RecordsProjection, type Source } from '@chartledger/records';
import { DataKeys, type LedgerKeys, openKeys, securityTables, Tokens } from '@chartledger/security';
import { type Change, type Outcome, Registry, Sequencer, type Submission } from '@chartledger/sequence';

const TABLES = joinParts(securityTables, projectionTables);
const CHAIN = 1;
const CHAINS = [SYSTEM_CHAIN, CHAIN];

/** A driver and the tables that it needs. */
export interface LedgerStore {
  tables: DatabaseParts;
  open(source: DataSource): Promise<OpenLedger>;
}

export type OpenLedger = Ledger & { close(): Promise<void> };

const EMBEDDED: LedgerStore = { tables: ledgerTables, open: (source) => EmbeddedLedger.open(source) };

export interface StagesOptions {
  /** The embedded one otherwise. */
  store?: LedgerStore;
  /** Stands between the stages and the store, such as a ledger on which others write too. */
  wrapLedger?: (ledger: OpenLedger) => Ledger;
  /** Stands between the stages and a view. */
  wrapProjection?: (projection: Projection) => Projection;
  /** Views beside those of records and of lineage. */
  projections?: (tokens: Tokens, keys: DataKeys) => Projection[];
  /** Where the keys are; the database's data directory otherwise. */
  keysDir?: string;
}

/** What a request says, beside its body. */
export type Asked = Partial<Omit<PrepareRequest, 'kind'>> & {
  idempotencyKey?: string;
  /** Another source on the same chain. */
  source?: string;
};

/** Sequence, append, project and query in this process, over a database of their own and without HTTP. */
export interface TestStages {
  readonly source: Source;
  readonly dataSource: DataSource;
  readonly pool: Pool;
  readonly ledger: OpenLedger;
  readonly opener: EntryOpener;
  readonly tokens: Tokens;
  readonly dataKeys: DataKeys;
  readonly keys: LedgerKeys;
  readonly views: ViewSet;
  readonly records: Projection;
  /** Every view that is kept. */
  readonly projections: readonly Projection[];
  readonly reader: RecordReader;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** As `Sequencer.submit`, on the chain of the submission's source. */
  submit(submission: Submission): Promise<Outcome>;
  /** One resource, or a DELETE without a body. @throws FhirError when it is refused. */
  send(asked: Asked, body?: string): Promise<Outcome>;
  /** A batch or a transaction. @throws FhirError when it is refused. */
  sendBundle(body: string, asked?: Asked): Promise<Outcome>;
  stop(): Promise<void>;
}

/** Starts the stages for the system's own source and one on chain 1. Stages started over one database are as two processes would be. */
export async function openStages(
  connection: Connection,
  dataDir: string,
  options: StagesOptions = {},
): Promise<TestStages> {
  const store = options.store ?? EMBEDDED;
  const tables = joinParts(TABLES, store.tables);
  await migrate(connection, tables);
  const dataSource = await openDataSource(connection, tables);
  const pool = poolOf(dataSource);
  const keysDir = options.keysDir ?? join(dataDir, `keys-of-${'database' in connection ? connection.database : 'url'}`);
  const keys = await openKeys(dataSource, keysDir, join(keysDir, 'kek'), 'test.local');
  const ledger = await store.open(dataSource);
  const seen = options.wrapLedger?.(ledger) ?? ledger;
  const dataKeys = new DataKeys(dataSource, keys.kek);
  const opener = new EntryOpener(dataKeys);
  const tokens = new Tokens(keys.pseudonym);
  const logger = createLogger('fatal');
  const records = new RecordsProjection(tokens);
  const projections = [records, new LineageProjection(tokens), ...(options.projections?.(tokens, dataKeys) ?? [])];
  const metrics = new Metrics();
  const kept = projections.map((projection) => options.wrapProjection?.(projection) ?? projection);
  const views = new ViewSet({ pool, ledger: seen, opener, logger, metrics }, kept, CHAINS);
  await views.start();
  const sequencers = CHAINS.map((chain) =>
    sequencerOf(chain, seen, views, dataKeys, opener, pool, tokens, keys, logger, metrics),
  );
  for (const sequencer of sequencers) await sequencer.start();
  const submit = (submission: Submission): Promise<Outcome> => sequencers[submission.source.chain].submit(submission);
  const source: Source = { name: 'clinic', chain: CHAIN, validation: 'reject' };
  const ask = (request: PrepareRequest, body: string, asked: Asked): Promise<Outcome> =>
    submit(
      submissionOf({ ...source, name: asked.source ?? source.name }, request, Buffer.from(body), asked.idempotencyKey),
    );
  return {
    source,
    dataSource,
    pool,
    ledger,
    opener,
    views,
    tokens,
    dataKeys,
    keys,
    records,
    projections,
    reader: new RecordReader(pool, views, opener),
    logger,
    metrics,
    submit,
    send: async (asked, body = '') => settled(await ask({ ...request(asked), kind: 'resource' }, body, asked)),
    sendBundle: (body, asked = {}) =>
      ask({ ...request({ method: 'POST', type: 'Bundle', ...asked }), kind: 'bundle' }, body, asked),
    stop: async () => {
      for (const sequencer of sequencers) await sequencer.stop();
      await views.stop();
      await ledger.close();
      await dataSource.destroy();
    },
  };
}

function sequencerOf(
  chain: number,
  ledger: Ledger,
  views: ViewSet,
  keys: DataKeys,
  opener: EntryOpener,
  pool: Pool,
  tokens: Tokens,
  { pseudonym }: LedgerKeys,
  logger: Logger,
  metrics: Metrics,
): Sequencer {
  const grounds = { registry: new Registry(pool, views, opener, chain), tokens, pseudonymKey: pseudonym };
  const nothing = (): void => undefined;
  return new Sequencer(
    {
      ledger,
      views,
      keys,
      opener,
      grounds,
      clock: systemClock,
      logger,
      metrics,
      onAppended: nothing,
      onRecovered: nothing,
    },
    chain,
  );
}

function request(asked: Asked): Omit<PrepareRequest, 'kind'> {
  const { method = 'PUT', type = 'Patient', id } = asked;
  const { ifMatch, ifNoneMatch, ifNoneExist, recordFindings = false } = asked;
  const url = id === undefined ? type : `${type}/${id}`;
  return { method, type, id, url, ifMatch, ifNoneMatch, ifNoneExist, recordFindings };
}

function submissionOf(
  source: Source,
  request: PrepareRequest,
  body: Buffer,
  idempotencyKey: string | undefined,
): Submission {
  const prepared = prepare(request, body);
  if ('refused' in prepared) throw new FhirError(prepared.refused.status, prepared.refused.issues);
  return {
    actor: ANONYMOUS,
    source,
    id: idempotencyKey ?? randomUUID(),
    repeatable: idempotencyKey !== undefined,
    requestId: 'test',
    kind: prepared.kind,
    changes: prepared.changes.map(({ start, end, ...change }): Change => ({
      ...change,
      text: body.subarray(start, end),
    })),
  };
}

/** A single change that is refused is an error, as it is over HTTP. */
function settled(outcome: Outcome): Outcome {
  const [result] = outcome.results;
  if (result instanceof FhirError) throw result;
  return outcome;
}
