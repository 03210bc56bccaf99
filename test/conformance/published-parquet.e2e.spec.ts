import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { eventually, FhirHttp, http, registerSource, startTestServer, type TestServer } from '@chartledger/testing';

/** docs/population-parquet.md, as one who reads the files without chartledger understands it. */
interface Manifest {
  layout: number;
  positions: string;
  views: { name: string; columns: { name: string; type: string }[]; files: ManifestFile[] }[];
}
interface ManifestFile {
  path: string;
  part: 'cur' | 'hist';
  source: string;
  bytes: number;
  sha256: string;
}
type Row = Record<string, unknown>;

/** A column of every kind: texts, lists, whole and other numbers, truth values, dates, moments, and rows within rows. */
const VIEWS = [
  {
    id: 'patients',
    resource: 'Patient',
    select: [
      {
        column: [
          { name: 'id', path: 'getResourceKey()', type: 'string' },
          { name: 'family', path: 'name.first().family', type: 'string' },
          { name: 'given', path: 'name.given', type: 'string', collection: true },
          { name: 'active', path: 'active', type: 'boolean' },
          { name: 'born', path: 'birthDate', type: 'date' },
          { name: 'order_of_birth', path: 'multipleBirth.ofType(integer)', type: 'integer' },
        ],
      },
    ],
  },
  {
    id: 'readings',
    resource: 'Observation',
    select: [
      {
        column: [
          { name: 'id', path: 'getResourceKey()', type: 'string' },
          { name: 'at', path: 'effective.ofType(dateTime)', type: 'dateTime' },
          { name: 'codes', path: 'code.coding.code', type: 'code', collection: true },
        ],
      },
      {
        forEachOrNull: 'component',
        column: [
          { name: 'place', path: '%rowIndex', type: 'integer' },
          { name: 'value', path: 'value.ofType(Quantity).value', type: 'decimal' },
        ],
      },
    ],
  },
];
const TYPES: Readonly<Record<string, string>> = {
  VARCHAR: 'BYTE_ARRAY UTF8',
  'VARCHAR[]': 'LIST of BYTE_ARRAY UTF8',
  BOOLEAN: 'BOOLEAN',
  INTEGER: 'INT32',
  DOUBLE: 'DOUBLE',
};

let server: TestServer;
let system: FhirHttp;
let duck: DuckDBInstance;
let connection: DuckDBConnection;
let manifests: { file: string; manifest: Manifest }[];
beforeAll(async () => {
  duck = await DuckDBInstance.create(':memory:');
  connection = await duck.connect();
  server = await startTestServer();
  system = new FhirHttp(`${server.url}/fhir/chartledger`);
  for (const { id, ...definition } of VIEWS) {
    const view = { resourceType: 'ViewDefinition', id, url: `http://views.example/${id}`, name: id, status: 'active' };
    expect((await system.put(`ViewDefinition/${id}`, { ...view, ...definition })).status).toBe(201);
  }
  const [north, south] = [
    await registerSource(server.url, { name: 'north' }),
    await registerSource(server.url, { name: 'south' }),
  ];
  const ann = { birthDate: '1974-03-07', gender: 'female', address: [{ line: ['12 Beacon Street'], city: 'Boston' }] };
  await put(north, 'Patient', 'p1', { ...ann, name: [{ family: 'Kowalczyk', given: ['Änne', 'Ruth'] }], active: true });
  await put(south, 'Patient', 'p1', { ...ann, name: [{ family: 'Kowalczyk', given: ['Änne', 'Ruth'] }] });
  await put(north, 'Patient', 'p2', { multipleBirthInteger: 2, active: false });
  await put(north, 'Observation', 'bp', reading('p1', [120.5, null, 80]));
  await put(south, 'Observation', 'bp', reading('p1', []));
  const first = await publish();
  await put(north, 'Patient', 'p1', { ...ann, name: [{ family: 'Okonkwo', given: [] as string[] | undefined }] });
  await put(south, 'Observation', 'bp', reading('p1', [1e-7, 9007199254740991]));
  expect((await north.delete('Patient/p2')).status).toBe(204);
  expect((await north.delete('Observation/bp')).status).toBe(204);
  manifests = [first, await publish()];
});
afterAll(async () => {
  connection.closeSync();
  duck.closeSync();
  await server.remove();
});

