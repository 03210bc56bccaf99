import { v7 as uuidv7 } from 'uuid';
import { elementAt } from '@chartledger/fhir';
import { FhirError } from '@chartledger/platform';
import { localRecord, type PayloadHeader } from '@chartledger/projection';
import { identifierQuestion } from '@chartledger/records';
import { recordPseudonym } from '@chartledger/security';
import { parseCondition, splitConditional } from './condition.js';
import { type Grounds } from './grounds.js';
import { changeExpression, type Change, type Link, type Submission } from './submission.js';

type Edits = NonNullable<PayloadHeader['references']>;

/**
 * What the references of one submission point to: entries of the same Bundle by their fullUrl, and records of the source
 * by `Type?identifier=…` (http://hl7.org/fhir/R4/http.html#trules). Ids of new records are given here, before any text is
 * looked at, because references may point forward.
 */
export class Links {
  private readonly ids = new Map<Change, string>();
  private readonly found = new Map<Change, string>();
  /** fullUrl or conditional reference → `Type/id`. */
  private readonly targets = new Map<string, string>();
  private readonly records = new Map<string, string | undefined>();
  /** What the transaction deletes: its deletions come first, so no condition finds it (http.html#trules). */
  private readonly deleted = new Set<string>();
  private readonly pseudonyms = new Map<string, string>();

  constructor(
    private readonly grounds: Grounds,
    private readonly submission: Submission,
  ) {
    if (submission.kind !== 'transaction') return;
    for (const { method, type, id } of submission.changes) if (method === 'DELETE') this.deleted.add(`${type}/${id}`);
    for (const change of submission.changes) this.place(change);
  }

  /** The record that If-None-Exist finds, if it names one. @throws FhirError (412) when it finds several. */
  existing(change: Change): string | undefined {
    if (this.found.has(change)) return this.found.get(change);
    if (change.ifNoneExist === undefined || this.ids.has(change)) return undefined;
    const element = change.index === undefined ? 'If-None-Exist' : 'request.ifNoneExist';
    const ids = this.search(change.type, change.ifNoneExist, changeExpression(change, element));
    if (ids.length > 1) {
      throw FhirError.of(
        412,
        'multiple-matches',
        `If-None-Exist finds more than one ${change.type}`,
        changeExpression(change, element),
      );
    }
    return ids[0];
  }

  newId(change: Change): string {
    return this.ids.get(change) ?? uuidv7();
  }

  /** How the change's links are rewritten, and which record each of its references means. */
  resolve(change: Change): { edits: Edits; toRecord: (reference: string) => string | undefined } {
    if (this.submission.kind !== 'transaction') return { edits: [], toRecord: localRecord };
    const edits: Edits = [];
    for (const link of change.links) {
      const target = this.target(change, link);
      if (target !== undefined) edits.push([link.start, link.length, target]);
    }
    return { edits, toRecord: this.toRecord };
  }

  pseudonym(type: string, id: string): string {
    const key = `${type}/${id}`;
    let pseudonym = this.pseudonyms.get(key);
    if (!pseudonym) {
      pseudonym = recordPseudonym(this.grounds.pseudonymKey, this.submission.source.name, type, id);
      this.pseudonyms.set(key, pseudonym);
    }
    return pseudonym;
  }

  private readonly toRecord = (reference: string): string | undefined => {
    const target = this.targets.get(reference);
    if (target !== undefined) return target;
    if (this.records.has(reference)) return this.records.get(reference);
    const record = localRecord(reference);
    this.records.set(reference, record);
    return record;
  };

  private place(change: Change): void {
    const found = change.method === 'POST' ? this.existing(change) : undefined;
    if (found !== undefined) this.found.set(change, found);
    const id = change.id ?? found ?? uuidv7();
    if (change.method === 'POST' && found === undefined) this.ids.set(change, id);
    if (change.fullUrl !== undefined && change.method !== 'DELETE')
      this.targets.set(change.fullUrl, `${change.type}/${id}`);
  }

  private target(change: Change, { value, mustResolve, start }: Link): string | undefined {
    const known = this.targets.get(value);
    if (known !== undefined) return known;
    const conditional = splitConditional(value);
    if (!conditional) {
      if (!mustResolve || !value.startsWith('urn:')) return undefined;
      throw FhirError.of(
        400,
        'not-found',
        'a reference to another entry of the transaction names a fullUrl that no entry has',
        referenceExpression(change, start),
      );
    }
    if (!mustResolve) return undefined;
    const expression = referenceExpression(change, start);
    const ids = this.search(conditional.type, conditional.query, expression);
    if (ids.length === 1) {
      const target = `${conditional.type}/${ids[0]}`;
      this.targets.set(value, target);
      return target;
    }
    throw ids.length === 0
      ? FhirError.of(
          400,
          'not-found',
          `a conditional reference to ${conditional.type} finds no record: send that record first`,
          expression,
        )
      : FhirError.of(
          412,
          'multiple-matches',
          `a conditional reference to ${conditional.type} finds more than one record`,
          expression,
        );
  }

  private search(type: string, query: string, expression: string): string[] {
    const { registry, tokens } = this.grounds;
    const { token } = parseCondition(type, query, expression);
    const source = this.submission.source.name;
    const text = identifierQuestion(tokens, source, type, token)!;
    const prefix = `${source}/${type}/`;
    registry.rememberFound(prefix, text);
    const ids = registry.byIdentifier(prefix, text);
    return this.deleted.size === 0 ? ids : ids.filter((id) => !this.deleted.has(`${type}/${id}`));
  }
}

/** The element of a link: `Bundle.entry[1].resource.subject.reference`. */
function referenceExpression(change: Change, start: number): string {
  return changeExpression(change, elementAt(change.text, start, 'resource'));
}
