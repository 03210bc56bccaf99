import { fold, refusal, type Allowed } from './allowed.js';
import { quoted, type Problem } from './problem.js';
import { EXPRESSIONS, MODIFIERS, QUERIES, TABLES, TYPE_INFOS, type Role, type Shape } from './syntax-shape.js';

/** DuckDB refuses expressions of more than 1,000 levels; a level of a query takes up to four levels of this tree. */
const MAX_DEPTH = 1_500;
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
    type: (value, _scope, depth) => this.type(value, depth),
    cases: (value, scope, depth) =>
      this.each(value, (item) => this.fields(item, { when_expr: 'expression', then_expr: 'expression' }, scope, depth)),
    pivots: (value, scope, depth) => this.each(value, (item) => this.pivot(item, scope, depth)),
    replacements: (value, scope, depth) =>
      this.each(value, (item) => this.fields(item, { key: 'plain', value: 'expression' }, scope, depth)),
    names: (value) => this.each(value, (item) => this.require(isNode(item) && hasOnlyNames(item), 'this name')),
    sample: (value) => value === null || this.sample(value),
    function: (value, scope, depth) => this.tableFunction(value, scope, depth),
  };

  private statement(value: unknown, scope: Scope, depth: number): void {
    if (!isNode(value)) return this.unknown('this statement');
    for (const [field, content] of Object.entries(value)) {
      if (field === 'node') this.query(content, scope, depth);
      else if (field === 'named_param_map') this.each(content, (item) => this.require(isNode(item), 'a parameter'));
      else this.unknown(`the field ${field}`);
    }
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
    for (const entry of entries as Node[]) {
      const { query, ...rest } = entry.value as Node;
      this.require(
        hasOnly(rest, ['aliases', 'materialized', 'key_targets']) && isEmpty(rest.key_targets) && isPlain(rest.aliases),
        'this form of WITH',
      );
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
    const [name, ...more] = column_names as string[];
    if (more.length === 0 && /^(current_(catalog|database|schema|role|user)|session_user)$/.test(fold(name)))
      this.refuse(fold(name), 'name');
  }

  private functionName(node: Node, lists: readonly ReadonlySet<string>[], what: string): void {
    const name = fold(String(node.function_name));
    const isQualified = node.catalog !== '' || (node.schema !== '' && node.schema !== 'main');
    if (isQualified) this.add('function', `write the ${what} ${quoted(name)} without a schema`);
    else if (node.export_state === true) this.add('function', 'EXPORT_STATE is not taken: select the aggregate itself');
    else if (!lists.some((list) => list.has(name))) this.refuse(name, what);
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
    if (!isNode(value) || !hasOnly(value, ['sample_size', 'is_percentage', 'method', 'seed']))
      return this.unknown('this sample');
    this.constant(value.sample_size);
  }

  /** A constant is text, numbers and types: it names nothing that could be looked up. */
  private constant(value: unknown): void {
    if (!isNode(value) || !hasOnly(value, ['type', 'is_null', 'value'])) return this.unknown('this constant');
    this.type(value.type, 0);
  }

  private type(value: unknown, depth: number): void {
    if (!isNode(value) || !hasOnly(value, ['id', 'type_info'])) return this.unknown('this type');
    const info = value.type_info;
    if (info === null) return;
    if (!isNode(info) || !TYPE_INFOS.includes(String(info.type)) || depth > MAX_DEPTH) return this.unknown('this type');
    if (info.type === 'UNBOUND_TYPE_INFO') return this.typeName(info);
    if (info.child_type !== undefined) this.type(info.child_type, depth + 1);
    if (info.child_types !== undefined)
      this.each(info.child_types, (child) => this.type((child as Node).second, depth + 1));
  }

  private typeName({ name, catalog, schema, user_type_modifiers }: Node): void {
    const isTaken = catalog === '' && schema === '' && this.allowed.functions.type.has(fold(String(name)));
    if (!isTaken) this.add('type', `there is no type ${quoted(String(name))} here: use one of SQL's types, or JSON`);
    this.each(user_type_modifiers, (item) => this.constant(item));
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
    const isRepeated = this.problems.some((other) => other.message === message && other.offset === problem.offset);
    if (this.problems.length < MAX_PROBLEMS && !isRepeated) this.problems.push(problem);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlain(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isPlain) : typeof value !== 'object' || value === null;
}

function isEmpty(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function hasOnly(node: Node, fields: readonly string[]): boolean {
  return Object.keys(node).every((field) => fields.includes(field));
}

/** A name with its qualification, or one name for another: `{key: {catalog, schema, table, column}, value}`. */
function hasOnlyNames(node: Node): boolean {
  return Object.values(node).every((value) => isPlain(value) || (isNode(value) && Object.values(value).every(isPlain)));
}

function shapeOf(shapes: Readonly<Record<string, Shape>>, value: unknown, field: string): Shape | undefined {
  if (!isNode(value)) return undefined;
  const kind = value[field];
  return typeof kind === 'string' && Object.hasOwn(shapes, kind) ? shapes[kind] : undefined;
}
