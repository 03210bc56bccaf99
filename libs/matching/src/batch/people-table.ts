import { parseBirthDate, tellsDayFirst } from '../engine/birth-date.js';
import { parseEmail, parseIdentifier, parsePhone, parsePostcode } from '../engine/contact-codes.js';
import { houseNumber, placeName, streetName } from '../engine/home-address.js';
import { parseFamily, parseGiven } from '../engine/person-name.js';
import { parseSex, prepareFields } from '../engine/prepare.js';
import { hashCode, hashHalves, hashMailbox } from '../engine/code-hash.js';
import { type RecordTable, ROW, ROW_INTS } from '../engine/record-table.js';
import { type Column, type ColumnField, recognizeColumns } from './columns.js';
import { PersonRows } from './person-row.js';
import { readCsv } from './read-csv.js';

/** People of one or two tables, in a table of records; who is who where the tables say it. */
export interface People {
  ids: string[];
  /** The person each record is of by the table's own word; empty where it does not say. */
  truth: string[];
  /** 0 or 1: the table a record came from. */
  source: number[];
  columns: readonly Column[][];
}

export function emptyPeople(): People {
  return { ids: [], truth: [], source: [], columns: [] };
}

const FEBRL_ID = /^rec-(\d+)-(?:org|dup-\d+)$/;
/** Kinds of which a row takes its first; with two columns of one kind a record goes the way of single records. */
const PLAIN: readonly ColumnField[] = [
  'given',
  'family',
  'birthDate',
  'sex',
  'number',
  'street',
  'city',
  'postcode',
  'phone',
  'email',
  'identifier',
];
const BESIDE: readonly ColumnField[] = ['id', 'cluster', 'state', 'ignored', 'birthPlace'];
const SAMPLE_ROWS = 2000;

/**
 * Adds the people of a CSV text to `people` and `table`.
 * @param map fields of columns whose names are not known
 * @throws Error when no column says anything of a person
 */
export function addPeople(
  text: string,
  people: People,
  table: RecordTable,
  map: Readonly<Record<string, string>> = {},
): void {
  const source = people.columns.length;
  let columns: Column[] = [];
  let rows!: PersonRows;
  let add!: (cells: readonly string[]) => void;
  readCsv(
    text,
    (names) => {
      const relevant = Object.fromEntries(Object.entries(map).filter(([name]) => names.includes(name) || source === 0));
      columns = recognizeColumns(names, relevant);
      rows = new PersonRows(columns);
      if (!PLAIN.concat('name', 'birthYear').some((field) => rows.has(field)))
        throw new Error(`no column was recognized: say what they are with --map column=field (${names.join(', ')})`);
      const dayFirst = readsDayFirst(text, rows);
      add = isPlain(columns)
        ? plainRows(rows, columns, table, dayFirst)
        : (cells) => table.add(prepareFields(rows.fields(cells), dayFirst));
    },
    (cells) => {
      add(cells);
      const id = rows.first(cells, 'id') || `${source}-${people.ids.length}`;
      people.ids.push(id);
      people.truth.push(rows.first(cells, 'cluster') || (FEBRL_ID.exec(id)?.[1] ?? ''));
      people.source.push(source);
    },
  );
  people.columns = [...people.columns, columns];
}

function isPlain(columns: readonly Column[]): boolean {
  const person = columns.map(({ field }) => field).filter((field) => !BESIDE.includes(field));
  const address = person.includes('number') || !person.includes('street');
  return address && person.every((field) => PLAIN.includes(field)) && new Set(person).size === person.length;
}

/** Whether a column has dates like 22/8/1986: read off the first rows, since one row alone may not tell. */
function readsDayFirst(text: string, rows: PersonRows): boolean {
  let dayFirst = 0;
  let left = SAMPLE_ROWS;
  readCsv(
    text.slice(0, 400_000),
    () => undefined,
    (cells) => {
      if (left-- < 0) return;
      const told = tellsDayFirst(rows.first(cells, 'birthDate'));
      if (told !== undefined) dayFirst += told ? 1 : -1;
    },
  );
  return dayFirst > 0;
}

