import { type Issue } from '@chartledger/platform';
import { fault } from './check-measure.js';
import { decodeElm, elmContent, type Elm } from './elm.js';
import { type Library } from './resources.js';

const LOGIC = /^(text\/cql|application\/elm\+(json|xml))/;

/**
 * What is wrong with a Library (http://hl7.org/fhir/R4/library.html) that holds logic: it needs its ELM as JSON, without
 * errors of its translation. A Library of something else, such as SQL, is none of our concern.
 */
export function checkLibrary(resource: unknown): Issue[] {
  const library = resource as Library;
  const content = library.content ?? [];
  if (!content.some(({ contentType }) => LOGIC.test(contentType ?? ''))) return [];
  const index = elmContent(library);
  if (index === -1) {
    return [
      fault(
        'Library.content',
        'the logic needs its ELM as application/elm+json: translate the CQL with cql-to-elm and add it',
      ),
    ];
  }
  const place = `Library.content[${index}].data`;
  const elm = readElm(library);
  if (!elm) return [fault(place, 'the ELM is no base64 of JSON with a library in it')];
  return translationErrors(elm, place);
}

function readElm(library: Library): Elm | undefined {
  try {
    const elm = decodeElm(library);
    return typeof elm?.library?.identifier?.id === 'string' && Array.isArray(elm.library.statements?.def ?? [])
      ? elm
      : undefined;
  } catch {
    return undefined;
  }
}

/** The translator writes what it did not understand into the ELM, with the place in the CQL. */
function translationErrors({ library }: Elm, place: string): Issue[] {
  return (library.annotation ?? [])
    .filter(({ errorSeverity }) => errorSeverity === 'error')
    .map(({ startLine, startChar, message }) =>
      fault(place, `the CQL has an error at ${String(startLine)}:${String(startChar)}: ${String(message)}`, 'invalid'),
    );
}
