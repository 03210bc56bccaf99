import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Connection, openDataSource, poolOf } from '@chartledger/database';
import {
  eventually,
  openStages,
  ownerQuery,
  startTestDatabase,
  type TestDatabase,
  type TestStages,
} from '@chartledger/testing';
import { schemaOf } from './generations.js';
import { rebuild } from './rebuild.js';

const BODY = JSON.stringify({ resourceType: 'Patient', id: 'anchor', name: [{ family: 'Chalmers' }] });

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(async () => database.stop());

/** What a restart of PostgreSQL does to its clients. */
async function breakConnections(connection: Connection): Promise<void> {
  const others = `datname = current_database() and pid <> pg_backend_pid()`;
  await ownerQuery(connection, `select pg_terminate_backend(pid) from pg_stat_activity where ${others}`);
}

/** Every attempt may meet a connection that is not known to be lost yet. */
async function sent(stages: TestStages): Promise<void> {
  await eventually('a write', () =>
    stages.send({ id: 'anchor' }, BODY).then(
      () => true,
      () => false,
    ),
  );
}

describe('processes that start at once on a new database', () => {
  it('make each view once', async () => {
    const connection = await database.another();
    const started = await Promise.allSettled([1, 2, 3].map(() => openStages(connection, database.dataDir)));
    try {
      expect(started.filter(({ status }) => status === 'rejected')).toEqual([]);
    } finally {
      for (const one of started) if (one.status === 'fulfilled') await one.value.stop();
    }
  });
});

describe('views whose connections are lost', () => {
  it('go on, and still hear of a swap in another process', async () => {
    const connection = await database.another();
    const stages = await openStages(connection, database.dataDir);
    const other = await openStages(connection, database.dataDir);
    try {
      await sent(stages);
      await breakConnections(connection);
      await sent(other);
      await sent(stages);
      const { seq } = await stages.ledger.head(1);
      const view = stages.views.view('records', 1);
      await eventually('the view', () => view.applied === seq);
      await eventually('a listener', async () => {
        const [row] = await ownerQuery(
          connection,
          `select count(*)::int4 as count from pg_stat_activity where datname = current_database() and query like 'listen chartledger_projections%'`,
        );
        return row.count === 2;
      });
      await eventually('a rebuild', () =>
        rebuild(other, other.records, () => undefined).then(
          () => true,
          () => false,
        ),
      );
      await eventually('the swap', () => view.schema !== schemaOf('records', 1));
      expect(view.applied).toBe(seq);
    } finally {
      await other.stop();
      await stages.stop();
    }
  });
});

describe('a view that is told of a swap', () => {
  it('ends when it is stopped before it has taken up the other generation', async () => {
    const connection = await database.another();
    const stages = await openStages(connection, database.dataDir);
    const locking = await openDataSource(connection, { entities: [], migrations: [] }, 1);
    const locker = await poolOf(locking).connect();
    await locker.query('begin');
    await locker.query('lock table projection.active in access exclusive mode');
    stages.views.view('records', 1).reload();
    await eventually('the question which generation is read', async () => {
      const [row] = await ownerQuery(
        connection,
        `select count(*)::int4 as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return row.count === 1;
    });
    const stopped = stages.stop();
    await locker.query('commit');
    locker.release();
    await locking.destroy();
    await stopped;
    await expect(stages.views.view('records', 1).reached(Infinity)).rejects.toThrow('the server is stopping');
  });
});
