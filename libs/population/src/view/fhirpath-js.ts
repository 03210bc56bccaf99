import {
  boundaryOf,
  Decimal,
  type Environment,
  EvaluationError,
  keyOfReference,
  keyOfResource,
  numericOf,
  referenceType,
  type Side,
  type StaticTypes,
  type Variable,
} from '@chartledger/fhir';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4/index.js';

/** What fhirpath.js hands to functions that take its own structures: a value and what is known of its place. */
interface ResourceNode {
  ctx: { vars: { [ENVIRONMENT]: Environment } };
  data: unknown;
  path: string | null;
  fhirNodeDataType: string | null;
  constructor: new (ctx: unknown, data: unknown) => ResourceNode;
}

/** The key, in fhirpath.js's variables, of the environment of an evaluation. No expression can name it. */
const ENVIRONMENT = Symbol('environment');

const OPTIONS = {
  preciseMath: true,
  resolveInternalTypes: false,
  userInvocationTable: {
    getResourceKey: ofNodes((node, environment) => keyOfResource(node.data, environment)),
    getReferenceKey: {
      fn: (nodes: ResourceNode[], type?: { name: string }): unknown[] =>
        defined(nodes.map((node) => keyOfReference(node.data, type?.name, node.ctx.vars[ENVIRONMENT]))),
      arity: { 0: [], 1: ['TypeSpecifier'] },
      internalStructures: true,
    },
    lowBoundary: ofOneNode((node) => boundaryOfNode(node, 'low')),
    highBoundary: ofOneNode((node) => boundaryOfNode(node, 'high')),
    resolve: ofNodes(typeNodeOf),
  },
};

type OfNode = (node: ResourceNode, environment: Environment) => unknown;

function ofNodes(ofNode: OfNode): object {
  const fn = (nodes: ResourceNode[]): unknown[] =>
    defined(nodes.map((node) => ofNode(node, node.ctx?.vars[ENVIRONMENT] ?? {})));
  return { fn, arity: { 0: [] }, internalStructures: true };
}

function ofOneNode(ofNode: (node: ResourceNode) => unknown): object {
  const fn = (nodes: ResourceNode[]): unknown[] => {
    if (nodes.length > 1) throw new EvaluationError();
    return defined(nodes.map(ofNode));
  };
  return { fn, arity: { 0: [] }, internalStructures: true };
}

function defined(values: unknown[]): unknown[] {
  return values.filter((value) => value !== undefined);
}

function boundaryOfNode(node: ResourceNode, side: Side): unknown {
  const boundary = boundaryOf(plain(node), side, node.fhirNodeDataType ?? node.path ?? '');
  return boundary === undefined ? undefined : theirs(boundary);
}

/** fhirpath.js fetches what resolve() asks for; here it gives a resource of the type that the reference's text says. */
function typeNodeOf(node: ResourceNode): ResourceNode | undefined {
  const text = typeof node.data === 'string' ? node.data : (node.data as { reference?: unknown } | null)?.reference;
  const type = typeof text === 'string' ? referenceType(text) : undefined;
  return type === undefined ? undefined : new node.constructor(node.ctx, { resourceType: type });
}

/**
 * Compiles an expression with fhirpath.js, made to answer as the closures do: errors of evaluation are EvaluationErrors
 * or no items, and decimals keep their digits.
 * @param types what the items are one of; it tells fhirpath.js where it begins.
 */
export function compileWithFhirpathJs(
  text: string,
  types: StaticTypes,
  variables: ReadonlyMap<string, Variable>,
): (item: unknown, environment: Environment) => unknown {
  const base = types?.length === 1 ? types[0] : undefined;
  const path = base === undefined ? text : { base, expression: text };
  const compiled = fhirpath.compile(path, r4 as never, OPTIONS as never) as (
    item: unknown,
    variables: object,
  ) => unknown;
  const constants = Object.fromEntries([...variables].map(([name, variable]) => [name, typed(variable)]));
  return (item, environment) => {
    if (item === undefined || item === null) return evaluate(compiled, [], constants, environment);
    return evaluate(compiled, theirs(item), constants, environment);
  };
}

function evaluate(
  compiled: (item: unknown, variables: object) => unknown,
  item: unknown,
  constants: object,
  environment: Environment,
): unknown {
  const { resource, rowIndex } = environment;
  let nodes: unknown[];
  try {
    nodes = compiled(item, { ...constants, resource, rowIndex, [ENVIRONMENT]: environment }) as unknown[];
  } catch {
    // Its own message shows what is in the record.
    if (environment.strict) throw new EvaluationError('cannot be evaluated on what this resource holds');
    return undefined;
  }
  return nodes.map(plain).filter((value) => value !== undefined && value !== null);
}

/** A constant as fhirpath.js needs it to know a date from a string. */
function typed({ value, types }: Variable): unknown {
  const literal = LITERALS[types?.[0] ?? '']?.(value as string);
  return literal === undefined
    ? theirs(value)
    : (fhirpath.evaluate({}, literal, {}, r4 as never, OPTIONS as never) as unknown[])[0];
}

const LITERALS: Readonly<Record<string, (value: string) => string>> = {
  date: (value) => `@${value}`,
  dateTime: (value) => (value.includes('T') ? `@${value}` : `@${value}T`),
  instant: (value) => `@${value}`,
  time: (value) => `@T${value}`,
};

/** A value with fhirpath.js's own decimals in place of ours; the value itself where there are none. */
function theirs(value: unknown): unknown {
  if (value instanceof Decimal) return fhirpath.FP_Decimal.getDecimal(value.toString());
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(theirs);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  let copy: Record<string, unknown> | undefined;
  for (const [key, member] of Object.entries(value)) {
    const replaced = theirs(member);
    if (replaced !== member) (copy ??= { ...value })[key] = replaced;
  }
  return copy ?? value;
}

/** What an item of fhirpath.js's result stands for, as plain JSON and Decimals. */
function plain(item: unknown): unknown {
  const value = isNode(item) ? item.data : item;
  if (value instanceof fhirpath.FP_Decimal) return numericOf(isNode(item) ? value.toString() : computed(value));
  if (typeof value === 'bigint') return numericOf(value.toString());
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) === Object.prototype)
    return ours(value);
  return Array.isArray(value) ? value.map(plain) : String(value);
}

/** fhirpath.js writes small results with an exponent. */
function computed(decimal: object): string {
  return (decimal as { value: { toFixed(): string } }).value.toFixed();
}

function isNode(item: unknown): item is ResourceNode {
  return typeof item === 'object' && item !== null && 'fhirNodeDataType' in item && 'parentResNode' in item;
}

/** The opposite of `theirs`. */
function ours(value: unknown): unknown {
  if (value instanceof fhirpath.FP_Decimal) return numericOf(value.toString());
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(ours);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, ours(member)]));
}
