import { setTimeout as delay } from 'node:timers/promises';
import { HttpClient } from '../http-client.js';
import { print } from '../output.js';
import { putStartingSet } from '../starting-set.command.js';
import { showProof } from './auditor.js';
import { title } from './title.js';

interface Report {
  contained?: { id: string; entry?: { item: { reference: string } }[] }[];
  group: {
    population: { code: { coding: { code: string }[] }; count: number; subjectResults?: { reference: string } }[];
    measureScore?: { value: number };
  }[];
  evaluatedResource?: { reference: string }[];
}

interface Counts {
  cells: ({ count: number | null } & Record<string, unknown>)[];
  margins: ({ count: number | null } & Record<string, unknown>)[];
  threshold: number;
}

const MEASURE = '/fhir/chartledger/Measure/blood-pressure-recorded/$evaluate-measure';
/** A view that was just registered is filled from the oldest entry on. */
const FILLED_MS = 60_000;
const LOOK_MS = 250;

/** A measure by hospital, a cell that is hidden, the way from a number to a record and its proof, and the number of before. */
export async function showPopulation(url: string, sources: readonly string[]): Promise<void> {
  const http = new HttpClient(url, 1);
  try {
    title('9. Population health: numbers that lead back to the records behind them');
    const { kept } = await putStartingSet(url);
    print(
      `${kept} views, value sets, libraries, queries and measures of the starting set are registered, each by an entry`,
    );
    const period = await lastYearOf(http, sources);
    print(`\nthe measure "blood pressure recorded" of ${period.slice(0, 4)}, by source:`);
    const asked = `${MEASURE}?periodStart=${period}-01-01&periodEnd=${period}-12-31`;
    const answers = new Map<string, { report: Report; position: string }>();
    for (const source of sources) answers.set(source, await evaluate(http, `${asked}&source=${source}`));
    for (const [source, { report, position }] of answers) print(`  ${source}: ${inWords(report)} (at ${position})`);

    print('\npatients by source and sex, with every cell under the threshold hidden, and those that would betray it:');
    showCounts(await countPatients(http));

    const [[source, { report, position }]] = [...answers].sort(
      ([, a], [, b]) => numerator(b.report) - numerator(a.report),
    );
    const ofSource = `${asked}&source=${source}`;
    const seen = await drill(http, ofSource);
    await changeAndLookBack(http, ofSource, source, seen, report, position);
  } finally {
    http.close();
  }
}

/** The latest year of which the measure has somebody to speak of. */
async function lastYearOf(http: HttpClient, sources: readonly string[]): Promise<string> {
  const [source] = sources;
  for (let year = new Date().getUTCFullYear(); year > 1990; year--) {
    const { report } = await evaluate(
      http,
      `${MEASURE}?periodStart=${year}-01-01&periodEnd=${year}-12-31&source=${source}`,
    );
    if (numerator(report) > 0) return String(year);
  }
  throw new Error('nobody in the data has a blood pressure on record');
}

async function evaluate(http: HttpClient, path: string): Promise<{ report: Report; position: string }> {
  const { status, body, headers } = await http.get(path);
  if (status !== 200) throw new Error(`the measure was not evaluated: ${body.toString('utf8')}`);
  return { report: JSON.parse(body.toString('utf8')) as Report, position: String(headers['chartledger-position']) };
}

function populationOf({ group: [group] }: Report, code: string): Report['group'][0]['population'][0] {
  return group.population.find((one) => one.code.coding[0].code === code)!;
}

function numerator(report: Report): number {
  return populationOf(report, 'numerator').count;
}

function inWords(report: Report): string {
  const score = report.group[0].measureScore?.value;
  return `${numerator(report)} of ${populationOf(report, 'denominator').count}${score === undefined ? '' : `, ${(100 * score).toFixed(1)} %`}`;
}

async function countPatients(http: HttpClient): Promise<Counts> {
  const body = Buffer.from(JSON.stringify({ view: 'patient', dimensions: ['_source', 'gender'], project: 'demo' }));
  const deadlineMs = Date.now() + FILLED_MS;
  for (;;) {
    const answer = await http.send('POST', '/population/counts', { 'Content-Type': 'application/json' }, body);
    if (answer.status === 200) return JSON.parse(answer.body.toString('utf8')) as Counts;
    if (answer.status !== 503 || Date.now() > deadlineMs)
      throw new Error(`patients were not counted: ${answer.body.toString('utf8')}`);
    await delay(LOOK_MS);
  }
}

function showCounts({ cells, margins, threshold }: Counts): void {
  for (const { count, _source: source, gender } of [...cells, ...margins]) {
    const where = [source ?? 'all sources', typeof gender === 'object' ? 'other or unknown' : (gender ?? 'all')];
    print(`  ${where.join(', ').padEnd(36)} ${count ?? `hidden (threshold ${threshold})`}`);
  }
}

/** The first of those in the numerator, and the versions that the logic saw of them. */
async function firstCounted(http: HttpClient, asked: string): Promise<{ subject: string; seen: string[] }> {
  const { report } = await evaluate(http, `${asked}&reportType=subject-list`);
  const list = populationOf(report, 'numerator').subjectResults!.reference.slice(1);
  const subject = report.contained!.find(({ id }) => id === list)!.entry![0].item.reference;
  const { report: own } = await evaluate(http, `${asked}&subject=${subject}`);
  return { subject, seen: (own.evaluatedResource ?? []).map(({ reference }) => reference) };
}

/** Resolves to the versions that the logic saw of the first who is counted. */
async function drill(http: HttpClient, asked: string): Promise<string[]> {
  print('\nfrom the number to the records: the first of those counted, and what the logic saw of them');
  const { subject, seen } = await firstCounted(http, asked);
  print(`  ${subject}: ${seen.join(', ')}`);
  const [record, version] = seen.find((reference) => reference.includes('/Observation/'))!.split('/_history/');
  const lineage = JSON.parse((await http.get(`/lineage/records/${record}`)).body.toString('utf8')) as {
    versions: { version: number; position: string }[];
  };
  const { position } = lineage.versions.find((one) => one.version === Number(version))!;
  print(`\n  and the proof of ${record}, version ${version}, at ${position}:`);
  await showProof(http, position);
  return seen;
}

/** The source takes a record back; the number of before is still the number of before. */
async function changeAndLookBack(
  http: HttpClient,
  asked: string,
  source: string,
  seen: readonly string[],
  report: Report,
  position: string,
): Promise<void> {
  const observations = seen
    .map((reference) => reference.split('/_history/')[0])
    .filter((record) => record.startsWith(`${source}/Observation/`));
  for (const record of observations) await http.send('DELETE', `/fhir/${record}`);
  const now = await evaluate(http, asked);
  const before = await evaluate(http, `${asked}&_asOf=${position}`);
  print(
    `\n${source} takes ${observations.length} of these records back. Now: ${inWords(now.report)} (at ${now.position})`,
  );
  print(`as of ${position}: ${inWords(before.report)}`);
  if (inWords(before.report) !== inWords(report)) throw new Error('the number as of before is not the one of before');
  print('the same as it was: every number can be asked again as of the positions that it names');
}
