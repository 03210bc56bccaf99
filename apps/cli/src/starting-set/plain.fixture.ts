import { type Resource, type State } from './world.fixture.js';

/** A record with whom it is about and who sent it. */
export interface Item {
  source: string;
  person: string;
  resource: Resource;
}

export interface Someone {
  key: string;
  patients: string[];
  born: string | undefined;
  isActive: boolean;
  /** A day; `ever` where nobody knows since when. */
  died: string | undefined;
}

const DAY_MS = 86_400_000;

/** The queries of the starting set once more, over plain resources and one after the other: slow, and not SQL. */
export class Plain {
  readonly people: Someone[];
  private readonly personOf = new Map<string, string>();

  constructor(readonly state: State) {
    for (const [person, patients] of state.persons) {
      for (const patient of patients) this.personOf.set(patient, `Person/${person}`);
    }
    const people = new Map<string, Someone>();
    for (const [key, resource] of [...state.records].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (resource.resourceType !== 'Patient') continue;
      const person = this.personOf.get(key) ?? key;
      const known = people.get(person) ?? {
        key: person,
        patients: [],
        born: undefined,
        isActive: false,
        died: undefined,
      };
      known.patients.push(key);
      known.born ??= firstDay(resource['birthDate']);
      known.isActive ||= resource['active'] !== false;
      const died =
        firstDay(resource['deceasedDateTime']) ?? (resource['deceasedBoolean'] === true ? 'ever' : undefined);
      if (died !== undefined && (known.died === undefined || died < known.died)) known.died = died;
      people.set(person, known);
    }
    this.people = [...people.values()];
  }

  items(type: string): Item[] {
    return [...this.state.records].flatMap(([key, resource]) => {
      if (resource.resourceType !== type) return [];
      const [source] = key.split('/');
      const subject = (resource['subject'] ?? resource['patient']) as { reference: string };
      const patient = `${source}/${subject.reference}`;
      return [{ source, person: this.personOf.get(patient) ?? patient, resource }];
    });
  }

  living(on: string): Someone[] {
    return this.people.filter(
      ({ born, isActive, died }) =>
        isActive && (born === undefined || born <= on) && (died === undefined || (died !== 'ever' && died > on)),
    );
  }
}

export function firstDay(date: unknown): string | undefined {
  if (typeof date !== 'string') return undefined;
  return date.length === 4 ? `${date}-01-01` : date.length === 7 ? `${date}-01` : date.slice(0, 10);
}

export function age(born: string | undefined, on: string): number | undefined {
  if (born === undefined) return undefined;
  const years = Number(on.slice(0, 4)) - Number(born.slice(0, 4));
  return on.slice(5) < born.slice(5) ? years - 1 : years;
}

export function days(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}

/** The same day of the month so many months before, or the last of that month. */
export function monthsBefore(day: string, months: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const last = new Date(Date.UTC(year, month - months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 - months, Math.min(date, last))).toISOString().slice(0, 10);
}

export function codings(concept: unknown): { system?: string; code?: string }[] {
  return (concept as { coding?: { system?: string; code?: string }[] } | undefined)?.coding ?? [];
}

export function hasCode(concept: unknown, codes: ReadonlySet<string>): boolean {
  return codings(concept).some(({ system, code }) => codes.has(`${system}|${code}`));
}
