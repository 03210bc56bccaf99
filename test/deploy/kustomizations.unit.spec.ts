import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { DEPLOY, KUBERNETES, PROXY, readYaml, REPOSITORY, yamlFiles, type Json } from './files.fixture.js';
import { OVERLAYS, rendered } from './manifests.fixture.js';

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
const folders = [...yamlFiles(KUBERNETES), ...yamlFiles(PROXY)]
  .filter((file) => basename(file) === 'kustomization.yaml')
  .map(dirname);

/** The files and folders that a kustomization names, as it names them. */
function mentioned(kustomization: Json): string[] {
  const { resources = [], components = [], patches = [], configMapGenerator = [] } = kustomization;
  const generated = configMapGenerator.flatMap(({ files = [], envs = [] }: Json) => [...files, ...envs]);
  return [...resources, ...components, ...patches.map(({ path }: Json) => path), ...generated].filter(Boolean);
}

describe('YAML under deploy', () => {
  it.each(yamlFiles(DEPLOY).map((file) => relative(REPOSITORY, file)))('%s can be read, no key comes twice', (file) => {
    expect(readYaml(join(REPOSITORY, file)).length).toBeGreaterThan(0);
  });
});

describe('kustomizations', () => {
  it.each(folders.map((folder) => relative(DEPLOY, folder)))('%s names what is there, and all of it', (name) => {
    const folder = join(DEPLOY, name);
    const [kustomization] = readYaml(join(folder, 'kustomization.yaml'));
    const names = mentioned(kustomization);
    expect(names.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
    const folderNames = names.filter((path) => statSync(join(folder, path)).isDirectory());
    expect(folderNames.filter((path) => !existsSync(join(folder, path, 'kustomization.yaml')))).toEqual([]);
    const manifests = readdirSync(folder).filter((file) => /\.(yaml|env)$/.test(file) && file !== 'kustomization.yaml');
    expect(manifests.filter((file) => !names.includes(file))).toEqual([]);
  });

  it('are found', () => {
    expect(folders.map((folder) => basename(folder)).sort()).toEqual([
      'autoscaling',
      'base',
      'cloudnative-pg',
      'keda',
      'monitoring',
      'mutual-tls',
      'production',
      'proxy',
      'small',
      'strimzi',
    ]);
  });

  it.each(OVERLAYS)('patches of %s name objects that exist', (overlay) => {
    const names = rendered(overlay).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const targets = folders.flatMap((folder) => {
      const [{ patches = [] }] = readYaml(join(folder, 'kustomization.yaml'));
      return patches.filter(({ target }: Json) => target).map(({ target }: Json) => target);
    });
    expect(targets.length).toBeGreaterThan(5);
    for (const { kind, name } of targets) {
      for (const one of name.split('|')) expect(names).toContain(`${kind} ${one}`);
    }
  });

  (hasKubectl ? it : it.skip).each(OVERLAYS)('rendered/%s.yaml is what kubectl makes of it now', (overlay) => {
    const { stdout, stderr } = spawnSync('kubectl', ['kustomize', join(KUBERNETES, 'overlays', overlay)]);
    expect(String(stderr)).toBe('');
    expect(readFileSync(join(KUBERNETES, 'rendered', `${overlay}.yaml`), 'utf8')).toBe(String(stdout));
  });
});
