interface Waiting<Answer> {
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
}

/** Questions that were sent to another thread, each under a number, until the thread answers or ends. */
export class PendingAnswers<Answer> {
  private readonly waiting = new Map<number, Waiting<Answer>>();
  private nextId = 0;

  /** How many wait. */
  get size(): number {
    return this.waiting.size;
  }

  /** Calls `send` with the question's number at once. */
  ask(send: (id: number) => void): Promise<Answer> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      send(id);
    });
  }

  /** Nothing happens where nobody waits for it any more. */
  resolve(id: number, answer: Answer): void {
    this.take(id)?.resolve(answer);
  }

  reject(id: number, error: Error): void {
    this.take(id)?.reject(error);
  }

  /** The thread is gone: nobody will be answered. */
  rejectAll(error: Error): void {
    const all = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of all) reject(error);
  }

  private take(id: number): Waiting<Answer> | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }
}
