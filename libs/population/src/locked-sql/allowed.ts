import functions from './allowed-functions.json' with { type: 'json' };

/** What a query may name. Everything else is refused. */
export interface Allowed {
  /** The project's tables and views that this query may read, unqualified. */
  tables: readonly string[];
  functions: AllowedFunctions;
}

/** Names in lower case, by the place where DuckDB looks them up: `histogram` is an aggregate, and a macro over any table. */
export interface AllowedFunctions {
  scalar: ReadonlySet<string>;
  aggregate: ReadonlySet<string>;
  window: ReadonlySet<string>;
  table: ReadonlySet<string>;
  type: ReadonlySet<string>;
  collation: ReadonlySet<string>;
}

const { allowed, refused } = functions;

/** `allowed-functions.json`: what analysts need, and nothing that reaches a file, the catalog, a setting, or SQL as text. */
export const ALLOWED_FUNCTIONS: AllowedFunctions = {
  scalar: new Set(Object.values(allowed.scalar).flat()),
  aggregate: new Set(allowed.aggregate),
  window: new Set(allowed.window),
  table: new Set(allowed.table),
  type: new Set(allowed.type),
  collation: new Set(allowed.collation),
};

const REASONS = refused.map(({ names, why, instead }) => ({ names: new RegExp(names), why, instead }));

/** Why a function is not on the list, and what to do instead. */
export function refusal(name: string): { why: string; instead: string } {
  return (
    REASONS.find(({ names }) => names.test(name)) ?? {
      why: 'it is not on the list of functions for queries',
      instead: 'see the list (docs/sql-functions.md), or compute it from those that are',
    }
  );
}

/** As DuckDB folds identifiers: ASCII letters only, so that no other letter can be taken for one of them. */
export function fold(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
