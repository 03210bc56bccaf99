import { type ChronicKey } from './conditions.data.js';

export type Sex = 'female' | 'male';

export interface Address {
  readonly line: string;
  readonly city: string;
  readonly postalCode: string;
}

/** Someone who lives in the town, as they are: the truth that registrations only approach. */
export interface Person {
  /** `p000001`, counted through the town: stable for a seed, whatever the number of people. */
  readonly id: string;
  readonly index: number;
  readonly sex: Sex;
  readonly given: string;
  readonly middle: string;
  readonly family: string;
  /** The surname at birth, where a marriage changed it. */
  readonly maiden?: string;
  readonly suffix?: 'Jr.' | 'Sr.';
  readonly married: boolean;
  readonly birthDay: number;
  readonly deathDay?: number;
  /** 1, 2 for a twin, in order of birth. */
  readonly birthOrder?: number;
  readonly mother?: { readonly given: string; readonly family: string };
  readonly ssn: string;
  readonly phone: string;
  readonly formerPhone: string;
  readonly email?: string;
  readonly address: Address;
  readonly formerAddress: Address;
  readonly heightCentimetres: number;
  readonly bodyMassIndex: number;
  readonly chronic: readonly ChronicKey[];
}
