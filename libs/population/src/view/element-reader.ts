import { type Fault } from './view-error.js';

/** A FHIRPath text and where it stands. */
export interface PathText {
  place: string;
  text: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Reads the members of a JSON object and notes what is not as it must be, with its place. Never throws. */
export class ElementReader {
  private constructor(
    private readonly json: Json,
    readonly place: string,
    private readonly faults: Fault[],
  ) {}

  static of(json: unknown, place: string, faults: Fault[]): ElementReader {
    if (typeof json === 'object' && json !== null && !Array.isArray(json))
      return new ElementReader(json as Json, place, faults);
    faults.push({ place, problem: 'is no object' });
    return new ElementReader({}, place, faults);
  }

  fault(name: string | undefined, problem: string): void {
    this.faults.push({ place: this.placeOf(name), problem });
  }

  names(): string[] {
    return Object.keys(this.json);
  }

  value(name: string): unknown {
    return Object.hasOwn(this.json, name) ? (this.json[name] ?? undefined) : undefined;
  }

  string(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'string') return value;
    this.fault(name, 'is no string');
    return undefined;
  }

  boolean(name: string): boolean | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'boolean') return value;
    this.fault(name, 'is neither true nor false');
    return undefined;
  }

  requiredString(name: string): string {
    const value = this.string(name);
    if (this.value(name) === undefined || value === '') this.fault(name, 'is missing');
    return value ?? '';
  }

  requiredPath(name: string): PathText {
    return { place: this.placeOf(name), text: this.requiredString(name) };
  }

  /** A list of paths. */
  paths(name: string): PathText[] {
    return this.list(name).flatMap((text, index) => {
      const place = `${this.placeOf(name)}[${index}]`;
      if (typeof text === 'string' && text !== '') return { place, text };
      this.faults.push({ place, problem: 'is no FHIRPath text' });
      return [];
    });
  }

  elements(name: string): ElementReader[] {
    return this.list(name).map((json, index) => ElementReader.of(json, `${this.placeOf(name)}[${index}]`, this.faults));
  }

  private list(name: string): readonly unknown[] {
    const value = this.value(name);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value as unknown[];
    this.fault(name, 'is no array');
    return [];
  }

  private placeOf(name: string | undefined): string {
    return name === undefined ? this.place : `${this.place}.${name}`;
  }
}
