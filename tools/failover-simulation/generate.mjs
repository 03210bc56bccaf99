/**
 * Writes the table of fail-over times into docs/scale.md: `npm run generate:failover`. A test holds the page to it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { failoverTable } from './table.mjs';

const PAGE = new URL('../../docs/scale.md', import.meta.url);
const PLACE = /(<!-- generate:failover -->\n)[\s\S]*?(<!-- end -->)/;

const page = readFileSync(PAGE, 'utf8');
if (!PLACE.test(page)) throw new Error('docs/scale.md has no <!-- generate:failover --> … <!-- end -->: put them back');
const table = await format(failoverTable(), { parser: 'markdown' });
writeFileSync(
  PAGE,
  page.replace(PLACE, (_, begin, end) => `${begin}\n${table}\n${end}`),
);
