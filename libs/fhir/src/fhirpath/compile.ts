import { isKindOfResource, isResourceType } from '../reference/resource-types.js';
import { boundary } from './boundary.js';
import { elementKeys, typedElementKeys } from './element.js';
import { type Evaluate, NOTHING, THIS } from './evaluate.js';
import { type Expression, typeName, unionTerms } from './expression.js';
import { extensions, extensionsOfElement, withUrl } from './extension.js';
import { count, empty, exists, first, join, last, not, where } from './functions.js';
import { isKindOfType } from './data-types.js';
import { referenceKey, resourceKey } from './keys.js';
import { arithmetic, booleanOperator, itemAt, union } from './operators.js';
import { equality, order } from './comparison.js';
import { OutsideSubset } from './outside-subset.js';
import { type Scope } from './scope.js';
import { select } from './select.js';
import { categoryOf, elementOf, isDefined, staticTypes } from './static-types.js';
import { isResourceOf, isTyped, resolvesTo, resourcesOf } from './types.js';

/**
 * The closure of a tree. What cannot hold for the scope's type folds away.
 * @throws OutsideSubset
 */
export function compileExpression(expression: Expression, scope: Scope): Evaluate {
  const compile = (inner: Expression): Evaluate => compileExpression(inner, scope);
  switch (expression.kind) {
    case 'this':
      return THIS;
    case 'literal':
      return () => expression.value;
    case 'variable':
      return compileVariable(expression.name, scope);
    case 'member':
      return compileMember(expression.of, expression.name, scope);
    case 'index':
      return compileIndex(expression.of, expression.index, scope);
    case 'union':
      return union(unionTerms(expression).map(compile), categoryOf(staticTypes(expression, scope)));
    case 'boolean':
      return booleanOperator(expression.operator, compile(expression.left), compile(expression.right));
    case 'arithmetic':
    case 'order':
    case 'equality':
      return compileOperator(expression, scope);
    case 'type':
      return expression.operator === 'is'
        ? compileIs(expression.of, expression.type, scope)
        : compileAs(expression.of, expression.type, scope);
    case 'call':
      return compileCall(expression.of, expression.name, expression.arguments, scope);
  }
}

function compileVariable(name: string, scope: Scope): Evaluate {
  if (name === 'rowIndex') return (_item, environment) => environment.rowIndex;
  if (name === 'resource') return (_item, environment) => environment.resource;
  const variable = scope.variables.get(name);
  if (!variable) throw new OutsideSubset(`%${name}`);
  return () => variable.value;
}

/** A path that begins with a resource type holds for resources of that type alone; any other name is an element. */
function compileMember(of: Expression, name: string, scope: Scope): Evaluate {
  if (of.kind === 'this' && isResourceName(name)) {
    if (scope.resource === undefined) return resourcesOf(THIS, name);
    return isKindOfResource(scope.resource, name) ? THIS : NOTHING;
  }
  if (name === 'extension') return compileExtension(of, scope);
  return select(compileExpression(of, scope), keysOf(of, name, scope));
}

function keysOf(of: Expression, name: string, scope: Scope, type?: string): string[] {
  const parents = staticTypes(of, scope);
  if (parents?.every((parent) => isDefined(parent) && elementOf(parent, name) === undefined))
    scope.unknownElements.add(`${parents.join(' or ')} has no element ${name}`);
  return type === undefined ? elementKeys(name, parents) : typedElementKeys(name, parents, type);
}

/** Extensions of a primitive are found where the expression names the element: birthDate.extension. */
function compileExtension(of: Expression, scope: Scope): Evaluate {
  const isElement = of.kind === 'member' && of.name !== 'extension' && !isResourceName(of.name);
  if (!isElement) return extensions(compileExpression(of, scope));
  return extensionsOfElement(compileExpression(of.of, scope), elementKeys(of.name, staticTypes(of.of, scope)));
}

/** The index is evaluated in the scope of the whole, not of the indexed. */
function compileIndex(of: Expression, index: Expression, scope: Scope): Evaluate {
  const value = index.kind === 'variable' ? scope.variables.get(index.name)?.value : literalValue(index);
  if (!Number.isInteger(value)) throw new OutsideSubset('an index that is not known before');
  return itemAt(compileExpression(of, scope), value as number);
}

function literalValue(expression: Expression): unknown {
  return expression.kind === 'literal' ? expression.value : undefined;
}

/**
 * `as T` and ofType(T). JSON tells the type of resources and of choice elements only; the definitions tell the others.
 * R4's expressions use `as` on several items, which FHIRPath calls an error; here it selects among them as ofType does,
 * as R4 means it.
 */
