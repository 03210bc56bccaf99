import { type Issue } from '@chartledger/platform';
import { checkLibrary } from './check-library.js';
import { checkMeasure, fault } from './check-measure.js';
import { CompositeFault, compositePlans } from './composite-tally.js';
import { decodeElm, definedExpressions, namedValueSets, type Elm } from './elm.js';
import { mainLibrary, type MeasurePackage } from './measure-package.js';
import { isComposite, type ExpansionContains, type Measure, type ValueSet } from './resources.js';

const FHIR_MODEL = 'http://hl7.org/fhir';

/** What is wrong with a measure together with all that it refers to. Empty: it can be evaluated. */
export function checkPackage(measurePackage: MeasurePackage): Issue[] {
  const { measure, measures, libraries, valueSets } = measurePackage;
  const alone = [
    ...checkMeasure(measure),
    ...(isComposite(measure) ? measures.flatMap((one) => within(one, checkMeasure(one))) : []),
    ...libraries.flatMap((library) => within(library, checkLibrary(library))),
    ...valueSets.flatMap((valueSet) => within(valueSet, checkValueSet(valueSet))),
  ];
  if (alone.length > 0) return alone;
  const elms = libraries.map(decodeElm);
  return [
    ...checkComposition(measurePackage),
    ...measures.flatMap((one) => within(one, checkExpressions(one, measurePackage), one !== measure)),
    ...elms.flatMap((elm) => checkIncludes(elm, elms)),
    ...elms.flatMap(checkModel),
    ...missingValueSets(elms, valueSets),
  ];
}

/** The same faults, with the name of the resource that they are in. */
function within({ resourceType, id }: { resourceType: string; id: string }, issues: Issue[], named = true): Issue[] {
  if (!named) return issues;
  return issues.map((issue) => ({ ...issue, diagnostics: `${resourceType}/${id}: ${issue.diagnostics}` }));
}

function checkComposition(measurePackage: MeasurePackage): Issue[] {
  if (!isComposite(measurePackage.measure)) return [];
  try {
    compositePlans(measurePackage);
    return [];
  } catch (error) {
    if (error instanceof CompositeFault) return [fault(error.place, error.message)];
    throw error;
  }
}

function checkExpressions(measure: Measure, measurePackage: MeasurePackage): Issue[] {
  const library = mainLibrary(measure, measurePackage.libraries);
  if (!library)
    return [
      fault(
        'Measure.library[0]',
        `there is no Library ${measure.library?.[0]}: PUT it to /fhir/chartledger/Library first`,
        'not-found',
      ),
    ];
  const known = definedExpressions(decodeElm(library));
  const issues: Issue[] = [];
  const check = (expression: string | undefined, place: string): void => {
    if (expression !== undefined && !known.has(expression))
      issues.push(fault(`${place}.criteria.expression`, `the library ${library.id} defines no "${expression}"`));
  };
  (measure.group ?? []).forEach((group, index) => {
    group.population?.forEach(({ criteria }, number) =>
      check(criteria.expression, `Measure.group[${index}].population[${number}]`),
    );
    group.stratifier?.forEach(({ criteria }, number) =>
      check(criteria?.expression, `Measure.group[${index}].stratifier[${number}]`),
    );
  });
  measure.supplementalData?.forEach(({ criteria }, index) =>
    check(criteria.expression, `Measure.supplementalData[${index}]`),
  );
  return issues;
}

function checkIncludes({ library }: Elm, elms: readonly Elm[]): Issue[] {
  return (library.includes?.def ?? [])
    .filter(({ path, version }) => !elms.some((elm) => isIncluded(elm, path, version)))
    .map(({ path, version }) =>
      fault(
        'Library.content',
        `${library.identifier.id} includes ${path}${version ? ` version ${version}` : ''}, which is no Library here: PUT it first`,
        'not-found',
      ),
    );
}

/** Whether `elm` is what an include names: by its name, without the namespace, and its version where one is named. */
export function isIncluded({ library: { identifier } }: Elm, path: string, version: string | undefined): boolean {
  return (
    identifier.id === path.slice(path.lastIndexOf('/') + 1) && (version === undefined || identifier.version === version)
  );
}

function checkModel({ library }: Elm): Issue[] {
  return (library.usings?.def ?? [])
    .filter(({ localIdentifier, uri }) => localIdentifier !== 'System' && uri !== FHIR_MODEL)
    .map(({ localIdentifier }) =>
      fault(
        'Library.content',
        `${library.identifier.id} uses the model ${localIdentifier}: use FHIR 4.0.1`,
        'not-supported',
      ),
    );
}

function missingValueSets(elms: readonly Elm[], valueSets: readonly ValueSet[]): Issue[] {
  const known = new Set(valueSets.map(({ url }) => url));
  const missing = namedValueSets(elms).filter(({ url }) => !known.has(url));
  const seen = new Set<string>();
  return missing.flatMap(({ url, library }) => {
    if (seen.has(url)) return [];
    seen.add(url);
    return [
      fault(
        'Library.content',
        `${library} names the value set ${url}, which is not here: PUT it to /fhir/chartledger/ValueSet with its expansion`,
        'not-found',
      ),
    ];
  });
}

/** Only codes that are there can be looked for: a rule that a terminology server would have to expand gives wrong numbers. */
function checkValueSet({ compose, expansion }: ValueSet): Issue[] {
  if (expansion) {
    const count = countCodes(expansion.contains ?? []);
    return expansion.total !== undefined && expansion.total > count
      ? [
          fault(
            'ValueSet.expansion',
            `the expansion holds ${count} of ${expansion.total} codes: upload it whole`,
            'incomplete',
          ),
        ]
      : [];
  }
  const expand = 'upload the ValueSet with its expansion';
  const issues = (compose?.include ?? []).flatMap(({ system, concept, filter, valueSet }, index): Issue[] => {
    const place = `ValueSet.compose.include[${index}]`;
    if (filter?.length) return [fault(`${place}.filter`, `filters are not expanded here: ${expand}`)];
    if (valueSet?.length) return [fault(`${place}.valueSet`, `other value sets are not included here: ${expand}`)];
    return system && concept?.length ? [] : [fault(place, `whole code systems are not expanded here: ${expand}`)];
  });
  if (compose?.exclude?.length)
    issues.push(fault('ValueSet.compose.exclude', `exclusions are not made here: ${expand}`));
  if (!compose) issues.push(fault('ValueSet.compose', `it names no codes: ${expand}`));
  return issues;
}

function countCodes(contains: readonly ExpansionContains[]): number {
  return contains.reduce((count, one) => count + 1 + countCodes(one.contains ?? []), 0);
}
