/** A request that a proxy keeps back until its release. */
export class HeldRequest {
  private state: 'awaited' | 'held' | 'released' | 'lost' = 'awaited';
  private letGo = (): void => undefined;
  private settle: { resolve: () => void; reject: (error: Error) => void } | undefined;

  /** Called with the request at hand; returns when it may go on. */
  hold(): Promise<void> {
    this.state = 'held';
    return new Promise((resolve) => (this.letGo = resolve));
  }

  /**
   * Lets the request go to the broker. Resolves when the broker has answered it: what it asked for is done then.
   * @throws Error when no request has been held yet, when it was released before, or when the broker ends before its answer.
   */
  async release(): Promise<void> {
    if (this.state !== 'held') throw new Error(`the request to release is ${this.state}`);
    this.state = 'released';
    const settled = new Promise<void>((resolve, reject) => (this.settle = { resolve, reject }));
    this.letGo();
    return settled;
  }

  answered(): void {
    this.settle?.resolve();
  }

  /** It cannot be answered any more; who holds it goes on. */
  lost(): void {
    this.state = 'lost';
    this.letGo();
    this.settle?.reject(new Error('the broker ended before it answered the held request'));
  }
}
