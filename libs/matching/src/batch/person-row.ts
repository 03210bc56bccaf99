import { type PersonAddress, type PersonFields, type PersonName } from '../engine/person-fields.js';
import { type Column, type ColumnField } from './columns.js';

/** A row of a table as what it says of a person. */
export class PersonRows {
  private readonly byField = new Map<ColumnField, number[]>();

  constructor(private readonly columns: readonly Column[]) {
    columns.forEach(({ field }, at) => this.byField.set(field, [...(this.byField.get(field) ?? []), at]));
  }

  at(field: ColumnField): readonly number[] {
    return this.byField.get(field) ?? [];
  }

  has(field: ColumnField): boolean {
    return this.byField.has(field);
  }

  first(cells: readonly string[], field: ColumnField): string {
    for (const at of this.at(field)) {
      const cell = cells[at]?.trim();
      if (cell) return cell;
    }
    return '';
  }

  all(cells: readonly string[], field: ColumnField): string[] {
    return this.at(field).flatMap((at) => {
      const cell = cells[at]?.trim();
      return cell ? [cell] : [];
    });
  }

  fields(cells: readonly string[]): PersonFields {
    const number = this.first(cells, 'birthOrder');
    return {
      names: this.names(cells),
      birthDate: this.birthDate(cells),
      sex: this.first(cells, 'sex'),
      phones: this.all(cells, 'phone'),
      emails: this.all(cells, 'email'),
      addresses: [this.address(cells)],
      identifiers: this.at('identifier').flatMap((at) =>
        cells[at]?.trim() ? [{ system: this.columns[at].system, value: cells[at] }] : [],
      ),
      motherName: { family: this.first(cells, 'motherFamily'), given: this.first(cells, 'motherGiven') },
      ...(number && { multipleBirth: Number(number) }),
    };
  }

  birthDate(cells: readonly string[]): string {
    const date = this.first(cells, 'birthDate');
    if (date || !this.has('birthYear')) return date;
    const [year, month, day] = (['birthYear', 'birthMonth', 'birthDay'] as const).map((field) =>
      this.first(cells, field),
    );
    return [year, month, day].filter(Boolean).join('-');
  }

  private names(cells: readonly string[]): PersonName[] {
    const own = this.ownName(cells);
    const names = [own];
    for (const given of this.all(cells, 'otherGiven')) names.push({ ...own, given: [given] });
    for (const family of this.all(cells, 'otherFamily')) names.push({ ...own, family });
    return names;
  }

  private ownName(cells: readonly string[]): PersonName {
    const given = this.first(cells, 'given');
    const family = this.first(cells, 'family');
    const middle = this.first(cells, 'middle');
    const suffix = this.first(cells, 'suffix');
    if (given === '' && family === '' && this.has('name')) return { ...splitName(this.first(cells, 'name')), suffix };
    return { given: middle ? [given, middle] : [given], family, suffix };
  }

  private address(cells: readonly string[]): PersonAddress {
    const street = this.first(cells, 'street');
    const where = { city: this.first(cells, 'city'), postcode: this.first(cells, 'postcode') };
    return this.has('number') ? { number: this.first(cells, 'number'), street, ...where } : { line: street, ...where };
  }
}

/** "Smith, Ann" or "Ann Marie Smith". */
function splitName(name: string): PersonName {
  const comma = name.indexOf(',');
  if (comma > 0)
    return {
      given: name
        .slice(comma + 1)
        .trim()
        .split(/\s+/),
      family: name.slice(0, comma),
    };
  const words = name.split(/\s+/);
  return words.length === 1
    ? { given: [], family: name }
    : { given: words.slice(0, -1), family: words[words.length - 1] };
}
