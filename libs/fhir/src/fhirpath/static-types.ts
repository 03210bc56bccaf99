import { isResourceType } from '../reference/resource-types.js';
import { R4 } from '../structure/r4.table.js';
import { isKindOfType } from './data-types.js';
import { type Expression } from './expression.js';
import { type Scope, type StaticTypes } from './scope.js';

/** The functions whose items are the input's. */
const SELECTING: ReadonlySet<string> = new Set(['where', 'first', 'last', 'lowBoundary', 'highBoundary']);

const RESULTS: Readonly<Record<string, string>> = {
  exists: 'boolean',
  empty: 'boolean',
  not: 'boolean',
  is: 'boolean',
  count: 'integer',
  join: 'string',
  getResourceKey: 'string',
  getReferenceKey: 'string',
};

/** The types that an expression gives in a scope. The same question is answered once a scope. */
export function staticTypes(expression: Expression, scope: Scope): StaticTypes {
  if (expression.kind === 'this') return scope.types;
  if (!scope.known.has(expression)) scope.known.set(expression, typesOf(expression, scope));
  return scope.known.get(expression);
}

function typesOf(expression: Expression, scope: Scope): StaticTypes {
  switch (expression.kind) {
    case 'this':
      return scope.types;
    case 'literal':
      return [expression.type];
    case 'variable':
      return scope.variables.get(expression.name)?.types;
    case 'index':
      return staticTypes(expression.of, scope);
    case 'union':
      return both(staticTypes(expression.left, scope), staticTypes(expression.right, scope));
    case 'boolean':
    case 'equality':
    case 'order':
      return ['boolean'];
    case 'arithmetic':
      return arithmeticTypes(expression, scope);
    case 'type':
      return expression.operator === 'is' ? ['boolean'] : castTypes(expression.of, expression.type, scope);
    case 'call':
      return callTypes(expression, scope);
    case 'member':
      return memberTypes(expression, scope);
  }
}

function callTypes(call: Extract<Expression, { kind: 'call' }>, scope: Scope): StaticTypes {
  const { name, of, arguments: passed } = call;
  if (name === 'extension') return ['Extension'];
  if (SELECTING.has(name)) return staticTypes(of, scope);
  if (Object.hasOwn(RESULTS, name)) return [RESULTS[name] as string];
  const [type] = passed;
  if ((name !== 'ofType' && name !== 'as') || type?.kind !== 'member') return undefined;
  return castTypes(of, type.name, scope);
}

/** What is left of the types of `of` after `as type`. */
function castTypes(of: Expression, type: string, scope: Scope): StaticTypes {
  if (isResourceType(type)) return [type];
  const types = staticTypes(of, scope)?.filter((candidate) => isKindOfType(candidate, type));
  return types && types.length > 0 ? types : [type];
}

function arithmeticTypes(expression: Extract<Expression, { kind: 'arithmetic' }>, scope: Scope): StaticTypes {
  const types = both(staticTypes(expression.left, scope), staticTypes(expression.right, scope));
  if (types?.every((type) => categoryOf([type]) === 'string')) return ['string'];
  if (expression.operator !== '/' && types?.every((type) => isKindOfType(type, 'integer'))) return ['integer'];
  return ['decimal'];
}

function memberTypes({ name, of }: Extract<Expression, { kind: 'member' }>, scope: Scope): StaticTypes {
  if (of.kind === 'this' && isResourceType(name)) return [name];
  return elementTypes(staticTypes(of, scope), name);
}

/** The types of the elements called `name`, choice elements among them, that these types have. */
export function elementTypes(parents: StaticTypes, name: string): StaticTypes {
  if (parents === undefined) return undefined;
  const found = new Set<string>();
  for (const parent of parents) for (const type of elementOf(parent, name)?.types ?? []) found.add(type);
  return found.size === 0 || found.has('Resource') ? undefined : [...found];
}

/** Whether the definitions say what elements the type has. */
export function isDefined(path: string): boolean {
  return Object.hasOwn(R4.types, path);
}

/** An element as one type has it. */
export interface TypedElement {
  isChoice: boolean;
  types: readonly string[];
}

/** The element `name` of the type at `path`, which may come of the type that it extends. */
export function elementOf(path: string, name: string): TypedElement | undefined {
  const { $extends: base, ...own } = R4.types[path] ?? {};
  for (const key of [name, `${name}[x]`]) {
    const line = Object.hasOwn(own, key) ? own[key] : undefined;
    if (line !== undefined) return { isChoice: key !== name, types: listed(line) };
  }
  return base === undefined ? undefined : elementOf(base, name);
}

/** `0..* Quantity|@string` as its types. */
function listed(line: string): string[] {
  return line
    .slice(line.indexOf(' ') + 1)
    .split('|')
    .map((type) => (type.startsWith('@') ? type.slice(1) : type));
}

function both(left: StaticTypes, right: StaticTypes): StaticTypes {
  return left && right && [...new Set([...left, ...right])];
}

/** What matters of types to an operator. */
export type Category = 'string' | 'number' | 'boolean' | 'time' | 'complex';

const CATEGORIES: Readonly<Record<string, Category>> = {
  boolean: 'boolean',
  decimal: 'number',
  integer: 'number',
  date: 'time',
  dateTime: 'time',
  instant: 'time',
  time: 'time',
  string: 'string',
  uri: 'string',
  base64Binary: 'string',
  xhtml: 'string',
};

/** The one category that all of these types are of; undefined where they are of several or not known. */
export function categoryOf(types: StaticTypes): Category | undefined {
  if (types === undefined) return undefined;
  const categories = new Set(types.map((type) => CATEGORIES[ancestorOf(type)] ?? 'complex'));
  return categories.size === 1 ? [...categories][0] : undefined;
}

/** code → string: the type that has a category of its own. */
function ancestorOf(type: string): string {
  return Object.keys(CATEGORIES).find((ancestor) => isKindOfType(type, ancestor)) ?? type;
}
