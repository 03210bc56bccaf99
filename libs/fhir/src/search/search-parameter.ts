import { compilePath, type PathEvaluator } from '../fhirpath/compile-path.js';

/** http://hl7.org/fhir/R4/valueset-search-param-type.html */
export type SearchParameterType =
  'number' | 'date' | 'string' | 'token' | 'reference' | 'composite' | 'quantity' | 'uri' | 'special';

/** What R4 says of a search parameter (http://hl7.org/fhir/R4/searchparameter.html). */
export interface SearchParameterDefinition {
  /** Logical id of the definition; its canonical URL is http://hl7.org/fhir/SearchParameter/ and this. */
  readonly id: string;
  readonly code: string;
  readonly type: SearchParameterType;
  readonly base: readonly string[];
  /** Types that a reference may point to; empty for other types of parameter. */
  readonly target: readonly string[];
  /** Empty for _text, _content and _query, which no path answers. */
  readonly expression: string;
}

/** A search parameter as one resource type has it. */
export class SearchParameter {
  private compiled: { evaluate: PathEvaluator | undefined } | undefined;

  constructor(
    readonly definition: SearchParameterDefinition,
    readonly resourceType: string,
  ) {}

  get code(): string {
    return this.definition.code;
  }

  get type(): SearchParameterType {
    return this.definition.type;
  }

  /**
   * The values of the parameter in a resource, which MUST be of `resourceType`. Compiled when it is first asked for;
   * undefined where there is no expression or compilePath leaves it to fhirpath.js.
   */
  get evaluate(): PathEvaluator | undefined {
    this.compiled ??= { evaluate: this.compile() };
    return this.compiled.evaluate;
  }

  private compile(): PathEvaluator | undefined {
    const { expression } = this.definition;
    return expression === '' ? undefined : compilePath(expression, { type: this.resourceType });
  }
}
