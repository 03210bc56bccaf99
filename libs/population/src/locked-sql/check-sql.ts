import { fold, refusal, type Allowed } from './allowed.js';
import { isOwnError } from './own-errors.js';
import { quoted, type Problem } from './problem.js';
import { EXPRESSIONS, MODIFIERS, QUERIES, TABLES, TYPE_INFOS, type Role, type Shape } from './syntax-shape.js';

/** DuckDB refuses expressions of more than 1,000 levels. This many are more than anybody writes, and few enough for the stack. */
const MAX_DEPTH = 500;
/** Lists of names are in lists at most twice: grouping sets. */
const MAX_PLAIN_DEPTH = 3;
/** Enough to correct a query by, and short enough to read. */
const MAX_PROBLEMS = 20;
/** So many tables are named to one who asked for another. */
const MAX_TABLES_NAMED = 30;

type Node = Record<string, unknown>;
/** The names of WITH that are visible, folded. */
type Scope = ReadonlySet<string>;

/**
 * What is wrong with a query, by its syntax tree alone: nothing is bound, so no table, file or setting is touched. Empty means
 * that it is one SELECT, reads only the tables and names of WITH that it may, and calls only functions of the list. Every node
 * and field is checked against `syntax-shape.ts`; what is not known there is refused.
 *
 * @param serialized what DuckDB's `json_serialize_sql` made of the text, parsed from JSON.
 */
export function checkSql(serialized: unknown, allowed: Allowed): Problem[] {
  if (!isNode(serialized)) return [{ kind: 'syntax', message: 'the query could not be read' }];
  if (serialized.error !== false) return [unserializable(serialized)];
  const statements = Array.isArray(serialized.statements) ? serialized.statements : [];
  if (statements.length !== 1)
    return [
      {
        kind: 'statement',
        message: `send one SELECT statement; there are ${statements.length}. WITH names steps within one statement`,
      },
    ];
  return new SqlCheck(allowed).run(statements[0]);
}

/** The names of the parameters (`$name`) of a query that `checkSql` finds nothing wrong with. */
export function parameterNames(serialized: unknown): string[] {
  const [statement] = (serialized as { statements: { named_param_map: { key: string }[] }[] }).statements;
  return statement.named_param_map.map(({ key }) => key);
}

function unserializable({ error_type, error_message, position }: Node): Problem {
  if (error_type === 'not implemented')
    return {
      kind: 'statement',
      message:
        'only SELECT statements are taken (also WITH, FROM first, VALUES, DESCRIBE of a query, PIVOT with its values listed by IN)',
    };
  const offset = Number(position);
  return {
    kind: 'syntax',
    message: String(error_message),
    ...(position !== undefined && Number.isSafeInteger(offset) ? { offset } : {}),
  };
}

/** One walk over one tree. */
class SqlCheck {
  private readonly problems: Problem[] = [];
  private readonly tables: ReadonlySet<string>;
  private offset: number | undefined;

  constructor(private readonly allowed: Allowed) {
    this.tables = new Set(allowed.tables.map(fold));
  }

  run(statement: unknown): Problem[] {
    this.statement(statement, new Set(), 0);
    return this.problems;
  }

