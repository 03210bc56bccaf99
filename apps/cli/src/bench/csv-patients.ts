import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

export type Patient = { id: string } & Record<string, unknown>;

/** The rows of a CSV file with a header (`given_name,surname,date_of_birth,…`), one after the other, as Patients. */
export async function* patientsOf(file: string): AsyncGenerator<Patient, undefined> {
  const raw = createReadStream(file);
  const input = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  let columns: string[] | undefined;
  for await (const line of createInterface({ input })) {
    const cells = line.split(',');
    if (!columns) columns = cells.map((cell) => cell.trim());
    else yield patientOf(Object.fromEntries(columns.map((column, at) => [column, cells[at]?.trim() ?? ''])));
  }
  return undefined;
}

function patientOf(row: Readonly<Record<string, string>>): Patient {
  const { id, given_name: given, surname: family, sex, date_of_birth: birth, phone, soc_sec_id: ssn } = row;
  const line = [row['street_number'], row['address_1']].filter(Boolean).join(' ');
  const birthDate = /^\d{8}$/.test(birth) ? `${birth.slice(0, 4)}-${birth.slice(4, 6)}-${birth.slice(6)}` : '';
  // FHIR has no year 0.
  const isDate = birthDate > '0001' && new Date(birthDate).toJSON()?.startsWith(birthDate);
  return {
    resourceType: 'Patient',
    id,
    name: [{ ...(family ? { family } : {}), ...(given ? { given: [given] } : {}), use: 'official' }],
    ...(sex === 'f' || sex === 'm' ? { gender: sex === 'f' ? 'female' : 'male' } : {}),
    ...(isDate ? { birthDate } : {}),
    ...(phone ? { telecom: [{ system: 'phone', value: phone }] } : {}),
    ...(ssn ? { identifier: [{ system: 'http://hl7.org/fhir/sid/us-ssn', value: ssn }] } : {}),
    ...(line || row['suburb']
      ? {
          address: [
            {
              ...(line ? { line: [line] } : {}),
              ...(row['suburb'] ? { city: row['suburb'] } : {}),
              ...(row['postcode'] ? { postalCode: row['postcode'] } : {}),
            },
          ],
        }
      : {}),
  };
}
