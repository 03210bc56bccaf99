/** `column=field,column=field` as a record. @throws Error that shows what is meant. */
export function columnMap(map: string | undefined): Record<string, string> {
  return Object.fromEntries(
    (map ?? '').split(',').flatMap((part) => {
      if (part === '') return [];
      const at = part.lastIndexOf('=');
      if (at < 1) throw new Error(`--map takes column=field, more of them after commas, and not ${part}`);
      return [[part.slice(0, at), part.slice(at + 1)]];
    }),
  );
}
