import { patientParameters } from '@chartledger/fhir';
import { referenceToken } from '@chartledger/records';
import { type Token, type Tokens } from '@chartledger/security';

/** Search parameters that the view of records has tokens for. */
const CODES = ['patient', 'subject'] as const;

/** The tokens by which records of these types carry a patient. */
export function patientTokens(tokens: Tokens, source: string, patient: string, types: readonly string[]): Token[] {
  return types
    .filter((type) => !isShared(type))
    .flatMap((type) => CODES.map((code) => referenceToken(tokens, source, type, code, `Patient/${patient}`)));
}

/** Whether records of the type are in no patient's compartment, and so belong to whoever refers to them. */
export function isShared(type: string): boolean {
  return type !== 'Patient' && patientParameters(type).length === 0;
}

/** A token as PostgreSQL writes it. */
export function numberOf(token: Token): string {
  return Buffer.from(token, 'latin1').readBigInt64BE().toString();
}
