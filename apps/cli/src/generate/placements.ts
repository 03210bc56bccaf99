import { type Random } from './random.js';
import { LAKESIDE, type Site, ST_MARY, TOWN_LAB } from './sites.js';
import { byWeight } from './weighted.js';

/** Who is known where: half to one source, 35 % to two, 15 % to all three. */
const KNOWN_TO = byWeight<readonly Site[]>([
  [[ST_MARY], 23],
  [[LAKESIDE], 20],
  [[TOWN_LAB], 7],
  [[ST_MARY, LAKESIDE], 14],
  [[ST_MARY, TOWN_LAB], 12],
  [[LAKESIDE, TOWN_LAB], 9],
  [[ST_MARY, LAKESIDE, TOWN_LAB], 15],
]);
/** Of the patients of a hospital, those whom it registered a second time. */
const SHARE_OF_DUPLICATES = 0.03;

export interface Placement {
  readonly site: Site;
  /** The second registration of the same person at the same site. */
  readonly duplicate: boolean;
}

export function placementsOf(random: Random): Placement[] {
  return KNOWN_TO.draw(random).flatMap((site) => {
    const twice = site.kind === 'hospital' && random.chance(SHARE_OF_DUPLICATES);
    return twice
      ? [
          { site, duplicate: false },
          { site, duplicate: true },
        ]
      : [{ site, duplicate: false }];
  });
}
