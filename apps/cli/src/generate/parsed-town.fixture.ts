import { type GeneratedFile } from './generated-file.js';
import { town } from './town.js';

export interface ParsedEntry {
  fullUrl: string;
  resource: { resourceType: string; id?: string; identifier?: { system: string; value: string }[] };
  request: { method: string; url: string; ifNoneExist?: string };
}
export interface ParsedFile extends GeneratedFile {
  entries: ParsedEntry[];
  bundleType: string;
  references: string[];
}

function parse(file: GeneratedFile): ParsedFile {
  const references: string[] = [];
  const bundle = JSON.parse(file.text, (name, value: unknown) => {
    if (name === 'reference' && typeof value === 'string') references.push(value);
    return value;
  }) as { type: string; entry: ParsedEntry[] };
  return { ...file, entries: bundle.entry, bundleType: bundle.type, references };
}

/** A town as its readers see it: large enough for shares to be measured. */
export const FILES: readonly ParsedFile[] = [...town({ patients: 500, seed: 11 })].map(parse);

/** The first identifier of an entry's resource. */
export function tokenOf({ resource }: ParsedEntry): string {
  return `${resource.identifier![0]!.system}|${resource.identifier![0]!.value}`;
}
