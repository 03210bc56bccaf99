interface Waiter {
  reached: () => boolean;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** Those who wait for the views to come somewhere. */
export class Waiters {
  private waiting: Waiter[] = [];

  get areNone(): boolean {
    return this.waiting.length === 0;
  }

  /** Resolves when `reached` says so at a `settle`. @throws what `rejectAll` is given. */
  until(reached: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => this.waiting.push({ reached, resolve, reject }));
  }

  settle(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const waiter of waiting) {
      if (waiter.reached()) waiter.resolve();
      else this.waiting.push(waiter);
    }
  }

  rejectAll(error: Error): void {
    for (const waiter of this.waiting.splice(0)) waiter.reject(error);
  }
}