async function put(source: FhirHttp, resourceType: string, id: string, more: object): Promise<void> {
  const resource = JSON.parse(JSON.stringify({ resourceType, id, ...more })) as { name?: { given?: string[] }[] };
  // FHIR has no empty arrays.
  for (const name of resource.name ?? []) if (name.given?.length === 0) delete name.given;
  const { status, text } = await source.put(`${resourceType}/${id}`, resource);
  expect([status, text]).toEqual([expect.any(Number), expect.any(String)]);
  expect(status).toBeLessThan(300);
}

function reading(patient: string, values: (number | null)[]): object {
  const component = values.map((value) => ({
    code: { text: 'part' },
    ...(value === null ? {} : { valueQuantity: { value } }),
  }));
  return {
    status: 'final',
    subject: { reference: `Patient/${patient}` },
    effectiveDateTime: '2024-05',
    code: { coding: [{ code: 'a' }, { code: 'b' }] },
    ...(component.length > 0 ? { component } : {}),
  };
}

async function publish(): Promise<{ file: string; manifest: Manifest }> {
  // A view that is still being filled is not published.
  await eventually('the views are filled', async () => {
    const { text } = await http(`${server.url}/population/status`);
    const { views } = JSON.parse(text) as { views: { id: string; state: string }[] };
    return VIEWS.every(({ id }) => views.some((view) => view.id === id && view.state === 'live'));
  });
  const answer = await http(`${server.url}/population/parquet`, { method: 'POST' });
  expect(answer.status).toBe(201);
  const { manifest: file } = answer.json<{ manifest: string }>();
  return { file, manifest: JSON.parse(readFileSync(file, 'utf8')) as Manifest };
}

/** What `$sql-run` says of a view as of positions, with the keys and the origin of each row. */
async function asked(view: string, asOf: string): Promise<Row[]> {
  const answer = await system.post('$sql-run', {
    resourceType: 'Parameters',
    parameter: [
      { name: '_format', valueCode: 'ndjson' },
      { name: '_asOf', valueString: asOf },
      {
        name: 'subjectResource',
        resource: {
          resourceType: 'Library',
          status: 'active',
          type: { coding: [{ code: 'sql-query' }] },
          relatedArtifact: [{ type: 'depends-on', label: 'v', resource: `http://views.example/${view}` }],
          content: [{ contentType: 'application/sql', data: Buffer.from('select * from v').toString('base64') }],
        },
      },
    ],
  });
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row);
}

function bytesOf({ file }: { file: string }, { path }: ManifestFile): ArrayBuffer {
  return new Uint8Array(readFileSync(join(dirname(file), path))).buffer;
}

const READERS: Readonly<Record<string, (from: { file: string }, files: ManifestFile[]) => Promise<Row[]>>> = {
  hyparquet: async (from, files) => {
    const rows: Row[] = [];
    for (const one of files) {
      for (const row of await parquetReadObjects({ file: bytesOf(from, one) }))
        rows.push({ ...row, ledger_source: one.source });
    }
    return rows;
  },
  'plain DuckDB': async ({ file }, files) => {
    const list = files.map(({ path }) => `'${join(dirname(file), path).replaceAll("'", "''")}'`);
    if (list.length === 0) return [];
    const sql = `select * from read_parquet([${list.join(', ')}], hive_partitioning = true)`;
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjectsJS() as Row[];
  },
};

/** Rows as a set: bigints as numbers, columns and rows in one order; without those that the files have beside. */
function plain(rows: Row[], without: readonly string[] = []): string[] {
  return rows
    .map((row) =>
      JSON.stringify(
        Object.keys(row)
          .filter((name) => !without.includes(name))
          .sort()
          .map((name) => [name, row[name]]),
        (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value),
      ),
    )
    .sort();
}

