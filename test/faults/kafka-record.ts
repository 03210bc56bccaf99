/** What writers know of what they sent: written down before each send and after each answer, by them and nobody else. */
export class WriterRecord {
  private readonly entries = new Map<string, number | undefined>();
  /** In the order of the sends. */
  private readonly order = new Map<string, number>();
  private lastAcknowledged = -1;

  /** @throws Error for an id that was sent before: an id is for one entry. */
  send(id: string): void {
    if (this.entries.has(id)) throw new Error(`the writers sent ${id} before`);
    this.order.set(id, this.entries.size);
    this.entries.set(id, undefined);
  }

  /** The writer was told that the entry stands at `seq`. */
  acknowledge(id: string, seq: number): void {
    if (!this.entries.has(id)) throw new Error(`${id} was answered and never sent`);
    this.entries.set(id, seq);
    this.lastAcknowledged = Math.max(this.lastAcknowledged, this.order.get(id)!);
  }

  /** Whether one is acknowledged that was sent when as many were already. */
  hasAcknowledgedAfter(sent: number): boolean {
    return this.lastAcknowledged >= sent;
  }

  wasSent(id: string): boolean {
    return this.entries.has(id);
  }

  get sent(): number {
    return this.entries.size;
  }

  /** Every acknowledged id with the seq that its writer was told. */
  acknowledged(): [id: string, seq: number][] {
    return [...this.entries].filter((entry): entry is [string, number] => entry[1] !== undefined);
  }
}
