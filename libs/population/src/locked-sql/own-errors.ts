type Node = Record<string, unknown>;

/**
 * `error('text')` ends a query with words of its author, such as "there is no such value set". Only a plain text may be said:
 * a value of a table must not come out in an error, whose words go further than rows do.
 */
export function isOwnError(node: Node): boolean {
  return ownText(node) !== undefined;
}

/** Every text that a query, as a syntax tree that was checked, may end with. */
export function ownErrors(serialized: unknown): ReadonlySet<string> {
  const texts = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const text = ownText(value as Node);
    if (text !== undefined) texts.add(text);
    Object.values(value).forEach(visit);
  };
  visit(serialized);
  return texts;
}

function ownText({ class: kind, function_name: name, children }: Node): string | undefined {
  if (kind !== 'FUNCTION' || typeof name !== 'string' || name.toLowerCase() !== 'error') return undefined;
  if (!Array.isArray(children) || children.length !== 1) return undefined;
  const [{ class: argument, value }] = children as [{ class: unknown; value?: { value?: unknown } }];
  return argument === 'CONSTANT' && typeof value?.value === 'string' ? value.value : undefined;
}
