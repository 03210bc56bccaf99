import { type ViewSource } from './view-source.js';

interface Definition {
  resource: string;
  select: { forEach?: string; column: { name: string; path: string; type?: string }[] }[];
}

/** Compiles what the tests of the store need: one select, plain paths, an optional forEach. */
export function simpleView(definition: unknown): ViewSource {
  const { resource, select } = definition as Definition;
  const [{ forEach, column }] = select;
  return {
    resource,
    columns: column.map(({ name, type = 'VARCHAR' }) => ({ name, type })),
    rows: (read, emit) => {
      const items = forEach ? valuesOf(read, forEach) : [read];
      for (const item of items) emit(column.map(({ path }) => valuesOf(item, path)[0] ?? null));
    },
  };
}

function valuesOf(from: unknown, path: string): unknown[] {
  return path
    .split('.')
    .reduce<unknown[]>(
      (values, name) => values.flatMap((value) => (value as Record<string, unknown>)[name] ?? []),
      [from],
    );
}
