import { parseTokenParam, scanResource, type TokenParam } from '@chartledger/fhir';
import { FhirError } from '@chartledger/platform';

/** What `$ihe-pix` is asked (IHE PIXm ITI-83, 2:3.83.4.1). */
export interface PixRequest {
  identifier: TokenParam & { system: string; value: string };
  /** None: all. */
  targetSystems: string[];
  asOf: string | undefined;
}

/** @throws FhirError (400). */
export function readPixRequest(query: URLSearchParams): PixRequest {
  for (const name of query.keys()) {
    if (!['sourceIdentifier', 'targetSystem', '_asOf', '_format', '_pretty'].includes(name))
      throw FhirError.of(400, 'not-supported', '$ihe-pix takes sourceIdentifier, targetSystem and _asOf');
  }
  const [text, another] = query.getAll('sourceIdentifier');
  const { system, value } = (another === undefined && parseTokenParam(text ?? '')) || {};
  if (!system || value === undefined)
    throw FhirError.of(400, 'required', 'sourceIdentifier must be given once, as system|value', 'sourceIdentifier');
  const targetSystems = query
    .getAll('targetSystem')
    .flatMap((one) => one.split(','))
    .filter(Boolean);
  return { identifier: { system, value }, targetSystems, asOf: query.get('_asOf') ?? undefined };
}

interface Parameter {
  name: string;
  valueString?: string;
  valueUri?: string;
  valueCanonical?: string;
  valueIdentifier?: { system?: string; value?: string };
}

/** The parameters of a body added to those of the URL. @throws FhirError (400) for what is no Parameters resource. */
export function pixQuery(body: Buffer, query: URLSearchParams): URLSearchParams {
  const { findings } = scanResource(body, { type: 'Parameters' });
  if (findings.length > 0) {
    const [{ code, message, expression }] = findings;
    throw FhirError.of(400, code, message, expression);
  }
  const { parameter = [] } = JSON.parse(body.toString('utf8')) as { parameter?: Parameter[] };
  const both = new URLSearchParams(query);
  for (const { name, valueString, valueUri, valueCanonical, valueIdentifier } of parameter) {
    const { system = '', value = '' } = valueIdentifier ?? {};
    both.append(
      name,
      valueIdentifier ? `${escape(system)}|${escape(value)}` : (valueString ?? valueUri ?? valueCanonical ?? ''),
    );
  }
  return both;
}

/** http://hl7.org/fhir/R4/search.html#escaping */
function escape(text: string): string {
  return text.replace(/[\\|$,]/g, (character) => `\\${character}`);
}
