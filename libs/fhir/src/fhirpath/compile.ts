import { isKindOfResource, isResourceType } from '../reference/resource-types.js';
import { elementKeys, typedElementKeys } from './element.js';
import { type Evaluate, NOTHING, THIS } from './evaluate.js';
import { type Expression, type Literal, typeName, unionTerms } from './expression.js';
import { extensions, extensionsOfElement, withUrl } from './extension.js';
import { empty, exists, first, not, where } from './functions.js';
import { booleanOperator, equality, itemAt, union } from './operators.js';
import { OutsideSubset } from './outside-subset.js';
import { type Scope, staticPath } from './scope.js';
import { select } from './select.js';
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
    case 'member':
      return compileMember(expression.of, expression.name, scope);
    case 'index':
      return itemAt(compile(expression.of), expression.index);
    case 'union':
      return union(unionTerms(expression).map(compile));
    case 'boolean':
      return booleanOperator(expression.operator, compile(expression.left), compile(expression.right));
    case 'equality': {
      const [of, literal] = operandAndLiteral(expression.left, expression.right);
      return equality(expression.operator, compile(of), literal);
    }
    case 'type':
      return expression.operator === 'is'
        ? compileIs(expression.of, expression.type, scope)
        : compileAs(expression.of, expression.type, scope);
    case 'call':
      return compileCall(expression.of, expression.name, expression.arguments, scope);
  }
}

/** A path that begins with a resource type holds for resources of that type alone; any other name is an element. */
function compileMember(of: Expression, name: string, scope: Scope): Evaluate {
  if (of.kind === 'this' && isResourceName(name)) {
    if (scope.type === undefined) return resourcesOf(THIS, name);
    return isKindOfResource(scope.type, name) ? THIS : NOTHING;
  }
  if (name === 'extension') return compileExtension(of, scope);
  return select(compileExpression(of, scope), keysOf({ kind: 'member', of, name }, scope));
}

/** Extensions of a primitive are found where the expression names the element: birthDate.extension. */
function compileExtension(of: Expression, scope: Scope): Evaluate {
  const isElement = of.kind === 'member' && of.name !== 'extension' && !isResourceName(of.name);
  if (!isElement) return extensions(compileExpression(of, scope));
  return extensionsOfElement(compileExpression(of.of, scope), keysOf(of, scope));
}

/**
 * `as T` and ofType(T). JSON tells the type of resources and of choice elements only. R4's expressions use `as` on
 * several items, which FHIRPath calls an error; here it selects among them as ofType does, as R4 means it.
 */
function compileAs(of: Expression, type: string, scope: Scope): Evaluate {
  if (isResourceName(type)) return resourcesOf(compileExpression(of, scope), type);
  const element = elementOf(of);
  return select(compileExpression(element.of, scope), typedKeysOf(element, type, scope));
}

function compileIs(of: Expression, type: string, scope: Scope): Evaluate {
  if (isResourceName(type)) {
    const resolves = of.kind === 'call' && of.name === 'resolve' && of.arguments.length === 0;
    return resolves
      ? resolvesTo(compileExpression(of.of, scope), type)
      : isResourceOf(compileExpression(of, scope), type);
  }
  const element = elementOf(of);
  return isTyped(compileExpression(element.of, scope), keysOf(element, scope), typedKeysOf(element, type, scope));
}

type Member = Extract<Expression, { kind: 'member' }>;

function elementOf(expression: Expression): Member {
  if (expression.kind !== 'member') throw new OutsideSubset('the data type of what is no element');
  return expression;
}

function keysOf(element: Member, scope: Scope): string[] {
  return elementKeys(element.name, staticPath(element, scope));
}

function typedKeysOf(element: Member, type: string, scope: Scope): string[] {
  return typedElementKeys(element.name, staticPath(element, scope), type);
}

function compileCall(of: Expression, name: string, passed: readonly Expression[], scope: Scope): Evaluate {
  const input = (): Evaluate => compileExpression(of, scope);
  const criteria: Scope = { path: staticPath(of, scope) };
  const [argument] = passed;
  switch (`${name}/${passed.length}`) {
    case 'where/1':
      return where(input(), compileExpression(argument as Expression, criteria));
    case 'exists/0':
      return exists(input());
    case 'exists/1':
      return exists(where(input(), compileExpression(argument as Expression, criteria)));
    case 'empty/0':
      return empty(input());
    case 'not/0':
      return not(input());
    case 'first/0':
      return first(input());
    case 'extension/1':
      return withUrl(compileMember(of, 'extension', scope), stringArgument(argument as Expression));
    case 'as/1':
    case 'ofType/1':
      return compileAs(of, typeArgument(argument as Expression), scope);
    case 'is/1':
      return compileIs(of, typeArgument(argument as Expression), scope);
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

/** Equality needs types to compare two paths (dates, quantities); against a literal JSON's own are enough. */
function operandAndLiteral(left: Expression, right: Expression): [Expression, Literal] {
  if (right.kind === 'literal') return [left, right.value];
  if (left.kind === 'literal') return [right, left.value];
  throw new OutsideSubset('equality of two paths');
}
