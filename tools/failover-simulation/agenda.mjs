/** What will happen, in order of time; what is set for the same time happens in the order in which it was set. */
export class Agenda {
  #heap = [];
  #count = 0;
  now = 0;

  /** @param at milliseconds; not before `now`. */
  at(at, happen) {
    const event = { at, order: this.#count++, happen };
    const heap = this.#heap;
    let child = heap.push(event) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!isBefore(event, heap[parent])) break;
      heap[child] = heap[parent];
      child = parent;
    }
    heap[child] = event;
  }

  /** Lets everything happen that is set, and what it sets in turn. */
  run() {
    for (let event = this.#take(); event; event = this.#take()) {
      this.now = event.at;
      event.happen();
    }
  }

  #take() {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || heap.length === 0) return first;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child += 1;
      if (child >= heap.length || !isBefore(heap[child], last)) break;
      heap[parent] = heap[child];
      parent = child;
    }
    heap[parent] = last;
    return first;
  }
}

function isBefore(one, other) {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
