import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openKeyFiles } from '@chartledger/security';
import { temporaryFolder } from '@chartledger/testing';
import { DEPLOY, REPOSITORY } from './files.fixture.js';

const lines = readFileSync(join(DEPLOY, 'docker/Dockerfile'), 'utf8')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

describe('the image', () => {
  it('is made of what is there and what .dockerignore lets through', () => {
    const copied = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1));
    expect(copied.length).toBeGreaterThan(5);
    const ignore = readFileSync(join(REPOSITORY, '.dockerignore'), 'utf8').split('\n');
    expect(ignore).toContain('*');
    for (const path of copied) {
      expect([path, existsSync(join(REPOSITORY, path))]).toEqual([path, true]);
      expect(ignore).toContain(`!${path}`);
    }
  });

  it('runs as nobody, and as the same user in every manifest', () => {
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
    expect(last).toContain('USER 10001:10001');
    expect(lines.filter((line) => line.startsWith('FROM ')).length).toBe(3);
    expect(readFileSync(join(DEPLOY, 'kubernetes/base/process.yaml'), 'utf8')).toContain('runAsUser: 10001');
  });

  it('has the Node.js that the package asks for, and starts it as `npm start` does', () => {
    const { engines, scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
    const [, version] = /^ARG NODE_IMAGE=\S+node:([\d.]+)-/.exec(lines[0])!;
    expect(engines.node).toBe(`>=${version}`);
    const flags = /^ENTRYPOINT (\[.*\])$/.exec(lines.find((line) => line.startsWith('ENTRYPOINT'))!)![1];
    expect(scripts.start).toContain(JSON.parse(flags).join(' '));
  });
});

describe('make-keys', () => {
  let folder: string;
  const run = (...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, [join(DEPLOY, 'make-keys.mjs'), ...args]);

  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('makes keys that a ledger takes', async () => {
    expect(run(join(folder, 'keys')).status).toBe(0);
    const keys = await openKeyFiles(folder, join(folder, 'keys', 'kek'), true);
    expect([keys.kek.length, keys.pseudonym.length, keys.signing.asymmetricKeyType]).toEqual([32, 32, 'ed25519']);
  });

  it('leaves keys that are there, and makes none beside them', () => {
    const kek = join(folder, 'keys', 'kek');
    const before = readFileSync(kek, 'utf8');
    expect(run(join(folder, 'keys')).status).toBe(0);
    expect(readFileSync(kek, 'utf8')).toBe(before);
    rmSync(kek);
    const { status, stderr } = run(join(folder, 'keys'));
    expect([status, existsSync(kek)]).toEqual([1, false]);
    expect(String(stderr)).toContain('restore the folder from its backup');
    expect(run().status).toBe(2);
  });
});