  private readonly roles: Readonly<Record<Role, (value: unknown, scope: Scope, depth: number) => void>> = {
    plain: (value) => this.require(isPlain(value), 'this construct'),
    empty: (value) => this.require(isEmpty(value), 'this construct (a version of a table, or keys of a recursion)'),
    expression: (value, scope, depth) => value === null || this.expression(value, scope, depth),
    expressions: (value, scope, depth) => this.each(value, (item) => this.expression(item, scope, depth)),
    rows: (value, scope, depth) =>
      this.each(value, (row) => this.each(row, (item) => this.expression(item, scope, depth))),
    table: (value, scope, depth) => value === null || this.table(value, scope, depth),
    query: (value, scope, depth) => this.query(value, scope, depth),
    statement: (value, scope, depth) => this.statement(value, scope, depth),
    ctes: () => undefined, // by `query`, before the other fields: they open a scope
    modifiers: (value, scope, depth) => this.each(value, (item) => this.modifier(item, scope, depth)),
    modifier: (value, scope, depth) => this.modifier(value, scope, depth),
    orders: (value, scope, depth) =>
      this.each(value, (item) =>
        this.fields(item, { type: 'plain', null_order: 'plain', expression: 'expression' }, scope, depth),
      ),
    constant: (value) => this.constant(value),
    constants: (value) => this.each(value, (item) => this.constant(item)),
    type: (value, _scope, depth) => this.type(value, depth),
    members: (value, scope, depth) =>
      this.each(value, (item) => this.fields(item, { first: 'plain', second: 'type' }, scope, depth)),
    cases: (value, scope, depth) =>
      this.each(value, (item) => this.fields(item, { when_expr: 'expression', then_expr: 'expression' }, scope, depth)),
    pivots: (value, scope, depth) => this.each(value, (item) => this.pivot(item, scope, depth)),
    replacements: (value, scope, depth) =>
      this.each(value, (item) => this.fields(item, { key: 'plain', value: 'expression' }, scope, depth)),
    names: (value) => this.each(value, (item) => this.require(isNode(item) && isName(item), 'this name')),
    sample: (value) => value === null || this.sample(value),
    function: (value, scope, depth) => this.tableFunction(value, scope, depth),
  };

  private statement(value: unknown, scope: Scope, depth: number): void {
    if (!isNode(value) || !hasOnly(value, ['node', 'named_param_map'])) return this.unknown('this statement');
    this.query(value.node, scope, depth);
    this.each(value.named_param_map, (item) =>
      this.require(isNode(item) && hasOnly(item, ['key', 'value']) && hasOnlyPlain(item), 'a parameter'),
    );
  }

  private query(value: unknown, scope: Scope, depth: number): void {
    const shape = shapeOf(QUERIES, value, 'type');
    if (!shape) return this.unknown('this kind of query');
    const inner = this.ctes((value as Node).cte_map, scope, depth + 1);
    if ((value as Node).type !== 'RECURSIVE_CTE_NODE') return this.fields(value, shape, inner, depth);
    // The first part begins the recursion and cannot see it; the second part is what recurs.
    const { right, ...rest } = value as Node;
    const recurring = new Set(inner).add(fold(String((value as Node).cte_name)));
    this.fields(rest, shape, inner, depth);
    this.query(right, recurring, depth + 1);
  }

  /** The scope with the names of a WITH. Each sees those before it; its own only in a recursion. */
  private ctes(value: unknown, scope: Scope, depth: number): Scope {
    const entries = isNode(value) && Object.keys(value).length === 1 ? value.map : undefined;
    if (!Array.isArray(entries)) {
      this.unknown('this WITH');
      return scope;
    }
    const inner = new Set(scope);
    for (const entry of entries as unknown[]) {
      if (!isNode(entry) || !hasOnly(entry, ['key', 'value']) || !isPlain(entry.key) || !isNode(entry.value)) {
        this.unknown('this WITH');
        continue;
      }
      const { query, key_targets, ...rest } = entry.value;
      const isKnown = hasOnly(rest, ['aliases', 'materialized']) && hasOnlyPlain(rest) && isEmpty(key_targets);
      this.require(isKnown, 'this form of WITH');
      this.statement(query, new Set(inner), depth);
      inner.add(fold(String(entry.key)));
    }
    return inner;
  }

  private table(value: unknown, scope: Scope, depth: number): void {
    const shape = shapeOf(TABLES, value, 'type');
    if (!shape) return this.unknown('this form of FROM');
    const node = value as Node;
    this.at(node);
    if (node.type === 'BASE_TABLE') this.tableName(node, scope);
    if (node.type === 'SHOW_REF' && !isNode(node.query))
      return this.add('statement', `SHOW is not taken: ${this.tablesThere()}. DESCRIBE table shows a table's columns`);
    this.fields(value, shape, scope, depth);
  }