describe.each(Object.entries(READERS))('published Parquet, read by %s', (_, read) => {
  it.each(VIEWS.map(({ id }) => id))('%s: cur is what $sql-run says as of the manifest', async (view) => {
    for (const from of manifests) {
      const { files } = from.manifest.views.find(({ name }) => name === view)!;
      const rows = await read(
        from,
        files.filter(({ part }) => part === 'cur'),
      );
      const expected = await asked(view, from.manifest.positions);
      expect(plain(rows, ['_to', 'ledger_source'])).toEqual(plain(expected));
      expect(expected.length).toBeGreaterThan(0);
      expect(rows.every((row) => row['_to'] === null && row['ledger_source'] === row['_source'])).toBe(true);
    }
  });

  it.each(VIEWS.map(({ id }) => id))(
    '%s: the newer files tell what the older ones told of their positions',
    async (view) => {
      const [before, after] = manifests as [(typeof manifests)[0], (typeof manifests)[0]];
      const at = new Map(
        before.manifest.positions.split(',').map((one) => one.split(':').map(Number) as [number, number]),
      );
      const { files } = after.manifest.views.find(({ name }) => name === view)!;
      const rows = await read(after, files);
      const then = rows.filter(({ _chain, _seq, _to }) => {
        const seq = at.get(Number(_chain))!;
        return Number(_seq) <= seq && (_to === null || Number(_to) > seq);
      });
      // Who is one person is told as of the manifest only.
      const without = ['_to', 'ledger_source', 'person_key'];
      expect(plain(then, without)).toEqual(plain(await asked(view, before.manifest.positions), without));
      expect(rows.length).toBeGreaterThan(then.length);
    },
  );
});

describe('the files of a manifest', () => {
  it('are those that it names, of the bytes that it names, and of its positions only', () => {
    for (const { file, manifest } of manifests) {
      const run = manifest.positions.replaceAll(':', '-').replaceAll(',', '_');
      for (const { name, files } of manifest.views) {
        for (const { path, bytes, sha256, part, source } of files) {
          const content = readFileSync(join(dirname(file), path));
          expect([content.length, createHash('sha256').update(content).digest('hex')]).toEqual([bytes, sha256]);
          expect(path).toMatch(new RegExp(`^${name}/${run}/${part}/ledger_source=${source}/part-\\d+\\.parquet$`));
        }
        const there = readdirSync(join(dirname(file), name, run), { recursive: true }).map(String);
        expect(there.filter((one) => one.endsWith('.parquet'))).toHaveLength(files.length);
      }
    }
    expect(manifests[0]!.manifest.positions).not.toBe(manifests[1]!.manifest.positions);
    const latest = join(dirname(manifests[1]!.file), 'latest.json');
    expect(JSON.parse(readFileSync(latest, 'utf8'))).toEqual(manifests[1]!.manifest);
  });

  it('have the types that it names, lists within rows included', () => {
    for (const from of manifests) {
      for (const { columns, files } of from.manifest.views) {
        for (const one of files) {
          const found = typesIn(bytesOf(from, one));
          for (const { name, type } of columns) expect([name, found.get(name)]).toEqual([name, TYPES[type]]);
          expect([...found.keys()]).toEqual(
            expect.arrayContaining([
              'patient_key',
              'person_key',
              '_source',
              '_record',
              '_version',
              '_chain',
              '_seq',
              '_to',
            ]),
          );
        }
      }
    }
  });

  it('are packed in a way that hyparquet reads without more: SNAPPY', () => {
    for (const from of manifests) {
      for (const { files } of from.manifest.views) {
        for (const one of files) {
          const { row_groups: groups } = parquetMetadata(bytesOf(from, one));
          const codecs = groups.flatMap(({ columns }) => columns.map((column) => column.meta_data?.codec));
          expect(new Set(codecs)).toEqual(new Set(['SNAPPY']));
        }
      }
    }
  });
});

/** The columns of a file by name, with the physical and the converted type; a list by what is in it. */
function typesIn(file: ArrayBuffer): Map<string, string> {
  const [root, ...schema] = parquetMetadata(file).schema;
  const types = new Map<string, string>();
  const written = ({ type, converted_type: converted }: (typeof schema)[0]): string =>
    `${type}${converted === 'UTF8' ? ' UTF8' : ''}`;
  for (let index = 0, column = 0; column < (root!.num_children ?? 0); column++) {
    const element = schema[index]!;
    // A list is an element with one repeated child, which has one of its own.
    const isList = element.converted_type === 'LIST';
    types.set(element.name, isList ? `LIST of ${written(schema[index + 2]!)}` : written(element));
    index += isList ? 3 : 1;
  }
  return types;
}
