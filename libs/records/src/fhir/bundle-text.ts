/** One entry of a Bundle that is answered, with the resource as the bytes that were spliced, never printed again. */
export interface EntryText {
  fullUrl?: string;
  resource?: Buffer;
  /** The members after the resource: search, request, response. */
  rest: Record<string, unknown>;
}

/** The text of a Bundle: `head` (type, total, link, …) and its entries. */
export function bundleText(head: Record<string, unknown>, entries: readonly EntryText[]): Buffer {
  const opening = JSON.stringify({ resourceType: 'Bundle', ...head }).slice(0, -1);
  if (entries.length === 0) return Buffer.from(`${opening}}`);
  const parts: Buffer[] = [];
  let text = `${opening},"entry":[`;
  entries.forEach(({ fullUrl, resource, rest }, index) => {
    text += index === 0 ? '{' : ',{';
    if (fullUrl !== undefined) text += `"fullUrl":${JSON.stringify(fullUrl)},`;
    if (resource) {
      parts.push(Buffer.from(`${text}"resource":`), resource);
      text = ',';
    }
    text += `${JSON.stringify(rest).slice(1, -1)}}`;
  });
  parts.push(Buffer.from(`${text}]}`));
  return Buffer.concat(parts);
}
