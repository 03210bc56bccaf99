/** The same items in the same order, the next one already asked for while the consumer works on one. */
export async function* readAhead<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  let coming = iterator.next();
  try {
    for (;;) {
      const { value, done } = await coming;
      if (done) return;
      coming = iterator.next();
      // Should the consumer leave, nobody awaits this one: it must not end the process.
      coming.catch(() => undefined);
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}
