import { type PersonFields } from '@chartledger/matching';

export const LABELS = ['Match', 'Possible Match', 'Not a Match'] as const;
export type Label = (typeof LABELS)[number];

/** Two records that somebody has labelled. `text` is what they say: the same for the same two. */
export interface LabelledPair {
  label: Label;
  one: PersonFields;
  other: PersonFields;
  text: string;
}

/**
 * Reads pairs as the immunization registries wrote them: a line `EXPECT:` with the label, and two lines `PATIENT A:` and
 * `PATIENT B:` with `field=value,`. Pairs with any other label are left out.
 */
export function readLabelledPairs(text: string): LabelledPair[] {
  const pairs: LabelledPair[] = [];
  let label: Label | undefined;
  let one: Readonly<Record<string, string>> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, key, rest] = /^(EXPECT|PATIENT A|PATIENT B): (.*)$/.exec(line) ?? [];
    if (key === 'EXPECT') label = LABELS.find((known) => known === rest.trim());
    else if (key === 'PATIENT A') one = fieldsOf(rest);
    else if (key === 'PATIENT B' && label) {
      const other = fieldsOf(rest);
      pairs.push({
        label,
        one: personOf(one),
        other: personOf(other),
        text: JSON.stringify([sorted(one), sorted(other)]),
      });
    }
  }
  return pairs;
}

/** Fields that say something; a value may have commas in it. */
function fieldsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(/,(?=[A-Za-z0-9]+=)/).flatMap((cell) => {
      const at = cell.indexOf('=');
      const value = cell
        .slice(at + 1)
        .replace(/,$/, '')
        .trim();
      return value === '' ? [] : [[cell.slice(0, at), value]];
    }),
  );
}

function sorted(fields: Readonly<Record<string, string>>): string[][] {
  return Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Record numbers (`mrns`) are of one department, and left out. */
function personOf(fields: Readonly<Record<string, string>>): PersonFields {
  const { nameFirst = '', nameMiddle, nameLast, nameSuffix, nameAlias, birthOrder } = fields;
  return {
    names: [
      { given: nameMiddle ? [nameFirst, nameMiddle] : [nameFirst], family: nameLast, suffix: nameSuffix },
      ...(nameAlias ? [{ given: [nameAlias], family: nameLast }] : []),
    ],
    birthDate: fields['birthDate'],
    sex: fields['gender'],
    phones: fields['phone'] ? [fields['phone']] : [],
    emails: [],
    addresses: [
      {
        line: fields['addressStreet1'],
        city: fields['addressCity'],
        state: fields['addressState'],
        postcode: fields['addressZip'],
      },
    ],
    identifiers: (['ssn', 'medicaid'] as const).flatMap((system) =>
      fields[system] ? [{ system, value: fields[system] }] : [],
    ),
    motherName: { family: fields['motherMaidenName'], given: fields['guardianNameFirst'] },
    ...(birthOrder && { multipleBirth: Number(birthOrder) }),
  };
}
