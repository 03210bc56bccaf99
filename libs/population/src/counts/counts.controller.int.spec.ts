import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { raw } from 'express';
import { type AddressInfo } from 'node:net';
import { type DataSource } from 'typeorm';
import { migrate, openDataSource, poolOf } from '@chartledger/database';
import { createLogger, ErrorFilter } from '@chartledger/platform';
import { startTestDatabase, type TestDatabase } from '@chartledger/testing';
import { AskedQuestions } from './asked-questions.js';
import { countQuestion } from './count-question.js';
import { CountsController } from './counts.controller.js';
import { CountsService } from './counts.service.js';
import { countsTables } from './counts.tables.js';
import { DuckViews } from './duck-views.fixture.js';
import { loadSolver } from './solver.js';

let database: TestDatabase;
let source: DataSource;
let views: DuckViews;
let app: INestApplication;
let url: string;

beforeAll(async () => {
  database = await startTestDatabase();
  await migrate(database.owner, countsTables);
  source = await openDataSource(database.owner, countsTables);
  views = await DuckViews.open();
  const rows = Array.from({ length: 30 }, (_, index) => ({ a: 'x', patient_key: `p${index}` }));
  await views.put('people', [{ name: 'a', type: 'VARCHAR' }], rows);
  views.head = 3;
  const highs = await loadSolver();
  const service = new CountsService(views, new AskedQuestions(poolOf(source)), async (task) =>
    countQuestion(highs, task),
  );
  @Module({ controllers: [CountsController], providers: [{ provide: CountsService, useValue: service }] })
  class CountsModule {}
  app = await NestFactory.create(CountsModule, { bodyParser: false, logger: false, abortOnError: false });
  app.use(raw({ type: () => true }));
  app.useGlobalFilters(new ErrorFilter(createLogger('fatal')));
  await app.listen(0, '127.0.0.1');
  url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}/population/counts`;
});
afterAll(async () => {
  await app.close();
  views.close();
  await source.destroy();
  await database.stop();
});

const post = (body: string): Promise<Response> => fetch(url, { method: 'POST', body });

describe('POST /population/counts', () => {
  it('answers with the positions, in the body and in the header', async () => {
    const response = await post(JSON.stringify({ view: 'people', dimensions: ['a'] }));
    expect(response.status).toBe(200);
    expect(response.headers.get('Chartledger-Position')).toBe('1:3');
    expect(await response.json()).toEqual({
      positions: ['1:3'],
      view: 'people',
      of: 'patient',
      project: 'default',
      dimensions: [{ column: 'a', values: 'one', levels: ['x'] }],
      cells: [{ a: 'x', count: 30 }],
      margins: [{ count: 30 }],
      threshold: 11,
      suppressed: 0,
    });
  });

  it.each([
    ['not JSON', 400, 'the body is not JSON'],
    ['{"view":"people","dimensions":["b"]}', 400, 'dimensions[0] is no column of the view'],
    ['{"view":"nothing"}', 404, 'there is no view of this name'],
    ['{"view":"people","of":"person"}', 409, 'the project counts patients'],
    ['{"view":"people","_asOf":"later"}', 400, 'name a position'],
  ])('answers %s with a problem document that says what to do', async (body, status, detail) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(response.headers.get('Content-Type')).toContain('application/problem+json');
    expect(((await response.json()) as { detail: string }).detail).toContain(detail);
  });
});
