/** Tokens of identifiers that are asked for again and again (a hospital's practitioners): some 10 MB. */
const CAPACITY = 50_000;

/** Which single record an identifier stands for. Whatever touches the record or the identifier makes it forget. */
export class IdentifierCache {
  private ids = new Map<string, { id: string; record: string }>();
  private tokens = new Map<string, string[]>();

  get(token: string): string | undefined {
    return this.ids.get(token)?.id;
  }

  set(token: string, id: string, record: string): void {
    if (this.ids.has(token)) return;
    if (this.ids.size >= CAPACITY) {
      this.ids = new Map();
      this.tokens = new Map();
    }
    this.ids.set(token, { id, record });
    this.tokens.set(record, [...(this.tokens.get(record) ?? []), token]);
  }

  forgetToken(token: string): void {
    this.ids.delete(token);
  }

  forgetRecord(record: string): void {
    for (const token of this.tokens.get(record) ?? []) this.ids.delete(token);
    this.tokens.delete(record);
  }
}
