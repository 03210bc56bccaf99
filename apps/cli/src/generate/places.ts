import { type Address } from './person.js';
import { STREET_KINDS, STREET_NAMES, TOWN_DISTRICTS } from './places.data.js';
import { type Random } from './random.js';
import { Weighted } from './weighted.js';

const DISTRICTS = new Weighted(TOWN_DISTRICTS, (district) => district.weight);
const SHARE_IN_FLATS = 0.25;

/** An address in the town. Streets belong to a district, so that street and postal code agree as they do in life. */
export function anyAddress(random: Random): Address {
  const { city, postalCode } = DISTRICTS.draw(random);
  const street = random.pick(STREET_NAMES);
  const kind = STREET_KINDS[(street.length + Number(postalCode)) % STREET_KINDS.length]!;
  const flat = random.chance(SHARE_IN_FLATS) ? ` Apt ${random.between(1, 24)}` : '';
  return { line: `${random.between(1, 399)} ${street} ${kind}${flat}`, city, postalCode };
}

/** A telephone number in the area 555, which is given to nobody. */
export function anyPhone(random: Random): string {
  return `555-${random.between(210, 999)}-${String(random.below(10_000)).padStart(4, '0')}`;
}