  private tableName({ catalog_name, schema_name, table_name }: Node, scope: Scope): void {
    const name = String(table_name);
    const isQualified = catalog_name !== '' || schema_name !== '';
    if (!isQualified && scope.has(fold(name))) return;
    if (catalog_name === '' && (schema_name === '' || schema_name === 'main') && this.tables.has(fold(name))) return;
    const full = [catalog_name, schema_name, name].filter((part) => part !== '').join('.');
    const isNamedThere = isQualified && this.tables.has(fold(name));
    this.add(
      'table',
      `there is no table ${quoted(full)} for this query: ${isNamedThere ? `write ${quoted(name)} alone` : this.tablesThere()}`,
    );
  }

  private tablesThere(): string {
    const { tables } = this.allowed;
    if (tables.length === 0) return 'this project has no tables yet';
    const named = tables.slice(0, MAX_TABLES_NAMED).join(', ');
    return `there ${tables.length === 1 ? 'is' : 'are'} ${named}${tables.length > MAX_TABLES_NAMED ? ', …' : ''}`;
  }

  private tableFunction(value: unknown, scope: Scope, depth: number): void {
    if (!isNode(value) || value.class !== 'FUNCTION') return this.unknown('this table function');
    this.functionName(value, [this.allowed.functions.table], 'table function');
    this.fields(value, EXPRESSIONS.FUNCTION, scope, depth);
  }

  private expression(value: unknown, scope: Scope, depth: number): void {
    const shape = shapeOf(EXPRESSIONS, value, 'class');
    if (!shape) return this.unknown('this expression');
    const node = value as Node;
    this.at(node);
    const { functions } = this.allowed;
    if (node.class === 'FUNCTION') this.functionName(node, [functions.scalar, functions.aggregate], 'function');
    if (node.class === 'WINDOW') this.functionName(node, [functions.aggregate, functions.window], 'window function');
    if (node.class === 'PARAMETER' && !/^[A-Za-z_]\w*$/.test(String(node.identifier)))
      this.add('parameter', 'parameters have names: write $name');
    if (
      node.class === 'COLLATE' &&
      !fold(String(node.collation))
        .split('.')
        .every((name) => functions.collation.has(name))
    )
      this.add(
        'function',
        `the collation ${quoted(String(node.collation))} is not taken: use ${[...functions.collation].join(', ')}`,
      );
    if (node.class === 'COLUMN_REF') this.columnName(node);
    this.fields(value, shape, scope, depth);
  }

  /** `current_catalog` and the like have no parentheses: DuckDB makes a call of such a name where no column has it. */
  private columnName({ column_names }: Node): void {
    const [name, ...more] = Array.isArray(column_names) ? column_names.map(String) : [];
    if (
      name !== undefined &&
      more.length === 0 &&
      /^(current_(catalog|database|schema|role|user)|session_user)$/.test(fold(name))
    )
      this.refuse(fold(name), 'name');
  }

  private functionName(node: Node, lists: readonly ReadonlySet<string>[], what: string): void {
    const name = fold(String(node.function_name));
    // A schema is not looked at: DuckDB writes `name.upper()` as the function upper of the schema name. The name alone decides,
    // and a project's file has no functions of its own.
    if (node.export_state === true) this.add('function', 'EXPORT_STATE is not taken: select the aggregate itself');
    else if (!lists.some((list) => list.has(name)) && !isOwnError(node)) this.refuse(name, what);
  }

  private refuse(name: string, what: string): void {
    const { why, instead } = refusal(name);
    this.add('function', `the ${what} ${quoted(name)} is refused, because ${why}: ${instead}`);
  }

  private modifier(value: unknown, scope: Scope, depth: number): void {
    const shape = shapeOf(MODIFIERS, value, 'type');
    if (!shape) return this.unknown('this clause after the query');
    this.fields(value, shape, scope, depth);
  }

  private pivot(value: unknown, scope: Scope, depth: number): void {
    if (!isNode(value)) return this.unknown('this PIVOT');
    const { pivot_enum, entries, ...rest } = value;
    if (pivot_enum !== '') this.add('construct', 'PIVOT takes its values as a list: ON column IN (value, …)');
    this.each(entries, (entry) => {
      if (!isNode(entry)) return this.unknown('this PIVOT');
      const { values, ...others } = entry;
      this.each(values, (item) => this.constant(item));
      this.fields(others, { star_expr: 'expression', alias: 'plain' }, scope, depth);
    });
    this.fields(rest, { pivot_expressions: 'expressions', unpivot_names: 'plain' }, scope, depth);
  }

