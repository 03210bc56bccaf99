import { openExtract, sealExtract, type DataKey } from '@chartledger/security';
import { type PersonFields } from '../engine/person-fields.js';

/** Encrypts what a record says of a person under the record's data key; bound to the record. */
export function sealFields(key: DataKey, source: string, id: string, fields: PersonFields): Buffer {
  return sealExtract(key, contextOf(source, id), Buffer.from(JSON.stringify(fields)));
}

/** @throws PayloadError. */
export function openFields(key: Pick<DataKey, 'secret'>, source: string, id: string, sealed: Buffer): PersonFields {
  return JSON.parse(openExtract(key, contextOf(source, id), sealed).toString('utf8')) as PersonFields;
}

function contextOf(source: string, id: string): string {
  return `chartledger/matching/v1 ${source}/Patient/${id}`;
}
