import { describe, expect, it } from '@jest/globals';
import { readAhead } from './read-ahead.js';

describe('readAhead', () => {
  it('asks for the next item before the consumer is done with one', async () => {
    const asked: number[] = [];
    const seen: [number, number][] = [];
    for await (const item of readAhead(count(asked, 4))) seen.push([item, asked.length]);
    expect(seen.map(([item]) => item)).toEqual([0, 1, 2, 3]);
    expect(seen[0][1]).toBe(2);
  });

  it('passes on what the source throws, after the items before it', async () => {
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for await (const item of readAhead(count([], 2, new Error('unreachable')))) seen.push(item);
    };
    await expect(read()).rejects.toThrow('unreachable');
    expect(seen).toEqual([0, 1]);
  });

  it('closes the source when the consumer leaves', async () => {
    let closed = false;
    const endless = async function* (): AsyncGenerator<number> {
      try {
        for (let item = 0; ; item += 1) yield item;
      } finally {
        closed = true;
      }
    };
    for await (const item of readAhead(endless())) if (item === 3) break;
    expect(closed).toBe(true);
  });
});

async function* count(asked: number[], to: number, error?: Error): AsyncGenerator<number> {
  for (let item = 0; item < to; item += 1) {
    asked.push(item);
    yield item;
  }
  if (error) throw error;
}
