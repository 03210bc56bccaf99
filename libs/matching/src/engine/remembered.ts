/** Longer texts do not come again often enough. */
const LONGEST = 40;
/** Some megabytes; then it begins anew. */
const MOST = 30_000;

/** The function, which reads a text that came before no second time. What it returns MUST NOT be changed by anybody. */
export function remembered<T>(read: (raw: string) => T): (raw: string) => T {
  let known = new Map<string, T>();
  return (raw) => {
    if (raw.length > LONGEST) return read(raw);
    let found = known.get(raw);
    if (found === undefined) {
      if (known.size >= MOST) known = new Map();
      known.set(raw, (found = read(raw)));
    }
    return found;
  };
}
