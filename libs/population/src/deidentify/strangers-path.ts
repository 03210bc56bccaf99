/**
 * The FHIRPath that a view which nobody here registered may use: elements, chosen among by their codes. What it does not
 * know it does not allow: in a condition or a computation anything can be asked of a value that may not be shown, one bit
 * a column, and what is hashed or moved of a value that was chosen would give the project's secret away.
 */

/** Elements that are codes: what they are compared with is shown as well. */
const CODES = new Set(
  'system code use type status coding category class intent gender active language country state unit url subType vaccineCode medication medicationCodeableConcept verificationStatus clinicalStatus actuality'.split(
    ' ',
  ),
);

const TOKEN = /\s*('(?:\\.|[^'\\])*'|\d+(?:\.\d+)?|[A-Za-z_]\w*|\$this|!=|<=|>=|[.()[\]|=,])/y;

/** Whether a path of a column or of an iteration gives elements as they are. */
export function isStrangersPath(expression: string): boolean {
  const reader = Reader.of(expression);
  return reader !== undefined && reader.union() && reader.isAtEnd;
}

/** Whether a condition compares codes only. */
export function isStrangersCondition(expression: string): boolean {
  const reader = Reader.of(expression);
  return reader !== undefined && reader.condition() && reader.isAtEnd;
}

/** Each function reads what it is named after, and says whether it was there. */
class Reader {
  private at = 0;

  private constructor(private readonly tokens: readonly string[]) {}

  /** Undefined where the text has something that no allowed expression has. */
  static of(expression: string): Reader | undefined {
    const tokens: string[] = [];
    TOKEN.lastIndex = 0;
    const end = expression.trimEnd().length;
    while (TOKEN.lastIndex < end) {
      const match = TOKEN.exec(expression);
      if (!match) return undefined;
      tokens.push(match[1]);
    }
    return new Reader(tokens);
  }

  get isAtEnd(): boolean {
    return this.at === this.tokens.length;
  }

  /** `a | b`, also as `(a | b).first()`. */
  union(): boolean {
    const isGroup = this.take('(');
    do if (!this.path()) return false;
    while (this.take('|'));
    return !isGroup || (this.take(')') && (!this.take('.') || this.choice()));
  }

  condition(): boolean {
    do if (!this.comparison()) return false;
    while (this.take('and') || this.take('or'));
    return true;
  }

  private path(): boolean {
    if (!this.take('$this') && !this.step()) return false;
    while (this.take('.')) if (!this.step()) return false;
    return true;
  }

  private step(): boolean {
    if (this.choice()) return true;
    if (this.call('getResourceKey')) return this.take(')');
    if (this.call('getReferenceKey')) return this.take(')') || (this.name() && this.take(')'));
    return this.name() && this.index();
  }

  /** What chooses among the items of a path. */
  private choice(): boolean {
    for (const name of ['first', 'last', 'single', 'distinct']) if (this.call(name)) return this.take(')');
    if (this.call('ofType')) return this.name() && this.take(')');
    if (this.call('extension')) return this.literal() && this.take(')');
    if (this.call('where')) return this.condition() && this.take(')');
    return false;
  }

  private comparison(): boolean {
    if (!this.codes()) return false;
    if (this.take('=') || this.take('!=')) return this.literal();
    return true;
  }

  private codes(): boolean {
    if (!this.code()) return false;
    while (this.take('.')) {
      if (this.call('exists') || this.call('empty')) return this.take(')');
      if (!this.code()) return false;
    }
    return true;
  }

  private code(): boolean {
    return this.choice() || (CODES.has(this.tokens[this.at]) && this.name() && this.index());
  }

  private index(): boolean {
    return !this.take('[') || (/^\d+$/.test(this.next() ?? '') && this.take(']'));
  }

  private literal(): boolean {
    return /^('|\d|true$|false$)/.test(this.next() ?? '');
  }

  private name(): boolean {
    return /^[A-Za-z_]/.test(this.next() ?? '') && this.tokens[this.at] !== '(';
  }

  private call(name: string): boolean {
    if (this.tokens[this.at] !== name || this.tokens[this.at + 1] !== '(') return false;
    this.at += 2;
    return true;
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at += 1;
    return true;
  }

  private next(): string | undefined {
    return this.tokens[this.at++];
  }
}
