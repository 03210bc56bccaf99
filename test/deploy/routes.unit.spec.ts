import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALWAYS_QUERY, ASKED_BY_POST, isQuestion, ROOTS } from '@chartledger/platform';
import { PROXY } from './files.fixture.js';
import { ROUTES } from './routes.fixture.js';

const config = readFileSync(join(PROXY, 'routes.cfg'), 'utf8');

/** What the lists of that name and condition hold. */
function acl(condition: string, name = '\\w+'): string[] {
  return [...config.matchAll(new RegExp(`^ *acl ${name} ${condition} (.*)$`, 'gm'))].flatMap(([, list]) =>
    list.split(' '),
  );
}

describe('what the proxy takes for a question', () => {
  it('is what the processes take for one', () => {
    expect(acl('path_end').sort()).toEqual(ASKED_BY_POST.map((name) => `/${name}`).sort());
    const always = [
      ...acl('path_beg', 'in_views'),
      ...acl('path_beg', 'in_exports'),
      ...acl('path_beg', 'in_population'),
    ];
    expect(always.sort()).toEqual([...ALWAYS_QUERY].sort());
    const roots = [...acl('path_beg'), ...acl('path')].map((path) => path.split('/')[1]);
    expect([...new Set(roots)].sort()).toEqual([...ROOTS].sort());
  });

  it.each(ROUTES)('%s %s is for %s', (method, path, stage) => {
    expect(isQuestion(method, path) ? 'query' : 'gateway').toBe(stage);
  });
});
