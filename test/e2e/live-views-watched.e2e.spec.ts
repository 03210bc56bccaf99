import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually, FhirHttp, http, registerSource, startTestServer, type TestServer } from '@chartledger/testing';

const VIEW = {
  resourceType: 'ViewDefinition',
  id: 'people',
  name: 'people',
  status: 'active',
  resource: 'Patient',
  select: [{ column: [{ name: 'gender', path: 'gender', type: 'code' }] }],
};
/** Holds a DuckDB file as another process of ours would. */
const HOLDER = `
  import { DuckDBInstance } from '@duckdb/node-api';
  await DuckDBInstance.create(process.argv[1]);
  console.log('held');
  setInterval(() => undefined, 60_000);`;

let server: TestServer;
let holder: ChildProcess | undefined;
beforeAll(async () => {
  server = await startTestServer();
  const system = new FhirHttp(`${server.url}/fhir/chartledger`);
  const clinic = await registerSource(server.url, { name: 'clinic' });
  expect((await system.put('ViewDefinition/people', VIEW)).status).toBe(201);
  for (const id of ['a', 'b']) await clinic.put(`Patient/${id}`, { resourceType: 'Patient', id, gender: 'female' });
  await clinic.put('Patient/a', { resourceType: 'Patient', id: 'a', gender: 'male' });
  expect((await ask()).status).toBe(200);
});
afterAll(async () => {
  holder?.kill('SIGKILL');
  await server.remove();
});

function ask(): ReturnType<typeof http> {
  return http(`${server.url}/fhir/chartledger/$sql-run?subjectReference=ViewDefinition/people`);
}

async function ready(): Promise<{ status: number; stoppedViews: string[] }> {
  const answer = await http(`${server.url}/health/ready`);
  return { ...answer.json<{ stoppedViews: string[] }>(), status: answer.status };
}

describe('the live views, for those who watch', () => {
  it('have metrics: rows, how far behind, how far filled, and the time of questions', async () => {
    const { text } = await http(`${server.url}/metrics`);
    const samples = new Map(
      text.split('\n').map((line) => [line.slice(0, line.lastIndexOf(' ')), line.split(' ').at(-1)]),
    );
    expect(samples.get('chartledger_population_rows{view="people"}')).toBe('3');
    expect(samples.get('chartledger_population_lag_entries{view="people",chain="1"}')).toBe('0');
    expect(samples.get('chartledger_population_filled_ratio{view="people"}')).toBe('1');
    expect(samples.get('chartledger_population_question_seconds_count{kind="sql-run"}')).toBe('1');
    expect(await ready()).toMatchObject({ status: 200, stoppedViews: [] });
  });

  it('are one process’s: a second one says what to do, is not ready, and answers when the first has gone', async () => {
    await server.stop();
    const file = join(server.dataDir, 'population', 'views.duckdb');
    holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout!, 'data');
    await server.start();
    await eventually('the refusal', async () => (await ready()).status === 503);
    expect((await ready()).stoppedViews).toEqual(['population']);
    const refused = await ask();
    expect([refused.status, refused.text]).toEqual([503, expect.stringContaining('CHARTLEDGER_DATA_DIR of its own')]);
    expect(refused.text).not.toContain(server.dataDir);
    // Records are read all the same.
    expect((await http(`${server.url}/fhir/clinic/Patient/a`)).status).toBe(200);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await eventually('an answer', async () => (await ask()).status === 200);
    await eventually('readiness', async () => (await ready()).status === 200);
  });
});
