import { type ElementRule } from './definitions.js';
import { PRIMITIVE_TYPES } from './primitive-type.js';
import { KIND, type Member } from './type-table.js';

/** A member without its place in the set of members. */
export type MemberName = Pick<Member, 'name' | 'element' | 'kind' | 'repeats' | 'typeName'>;

const CHOICE = '[x]';
/** Marks a type that is an XML attribute (see Definitions). */
const ATTRIBUTE = '@';

/** R4 json.html#resources: a resource names its type. */
export const RESOURCE_TYPE_NAME: MemberName = {
  name: 'resourceType',
  element: 'resourceType',
  kind: KIND.RESOURCE_TYPE,
  repeats: false,
  typeName: 'code',
};

/** The names by which an element may stand in JSON: one, or one a type of the choice, and the siblings of primitives. */
export function memberNames(rule: ElementRule): MemberName[] {
  return rule.types.flatMap((type) => namesOfType(rule, type));
}

function namesOfType({ name: element, repeats }: ElementRule, type: string): MemberName[] {
  const typeName = type.replace(ATTRIBUTE, '');
  const name = element.endsWith(CHOICE) ? element.slice(0, -CHOICE.length) + upperFirst(typeName) : element;
  if (typeName === 'Resource') return [{ name, element, kind: KIND.RESOURCE, repeats, typeName }];
  if (!PRIMITIVE_TYPES.has(typeName)) return [{ name, element, kind: KIND.COMPLEX, repeats, typeName }];
  const value: MemberName = { name, element, kind: KIND.PRIMITIVE, repeats, typeName };
  if (type.startsWith(ATTRIBUTE)) return [value];
  return [value, { name: `_${name}`, element, kind: KIND.SIBLING, repeats, typeName: 'Element' }];
}

function upperFirst(name: string): string {
  return name[0]!.toUpperCase() + name.slice(1);
}
