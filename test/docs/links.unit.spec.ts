import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const FENCED = /^( *)```[\s\S]*?^\1```$/gm;
const LINK = /\[((?:[^\]`]|`[^`]*`)*)\]\(([^)\s]+)\)/g;
/** `Class.method` or `name`, alone in the text of a link: the name that the file must have. */
const CODE = /^`(?:\w+\.)*(\w+)`$/;

interface Link {
  text: string;
  target: string;
}

function pages(): string[] {
  const docs = readdirSync(join(REPOSITORY, 'docs'), { recursive: true, encoding: 'utf8' });
  return [
    'README.md',
    'deploy/README.md',
    ...docs.filter((name) => name.endsWith('.md')).map((name) => join('docs', name)),
  ];
}

/** The links of a page to files of the repository; `target` is absolute. */
function linksOf(page: string): Link[] {
  const text = readFileSync(join(REPOSITORY, page), 'utf8').replace(FENCED, '');
  const links = [...text.matchAll(LINK)].map(([, label, target]) => ({ text: label, target: target.split('#')[0] }));
  return links
    .filter(({ target }) => target !== '' && !/^[a-z]+:/.test(target))
    .map(({ text: label, target }) => ({ text: label, target: resolve(REPOSITORY, dirname(page), target) }));
}

/** What is wrong with a link; undefined for a good one. */
function faultOf({ text, target }: Link): string | undefined {
  const path = relative(REPOSITORY, target);
  if (!existsSync(target)) return `${path} does not exist`;
  const name = CODE.exec(text)?.[1];
  if (name === undefined || !target.endsWith('.ts')) return undefined;
  return new RegExp(`\\b${name}\\b`).test(readFileSync(target, 'utf8')) ? undefined : `${path} has no ${name}`;
}

describe('links in the documentation', () => {
  it.each(pages())('%s points to files that exist and functions that they have', (page) => {
    expect(linksOf(page).map(faultOf).filter(Boolean)).toEqual([]);
  });

  it('finds links', () => {
    expect(linksOf('README.md').length).toBeGreaterThan(10);
  });
});
