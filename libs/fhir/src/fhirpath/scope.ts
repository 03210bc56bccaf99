import { isResourceType } from '../reference/resource-types.js';
import { CHOICE_PARENTS } from './data-types.table.js';
import { type Expression } from './expression.js';

/** What is known of `this` at a place of an expression before any resource is seen. */
export interface Scope {
  /** The type of the resource that `this` is, where the caller says it. */
  type?: string;
  /** The path of the definitions that `this` is at: Patient, Observation.component, Extension. */
  path?: string;
}

/** The calls after which the items are at the same place of the definitions as before. */
const SELECTING: ReadonlySet<string> = new Set(['where', 'first']);

/**
 * The path of the definitions that an expression leads to, as far as its text tells: from a resource type, or from an
 * element whose name is of one data type in all of R4. Undefined where it does not tell. The path need not exist.
 */
export function staticPath(expression: Expression, scope: Scope): string | undefined {
  switch (expression.kind) {
    case 'this':
      return scope.path;
    case 'index':
      return staticPath(expression.of, scope);
    case 'call':
      if (expression.name === 'extension') return 'Extension';
      return SELECTING.has(expression.name) ? staticPath(expression.of, scope) : undefined;
    case 'member': {
      const { name, of } = expression;
      if (of.kind === 'this' && isResourceType(name)) return name;
      if (Object.hasOwn(CHOICE_PARENTS, name)) return CHOICE_PARENTS[name];
      const parent = staticPath(of, scope);
      return parent === undefined ? undefined : `${parent}.${name}`;
    }
    default:
      return undefined;
  }
}
