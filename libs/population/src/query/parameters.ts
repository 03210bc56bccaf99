import { FhirError } from '@chartledger/platform';

/** A member of a Parameters resource (http://hl7.org/fhir/R4/parameters.html). */
export interface Parameter {
  name?: unknown;
  resource?: unknown;
  part?: unknown;
  [value: `value${string}`]: unknown;
}

/** @throws FhirError for what is no Parameters resource. */
export function readParameters(body: unknown, expression = 'Parameters'): Parameter[] {
  const { resourceType, parameter = [] } = (body ?? {}) as { resourceType?: unknown; parameter?: unknown };
  if (resourceType !== 'Parameters' || !Array.isArray(parameter)) {
    throw FhirError.of(400, 'structure', 'send a Parameters resource with its members in "parameter"', expression);
  }
  return parameter as Parameter[];
}

/** The value[x] of a parameter with its suffix, such as `String`; undefined where it has none. */
export function valueOf(parameter: Parameter): { suffix: string; value: unknown } | undefined {
  const key = Object.keys(parameter).find((name) => name.startsWith('value'));
  return key === undefined ? undefined : { suffix: key.slice('value'.length), value: parameter[key as 'valueString'] };
}

/** A text, of whichever type that has one; of a Reference what it refers to. @throws FhirError. */
export function textOf(parameter: Parameter): string {
  const given = valueOf(parameter);
  const text =
    given?.suffix === 'Reference' ? (given.value as { reference?: unknown } | null)?.reference : given?.value;
  if (typeof text === 'string' && text !== '') return text;
  throw FhirError.of(400, 'invalid', `${String(parameter.name)} must have a text as its value`, String(parameter.name));
}

export function integerOf(parameter: Parameter): number {
  const value = valueOf(parameter)?.value;
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
  throw FhirError.of(400, 'invalid', `${String(parameter.name)} must be a whole number from 0`, String(parameter.name));
}

export function booleanOf(parameter: Parameter): boolean {
  const value = valueOf(parameter)?.value;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw FhirError.of(400, 'invalid', `${String(parameter.name)} must be true or false`, String(parameter.name));
}

export function resourceOf(parameter: Parameter): Record<string, unknown> {
  const { resource } = parameter;
  if (typeof resource === 'object' && resource !== null && !Array.isArray(resource)) {
    return resource as Record<string, unknown>;
  }
  throw FhirError.of(400, 'invalid', `${String(parameter.name)} must hold a resource`, String(parameter.name));
}
