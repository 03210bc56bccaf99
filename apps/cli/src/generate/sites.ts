import { NPI } from './systems.js';

export type SourceName = 'st-mary' | 'lakeside' | 'town-lab';

/** A sender of records: its names, its identifier systems, and the habits of the software that it uses. */
export interface Site {
  readonly source: SourceName;
  /** A number of its own, for the streams of random numbers. */
  readonly number: number;
  readonly title: string;
  readonly kind: 'hospital' | 'laboratory';
  readonly address: { readonly line: string; readonly city: string; readonly postalCode: string };
  readonly phone: string;
  /** The system of its patient numbers, and what each of them begins with. */
  readonly patientSystem: string;
  readonly patientPrefix: string;
  readonly organizationSystem: string;
  readonly locationSystem: string;
  readonly locations: readonly string[];
  readonly practitioners: number;
  /** Spaces a level in its JSON; 0 is one line. Senders differ, and what they sent must come back as it was. */
  readonly indent: number;
  /** The offset in its timestamps. */
  readonly zone: string;
}

function site(base: Pick<Site, 'source'> & Omit<Site, `${string}System`>): Site {
  const home = `https://${base.source}.example`;
  return {
    ...base,
    patientSystem: `${home}/patient-number`,
    organizationSystem: `${home}/organization`,
    locationSystem: `${home}/location`,
  };
}

export const ST_MARY = site({
  source: 'st-mary',
  number: 1,
  title: "St. Mary's Hospital",
  kind: 'hospital',
  address: { line: '1 Church Street', city: 'Port Alder', postalCode: '01991' },
  phone: '555-201-0100',
  patientPrefix: 'MRN',
  locations: ['Family Medicine', 'Internal Medicine', 'Emergency Department', 'Ward 3'],
  practitioners: 14,
  indent: 0,
  zone: '-05:00',
});

export const LAKESIDE = site({
  source: 'lakeside',
  number: 2,
  title: 'Lakeside Medical Center',
  kind: 'hospital',
  address: { line: '77 Lake Drive', city: 'North Alder', postalCode: '01993' },
  phone: '555-202-0100',
  patientPrefix: 'L-',
  locations: ['Primary Care', 'Specialist Clinic', 'Emergency Room', 'Inpatient Unit'],
  practitioners: 10,
  indent: 2,
  zone: '-05:00',
});

export const TOWN_LAB = site({
  source: 'town-lab',
  number: 3,
  title: 'Town Laboratory',
  kind: 'laboratory',
  address: { line: '12 Mill Road', city: 'Port Alder', postalCode: '01992' },
  phone: '555-203-0100',
  patientPrefix: 'TL',
  locations: ['Collection Room'],
  practitioners: 3,
  indent: 0,
  zone: 'Z',
});

export const SITES: readonly Site[] = [ST_MARY, LAKESIDE, TOWN_LAB];

/** The identifiers that conditional references name: the same text stands in the record and in `organizations.json`. */
export function organizationToken(site: Site): string {
  return `${site.organizationSystem}|main`;
}

export function locationToken(site: Site, location: number): string {
  return `${site.locationSystem}|${location + 1}`;
}

export function practitionerToken(npi: string): string {
  return `${NPI}|${npi}`;
}