/**
 * The short way for tables with one column a kind: a text that came before is looked up and not read again. It MUST fill
 * a row as `RecordTable.add` of the prepared fields does.
 */
function plainRows(
  rows: PersonRows,
  columns: readonly Column[],
  table: RecordTable,
  dayFirst: boolean,
): (cells: readonly string[]) => void {
  const { values } = table;
  const column = (field: ColumnField): number => rows.at(field)[0] ?? -1;
  const given = remembered((raw) => {
    const name = parseGiven(raw);
    return [
      values.name(name),
      values.text(name.middle),
      (name.suffix << 2) | (name.order << 5),
      name.text === 'john' || name.text === 'jane' ? 1 : 0,
    ];
  });
  const family = remembered((raw) => {
    const name = parseFamily(raw);
    return [values.name(name), name.suffix << 2, name.text === 'doe' ? 1 : 0];
  });
  const birth = remembered((raw) => [parseBirthDate(raw, dayFirst)]);
  const sex = remembered((raw) => [parseSex(raw)]);
  const number = remembered((raw) => [values.text(houseNumber(raw))]);
  const street = remembered((raw) => [values.text(streetName(raw))]);
  const city = remembered((raw) => [values.text(placeName(raw))]);
  const postcode = remembered((raw) => [values.text(parsePostcode(raw))]);
  const at = {
    given: column('given'),
    family: column('family'),
    birth: column('birthDate'),
    sex: column('sex'),
    number: column('number'),
    street: column('street'),
    city: column('city'),
    postcode: column('postcode'),
    phone: column('phone'),
    email: column('email'),
    identifier: column('identifier'),
  };
  const system = at.identifier < 0 ? 0 : hashCode(columns[at.identifier].system);
  const cell = (cells: readonly string[], place: number): string => (place < 0 ? '' : (cells[place] ?? ''));
  return (cells) => {
    const [givenValue, middle, givenFlags, isJohn] = given(cell(cells, at.given));
    const [familyValue, familySuffix, isDoe] = family(cell(cells, at.family));
    const nobody = isJohn === 1 && isDoe === 1;
    const row = new Int32Array(ROW_INTS);
    row[ROW.given] = nobody ? 0 : givenValue;
    row[ROW.family] = nobody ? 0 : familyValue;
    row[ROW.middle] = row[ROW.given] === 0 && row[ROW.family] === 0 ? 0 : middle;
    row[ROW.birth] = birth(cell(cells, at.birth))[0];
    row[ROW.flags] =
      sex(cell(cells, at.sex))[0] | (familySuffix === 0 ? givenFlags : familySuffix | (givenFlags & ~28));
    row[ROW.number] = number(cell(cells, at.number))[0];
    row[ROW.street] = street(cell(cells, at.street))[0];
    row[ROW.suburb] = city(cell(cells, at.city))[0];
    row[ROW.postcode] = postcode(cell(cells, at.postcode))[0];
    const phone = parsePhone(cell(cells, at.phone));
    if (phone !== '') {
      row[ROW.phone] = hashCode(phone);
      row[ROW.phoneAt] = values.appendCode(phone);
    }
    const email = parseEmail(cell(cells, at.email));
    if (email !== '') {
      row[ROW.email] = hashCode(email);
      row[ROW.emailAt] = values.appendCode(email);
      row[ROW.mailbox] = hashMailbox(email);
    }
    const identifier = parseIdentifier(cell(cells, at.identifier));
    if (identifier !== '') {
      row[ROW.idSystem] = system;
      row[ROW.id] = hashCode(identifier);
      row[ROW.idAt] = values.appendCode(identifier);
      [row[ROW.idStart], row[ROW.idEnd]] = hashHalves(identifier);
    }
    table.addRow(row);
  };
}

function remembered(read: (raw: string) => readonly number[]): (raw: string) => readonly number[] {
  const known = new Map<string, readonly number[]>();
  return (raw) => {
    let found = known.get(raw);
    if (!found) known.set(raw, (found = read(raw)));
    return found;
  };
}
