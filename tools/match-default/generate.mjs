/**
 * Writes libs/matching/src/engine/default-model.data.ts: trains a model on mixed data of the shared folder and makes of
 * it the one that ships. Needs a build. Usage: npm run generate:match-default -- ../shared/data/matching
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultFrom, matchTables } from '../../dist/libs/matching/src/index.js';

const FILES = [
  'people_100k.csv.gz',
  'febrl/dataset2.csv',
  'febrl/dataset4a.csv',
  'febrl/dataset4b.csv',
  'splink/fake_1000.csv',
];
const VERSION = 'default-2';
const TARGET = new URL('../../libs/matching/src/engine/default-model.data.ts', import.meta.url);

const folder = process.argv[2];
if (!folder)
  throw new Error('say where the matching data is: npm run generate:match-default -- ../shared/data/matching');
const { model } = await matchTables(
  FILES.map((file) => join(folder, file)),
  {},
  { link: false },
);
const json = JSON.stringify(defaultFrom(model, VERSION));
writeFileSync(
  TARGET,
  `/** Made by tools/match-default/generate.mjs of ${FILES.join(', ')}. */\nexport const DEFAULT_MODEL_JSON = \`${json}\`;\n`,
);
