import { ageOn, DAYS_A_YEAR, TOWN_TODAY } from './dates.js';
import { CARE_HOME } from './places.data.js';
import { anyAddress, anyPhone } from './places.js';
import { anyGiven, anySurname, completePerson, type Member } from './members.js';
import { type Person, type Sex } from './person.js';
import { Random } from './random.js';
import { byWeight } from './weighted.js';

type HouseholdKind = 'alone' | 'couple' | 'family' | 'one-parent' | 'shared';

/** Roughly as households are counted, with more families, for the twins and namesakes that matching must tell apart. */
const KINDS = byWeight<HouseholdKind>([
  ['alone', 30],
  ['couple', 24],
  ['family', 31],
  ['one-parent', 10],
  ['shared', 5],
]);
const CHILDREN = byWeight([
  [1, 38],
  [2, 40],
  [3, 16],
  [4, 6],
]);
const SHARE_TAKING_SPOUSES_NAME = 0.72;
/** Above the true 0.016 a birth, so that a small town has twins too. */
const SHARE_OF_TWIN_BIRTHS = 0.05;
const SHARE_NAMED_AFTER_FATHER = 0.05;
const CARE_HOME_AGE = 78;
const SHARE_IN_CARE_HOME = 0.3;

/** The stream of numbers for households; see Random. */
const HOUSEHOLD_STREAM = 1;

/** Household `number` of a town: 1 to 7 people, the first of whom gets `firstIndex`. Depends on its arguments alone. */
export function household(seed: number, number: number, firstIndex: number): Person[] {
  const random = new Random(seed, HOUSEHOLD_STREAM, number);
  const members = membersOf(random, KINDS.draw(random));
  const frail = members.length === 1 && ageOn(TOWN_TODAY, members[0]!.birthDay) >= CARE_HOME_AGE;
  const inCareHome = frail && random.chance(SHARE_IN_CARE_HOME);
  const home = {
    address: inCareHome ? CARE_HOME.address : anyAddress(random),
    formerAddress: anyAddress(random),
    landline: inCareHome ? CARE_HOME.phone : anyPhone(random),
  };
  return members.map((member, offset) => completePerson(random, member, home, firstIndex + offset));
}

function membersOf(random: Random, kind: HouseholdKind): Member[] {
  switch (kind) {
    case 'alone':
      return [adult(random, anySex(random), random.bell(19, 98))];
    case 'shared':
      return Array.from({ length: random.between(2, 4) }, () => adult(random, anySex(random), random.bell(19, 34)));
    case 'couple':
      return couple(random, random.bell(22, 92));
    case 'family': {
      const [wife, husband] = couple(random, random.bell(24, 54));
      return withNamesake(random, [wife, husband], children(random, wife, husband.family));
    }
    case 'one-parent': {
      const parent = adult(random, random.chance(0.8) ? 'female' : 'male', random.bell(22, 52));
      return [parent, ...children(random, parent, parent.family)];
    }
  }
}

function adult(random: Random, sex: Sex, age: number): Member {
  const birthDay = Math.floor(TOWN_TODAY - age * DAYS_A_YEAR) - random.below(365);
  return { sex, given: anyGiven(random, sex), family: anySurname(random), married: false, birthDay };
}

function couple(random: Random, age: number): [wife: Member, husband: Member] {
  const wife = { ...adult(random, 'female', age), married: true };
  const husband = { ...adult(random, 'male', age + random.between(-2, 5)), married: true };
  const renamed = random.chance(SHARE_TAKING_SPOUSES_NAME) && wife.family !== husband.family;
  return [renamed ? { ...wife, family: husband.family, maiden: wife.family } : wife, husband];
}

/** The children at home: born when the parent was 19 to 40, at most 21 years ago. */
function children(random: Random, parent: Member, family: string): Member[] {
  const born: Member[] = [];
  const wanted = CHILDREN.draw(random);
  const earliest = Math.max(parent.birthDay + 19 * DAYS_A_YEAR, TOWN_TODAY - 21 * DAYS_A_YEAR);
  const latest = Math.min(parent.birthDay + 40 * DAYS_A_YEAR, TOWN_TODAY - 20);
  let birthDay = Math.floor(earliest) + random.below(4 * 365);
  while (born.length < wanted && birthDay <= latest) {
    const twins = random.chance(SHARE_OF_TWIN_BIRTHS);
    for (let order = 1; order <= (twins ? 2 : 1); order++) {
      const sex = anySex(random);
      const given = otherGiven(random, sex, born);
      const mother = parent.sex === 'female' ? { given: parent.given, family: parent.family } : undefined;
      born.push({ sex, given, family, married: false, birthDay, mother, birthOrder: twins ? order : undefined });
    }
    birthDay += random.between(400, 1_500);
  }
  return born;
}

/** Now and then the first boy bears his father's name: then only the suffix and the birth date tell them apart. */
function withNamesake(random: Random, [wife, husband]: [Member, Member], born: Member[]): Member[] {
  const son = born.find((child) => child.sex === 'male');
  if (son === undefined || !random.chance(SHARE_NAMED_AFTER_FATHER)) return [wife, husband, ...born];
  const junior: Member = { ...son, given: husband.given, suffix: 'Jr.' };
  return [wife, { ...husband, suffix: 'Sr.' }, ...born.map((child) => (child === son ? junior : child))];
}

function otherGiven(random: Random, sex: Sex, siblings: readonly Member[]): string {
  let given = anyGiven(random, sex);
  while (siblings.some((sibling) => sibling.given === given)) given = anyGiven(random, sex);
  return given;
}

function anySex(random: Random): Sex {
  return random.chance(0.51) ? 'female' : 'male';
}