function compileAs(of: Expression, type: string, scope: Scope): Evaluate {
  if (isResourceName(type)) return resourcesOf(compileExpression(of, scope), type);
  if (of.kind === 'member' && !(of.of.kind === 'this' && isResourceName(of.name)))
    return select(compileExpression(of.of, scope), keysOf(of.of, of.name, scope, type));
  const types = staticTypes(of, scope);
  if (types?.every((candidate) => isKindOfType(candidate, type))) return compileExpression(of, scope);
  throw new OutsideSubset('the data type of what is no element');
}

function compileIs(of: Expression, type: string, scope: Scope): Evaluate {
  if (isResourceName(type)) {
    const resolves = of.kind === 'call' && of.name === 'resolve' && of.arguments.length === 0;
    return resolves
      ? resolvesTo(compileExpression(of.of, scope), type)
      : isResourceOf(compileExpression(of, scope), type);
  }
  if (of.kind !== 'member') throw new OutsideSubset('the data type of what is no element');
  const parents = staticTypes(of.of, scope);
  const keys = elementKeys(of.name, parents);
  return isTyped(compileExpression(of.of, scope), keys, typedElementKeys(of.name, parents, type));
}

type Operation = Extract<Expression, { kind: 'arithmetic' | 'order' | 'equality' }>;

/** Operators whose meaning hangs on the types: JSON does not tell a date from a string. */
function compileOperator(operation: Operation, scope: Scope): Evaluate {
  const [left, right] = [compileExpression(operation.left, scope), compileExpression(operation.right, scope)];
  const categories = [operation.left, operation.right].map((side) => categoryOf(staticTypes(side, scope)));
  const [ofLeft, ofRight] = categories;
  switch (operation.kind) {
    case 'arithmetic':
      return arithmetic(operation.operator, left, right, ofLeft, ofRight);
    case 'order':
      return order(operation.operator, left, right, ofLeft, ofRight);
    case 'equality':
      return equality(operation.operator, left, right, {
        categories: [ofLeft, ofRight],
        hasLiteral: operation.left.kind === 'literal' || operation.right.kind === 'literal',
      });
  }
}

function compileCall(of: Expression, name: string, passed: readonly Expression[], scope: Scope): Evaluate {
  const input = (): Evaluate => compileExpression(of, scope);
  const criteria = (): Evaluate =>
    compileExpression(passed[0] as Expression, {
      types: staticTypes(of, scope),
      variables: scope.variables,
      known: new Map(),
      unknownElements: scope.unknownElements,
    });
  switch (`${name}/${passed.length}`) {
    case 'where/1':
      return where(input(), criteria());
    case 'exists/0':
      return exists(input());
    case 'exists/1':
      return exists(where(input(), criteria()));
    case 'empty/0':
      return empty(input());
    case 'not/0':
      return not(input());
    case 'first/0':
      return first(input());
    case 'last/0':
      return last(input());
    case 'count/0':
      return count(input());
    case 'join/0':
      return join(stringsOf(of, scope), '');
    case 'join/1':
      return join(stringsOf(of, scope), stringArgument(passed[0] as Expression));
    case 'lowBoundary/0':
      return boundary(input(), 'low', staticTypes(of, scope));
    case 'highBoundary/0':
      return boundary(input(), 'high', staticTypes(of, scope));
    case 'getResourceKey/0':
      return resourceKey(input());
    case 'getReferenceKey/0':
      return referenceKey(input(), undefined);
    case 'getReferenceKey/1':
      return referenceKey(input(), typeArgument(passed[0] as Expression));
    case 'extension/1':
      return withUrl(compileMember(of, 'extension', scope), stringArgument(passed[0] as Expression));
    case 'as/1':
    case 'ofType/1':
      return compileAs(of, typeArgument(passed[0] as Expression), scope);
    case 'is/1':
      return compileIs(of, typeArgument(passed[0] as Expression), scope);
    default:
      throw new OutsideSubset(`${name}() with ${passed.length} arguments`);
  }
}

function isResourceName(name: string): boolean {
  return name === 'Resource' || name === 'DomainResource' || isResourceType(name);
}

function typeArgument(expression: Expression): string {
  const type = typeName(expression);
  if (type === undefined) throw new OutsideSubset('an argument that is no type');
  return type;
}

function stringArgument(expression: Expression): string {
  if (expression.kind !== 'literal' || typeof expression.value !== 'string')
    throw new OutsideSubset('an argument that is no string');
  return expression.value;
}

function stringsOf(of: Expression, scope: Scope): Evaluate {
  if (categoryOf(staticTypes(of, scope)) !== 'string') throw new OutsideSubset('join() of what may be no strings');
  return compileExpression(of, scope);
}
