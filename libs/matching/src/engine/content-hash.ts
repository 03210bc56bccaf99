/** 32 bits of a text, the same on every machine: keys and models hold them instead of the text. */
export function hashText(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return finish(hash);
}

/** One more part of a composed key. */
export function mix(hash: number, part: number): number {
  return finish(Math.imul(hash, 0x2c1b3c6d) ^ Math.imul(part, 0x297a2d39));
}

function finish(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
