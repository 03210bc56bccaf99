import { type Library } from './resources.js';

/** A library of the Expression Logical Model (https://cql.hl7.org/elm.html), as far as it is looked at here. */
export interface Elm {
  library: {
    identifier: { id: string; version?: string };
    annotation?: Record<string, unknown>[];
    usings?: { def?: { localIdentifier: string; uri: string; version?: string }[] };
    includes?: { def?: { localIdentifier: string; path: string; version?: string }[] };
    parameters?: { def?: { name: string; default?: unknown }[] };
    valueSets?: { def?: { name: string; id: string; version?: string }[] };
    statements?: { def?: { name: string; type?: string }[] };
  };
}

const ELM_JSON = 'application/elm+json';

/** The index of the content that holds the ELM; -1 where there is none. */
export function elmContent(library: Library): number {
  return (library.content ?? []).findIndex(({ contentType }) => contentType?.split(';')[0].trim() === ELM_JSON);
}

/** The ELM of a library. @throws SyntaxError or TypeError where it has none that can be read. */
export function decodeElm(library: Library): Elm {
  const data = library.content?.[elmContent(library)]?.data;
  if (data === undefined) throw new TypeError(`the library has no content of type ${ELM_JSON}`);
  return JSON.parse(Buffer.from(data, 'base64').toString('utf8')) as Elm;
}

/**
 * The resource types that the logic of some libraries can read: the data types of their retrieves. Logic sees a patient's
 * data through retrieves alone, so records of other types cannot change what it says.
 */
export function retrievedTypes(elms: readonly Elm[]): string[] {
  const types = new Set(['Patient']);
  for (const elm of elms) {
    walk(elm.library.statements, (node) => {
      if (node['type'] === 'Retrieve' && typeof node['dataType'] === 'string') {
        types.add(node['dataType'].slice(node['dataType'].indexOf('}') + 1));
      }
    });
  }
  return [...types].sort();
}

/** The canonical URLs of the value sets that the libraries name, with the version where they name one. */
export function namedValueSets(elms: readonly Elm[]): { url: string; version?: string; library: string }[] {
  return elms.flatMap(({ library }) =>
    (library.valueSets?.def ?? []).map(({ id, version }) => ({ url: id, version, library: library.identifier.id })),
  );
}

/** What the library defines, by name. */
export function definedExpressions({ library }: Elm): Set<string> {
  return new Set((library.statements?.def ?? []).map(({ name }) => name));
}

/** The name of the definition that the node `localId` is part of. */
export function expressionWith({ library }: Elm, localId: string): string | undefined {
  return library.statements?.def?.find((definition) => {
    let found = false;
    walk(definition, (node) => (found ||= node['localId'] === localId));
    return found;
  })?.name;
}

function walk(value: unknown, visit: (node: Record<string, unknown>) => void): void {
  if (Array.isArray(value)) {
    for (const one of value) walk(one, visit);
  } else if (typeof value === 'object' && value !== null) {
    const node = value as Record<string, unknown>;
    visit(node);
    for (const name in node) if (name !== 'annotation') walk(node[name], visit);
  }
}
