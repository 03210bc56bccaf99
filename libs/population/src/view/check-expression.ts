import fhirpath from 'fhirpath';
import { type Variable } from '@chartledger/fhir';
import { type PathText } from './element-reader.js';
import { type Fault } from './view-error.js';

/** A node of fhirpath.js's syntax tree. */
interface Node {
  type: string;
  text?: string;
  children?: Node[];
}

/** What stands for itself in every expression of a view. */
const ENVIRONMENT: ReadonlySet<string> = new Set(['rowIndex', 'resource', 'context', 'ucum', 'sct', 'loinc']);

/** A view gives the same rows whenever it is asked, from the resource alone: a rebuild must equal what was kept. */
const CHANGING = 'gives another answer at another time, and a rebuilt view would differ';
const OUTSIDE = 'looks outside the resource, and a rebuilt view would differ';
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['now', CHANGING],
  ['today', CHANGING],
  ['timeOfDay', CHANGING],
  ['resolve', `${OUTSIDE}; use getReferenceKey() and a join`],
  ['memberOf', OUTSIDE],
  ['weight', OUTSIDE],
  ['trace', 'writes what is in records to the log'],
]);

/** The text of what a node holds. */
function textOf(node: Node | undefined): string {
  return node?.text ?? (node?.children ?? []).map(textOf).join('');
}

/** The functions of fhirpath.js 4.11 that a view may call, and those of SQL on FHIR. */
const FUNCTIONS: ReadonlySet<string> = new Set(
  `abs all allFalse allTrue anyFalse anyTrue aggregate as avg ceiling children coalesce combine contains convertsToBoolean
   convertsToDate convertsToDateTime convertsToDecimal convertsToInteger convertsToLong convertsToQuantity convertsToString
   convertsToTime count dateOf dayOf decode descendants distinct empty encode endsWith escape exclude exists exp extension
   first floor getReferenceKey getResourceKey getValue hasValue highBoundary hourOf iif indexOf intersect is isDistinct
   join last lastIndexOf length ln log lowBoundary lower matches matchesFull max millisecondOf min minuteOf monthOf not
   ofType power repeat replace replaceMatches round secondOf select single skip sort split sqrt startsWith subsetOf
   substring sum supersetOf tail take timeOf timezoneOffsetOf toBoolean toChars toDate toDateTime toDecimal toInteger
   toLong toQuantity toString toTime trim truncate type unescape union upper where yearOf`.split(/\s+/),
);

const WITHOUT_ARGUMENT: ReadonlySet<string> = new Set(['lowBoundary', 'highBoundary', 'getResourceKey']);

/**
 * Reads an expression of a view and says what is wrong with it before any resource is seen: its syntax, variables that
 * are not defined, functions that are unknown or not to be had here.
 */
export function checkExpression({ place, text }: PathText, variables: ReadonlyMap<string, Variable>): Fault[] {
  let tree: Node;
  try {
    tree = fhirpath.parse(text) as Node;
  } catch (error) {
    return [{ place, problem: `is not FHIRPath: ${syntaxProblem(error)}` }];
  }
  return [...problemsOf(tree, variables)].map((problem) => ({ place, problem }));
}

/** The parser's words for the first thing that it met, without the list of all that it would have taken. */
function syntaxProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [first = ''] = message.split('\n');
  return first
    .replace(/ expecting \{.*$/, '')
    .replace('; message:', ':')
    .replace('; column', ', column');
}

function* problemsOf(node: Node, variables: ReadonlyMap<string, Variable>): Generator<string> {
  // `resolve() is T` asks for the type alone, which the reference's text says.
  if (node.type === 'TypeExpression' && node.text === 'is' && endsInResolve(node.children?.[0])) return;
  if (node.type === 'ExternalConstantTerm') yield* variableProblem(node, variables);
  if (node.type === 'FunctionInvocation') yield* functionProblem(node);
  for (const child of node.children ?? []) yield* problemsOf(child, variables);
}

function endsInResolve(node: Node | undefined): boolean {
  if (node?.type === 'Functn') return node.children?.[0]?.text === 'resolve';
  return node !== undefined && endsInResolve(node.children?.at(-1));
}

function* variableProblem(node: Node, variables: ReadonlyMap<string, Variable>): Generator<string> {
  const name = node.text ?? node.children?.[0]?.children?.[0]?.text?.replace(/^[`'](.*)[`']$/, '$1') ?? '';
  if (variables.has(name) || ENVIRONMENT.has(name)) return;
  const known = [...variables.keys()].map((key) => `%${key}`);
  yield `%${name} is no constant of this view (${known.length === 0 ? 'there are none' : known.join(', ')})`;
}

function* functionProblem(node: Node): Generator<string> {
  const call = node.children?.[0];
  const name = call?.children?.[0]?.text ?? '';
  const passed = call?.children?.[1]?.children?.length ?? 0;
  const reason = REFUSED.get(name);
  if (reason !== undefined) yield `${name}() is not to be had in a view: it ${reason}`;
  else if (!FUNCTIONS.has(name)) yield `there is no function ${name}()`;
  else if (name === 'getReferenceKey' && !/^[A-Za-z.]*$/.test(textOf(call?.children?.[1])))
    yield 'getReferenceKey() takes a type without quotes: getReferenceKey(Patient)';
  else if (WITHOUT_ARGUMENT.has(name) && passed > 0) yield `${name}() takes no argument here`;
}
