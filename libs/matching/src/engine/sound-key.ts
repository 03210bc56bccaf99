const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/^(?:kn|gn|pn)/, 'n'],
  [/^wr/, 'r'],
  [/^wh/, 'w'],
  [/^x/, 's'],
  [/sch|tch|ch|sh/g, 'c'],
  [/ph/g, 'f'],
  [/ght/g, 't'],
  [/gh/g, 'g'],
  [/th|dt/g, 't'],
  [/ck|q|c(?=[^eiyc]|$)/g, 'k'],
  [/c(?=[eiy])/g, 's'],
  [/z|x/g, 's'],
  [/d$/, 't'],
];
const LENGTH = 5;

/**
 * How a name sounds: its first letter and the consonants after it, spellings of one sound the same. Made for blocking,
 * where it is better that two names meet in vain than that they never meet. Other scripts: their first letters.
 */
export function soundKey(name: string): string {
  if (name.charCodeAt(0) > 0x7f) return name.slice(0, LENGTH);
  let text = name;
  for (const [spelling, sound] of SPELLINGS) text = text.replace(spelling, sound);
  const first = 'aeiouy'.includes(text[0]) ? 'a' : text[0];
  let key = first;
  for (let at = 1; at < text.length && key.length < LENGTH; at++) {
    const letter = text[at];
    if (!'aeiouyhw'.includes(letter) && letter !== key[key.length - 1]) key += letter;
  }
  return key;
}