  private sample(value: unknown): void {
    if (!isNode(value)) return this.unknown('this sample');
    const { sample_size, ...rest } = value;
    this.require(hasOnly(rest, ['is_percentage', 'method', 'seed']) && hasOnlyPlain(rest), 'this sample');
    this.constant(sample_size);
  }

  /** A constant is text, numbers and types: it names nothing that could be looked up. */
  private constant(value: unknown): void {
    if (!isNode(value) || !hasOnly(value, ['type', 'is_null', 'value']) || !isPlain(value.is_null))
      return this.unknown('this constant');
    this.type(value.type, 0);
  }

  private type(value: unknown, depth: number): void {
    if (!isNode(value) || !hasOnly(value, ['id', 'type_info']) || !isPlain(value.id)) return this.unknown('this type');
    if (value.type_info === null) return;
    const shape = shapeOf(TYPE_INFOS, value.type_info, 'type');
    if (!shape) return this.unknown('this type');
    const info = value.type_info as Node;
    if (info.type === 'UNBOUND_TYPE_INFO') this.typeName(info);
    this.fields(info, shape, new Set(), depth);
  }

  private typeName({ name, catalog, schema }: Node): void {
    const isTaken = catalog === '' && schema === '' && this.allowed.functions.type.has(fold(String(name)));
    if (!isTaken) this.add('type', `there is no type ${quoted(String(name))} here: use one of SQL's types, or JSON`);
  }

  private fields(value: unknown, shape: Shape, scope: Scope, depth: number): void {
    if (!isNode(value)) return this.unknown('this construct');
    if (depth > MAX_DEPTH) return this.add('size', 'the query is nested too deeply: split it by WITH');
    for (const [field, content] of Object.entries(value)) {
      const role = Object.hasOwn(shape, field) ? shape[field] : undefined;
      if (role) this.roles[role](content, scope, depth + 1);
      else this.unknown(`the field ${field}`);
    }
  }

  private each(value: unknown, check: (item: unknown) => void): void {
    if (!Array.isArray(value)) return this.unknown('this list');
    for (const item of value) check(item);
  }

  private at({ query_location }: Node): void {
    // Where DuckDB has no place it writes the largest 64-bit number.
    this.offset = Number.isSafeInteger(query_location) ? (query_location as number) : undefined;
  }

  private require(holds: boolean, what: string): void {
    if (!holds) this.unknown(what);
  }

  private unknown(what: string): void {
    this.add('construct', `${what} is not known to the check of queries, and so is refused: write it in another way`);
  }

  private add(kind: Problem['kind'], message: string): void {
    const problem = { kind, message, ...(this.offset === undefined ? {} : { offset: this.offset }) };
    const isRepeated = this.problems.some(
      (other) => other.message === message && (other.offset === problem.offset || kind === 'size'),
    );
    if (this.problems.length < MAX_PROBLEMS && !isRepeated) this.problems.push(problem);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlain(value: unknown, depth = 0): boolean {
  if (!Array.isArray(value)) return typeof value !== 'object' || value === null;
  return depth < MAX_PLAIN_DEPTH && value.every((item) => isPlain(item, depth + 1));
}

function isEmpty(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function hasOnly(node: Node, fields: readonly string[]): boolean {
  return Object.keys(node).every((field) => fields.includes(field));
}

function hasOnlyPlain(node: Node): boolean {
  return Object.values(node).every((value) => isPlain(value));
}

/** A name with its qualification, or one name for another: `{key: {catalog, schema, table, column}, value}`. */
function isName(node: Node): boolean {
  const name = isNode(node.key) && hasOnly(node, ['key', 'value']) && isPlain(node.value) ? node.key : node;
  return hasOnly(name, ['catalog', 'schema', 'table', 'column']) && hasOnlyPlain(name);
}

function shapeOf(shapes: Readonly<Record<string, Shape>>, value: unknown, field: string): Shape | undefined {
  if (!isNode(value)) return undefined;
  const kind = value[field];
  return typeof kind === 'string' && Object.hasOwn(shapes, kind) ? shapes[kind] : undefined;
}
