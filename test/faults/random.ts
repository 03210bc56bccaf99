/** Of every test that chooses at random; it is in the name of the test, and the environment sets it again. */
export const SEED = Number(process.env['CHARTLEDGER_TEST_SEED'] ?? Date.now() % 1_000_000);

/** mulberry32: small, seeded, good enough to choose moments. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
