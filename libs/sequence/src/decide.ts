import { sameContent } from '@chartledger/fhir';
import { type EntryContext, type EntryKind } from '@chartledger/ledger';
import { FhirError } from '@chartledger/platform';
import { NO_FACTS, resolveFacts, type PayloadHeader, type RecordFacts } from '@chartledger/projection';
import { identifierForms } from '@chartledger/records';
import { recordPseudonym } from '@chartledger/security';
import { Links } from './links.js';
import { type Grounds } from './grounds.js';
import { type RecordState, type Registry } from './registry.js';
import { changeExpression, type Change, type Submission } from './submission.js';

/** An entry that was decided on, before it is encrypted and linked. */
export interface Decision {
  context: EntryContext;
  header: PayloadHeader;
  /** What the payload holds after the header: the text as received, or nothing for a confirmation or a deletion. */
  payloadText: Buffer;
  /** The received text, from which the answer is made. */
  text: Buffer;
  facts: RecordFacts;
  /** Pseudonym of the patient, or of the record itself, under whose data key the payload is encrypted. */
  owner: string;
  /** The owner is a record that this very entry creates under an id of ours: it has no key yet. */
  ownerIsNew: boolean;
}

/** What a change comes to: an entry, or the record that was there already, or a refusal. */
export type Verdict =
  | { decision: Decision; status: 200 | 201 | 204; offset: number; confirms?: RecordState['content'] }
  | { existing: { id: string; version: number; time: number }; status: 200 | 204 }
  | { refused: FhirError };

export interface Ruling {
  decisions: Decision[];
  verdicts: Verdict[];
}

const EMPTY = Buffer.alloc(0);
const NO_VERSION = 0;

/**
 * Decides a submission on the registry's state and remembers the decisions there. `firstSeq` is the seq that its first
 * entry will have. A transaction that is refused remembers nothing.
 * @throws FhirError for a transaction or a single change that is refused.
 */
export function decide(grounds: Grounds, submission: Submission, firstSeq: number, now: number): Ruling {
  const links = new Links(grounds, submission);
  const drafts = new Drafts(grounds, submission, links, firstSeq, now);
  const verdicts = submission.changes.map((change) => {
    if (submission.kind !== 'batch') return drafts.decide(change);
    try {
      const verdict = drafts.decide(change);
      // The entries of a batch stand for themselves: the next one finds what this one did.
      drafts.remember();
      return verdict;
    } catch (error) {
      if (error instanceof FhirError) return { refused: error };
      throw error;
    }
  });
  const { decisions } = drafts;
  for (const decision of decisions) decision.context.parts = decisions.length;
  drafts.remember();
  drafts.rememberSubmission();
  return { decisions, verdicts };
}

class Drafts {
  readonly decisions: Decision[] = [];
  /** Changes of this submission, over the registry's state. */
  private readonly own = new Map<
    string,
    { id: string; seq: number; version: number; deleted: boolean; identifiers: string[]; decision: Decision }
  >();

  constructor(
    private readonly grounds: Grounds,
    private readonly submission: Submission,
    private readonly links: Links,
    private readonly firstSeq: number,
    private readonly now: number,
  ) {}

  decide(change: Change): Verdict {
    switch (change.method) {
      case 'POST':
        return this.create(change);
      case 'PUT':
        return this.update(change);
      case 'DELETE':
        return this.remove(change);
    }
  }

  /** Hands what was decided to the registry. */
  remember(): void {
    const { registry } = this.grounds;
    for (const [key, { id, seq, version, deleted, identifiers, decision }] of this.own) {
      const content = deleted ? undefined : { header: decision.header, text: decision.text };
      registry.remember(key, id, { seq, version, deleted, time: this.now, content }, identifiers);
    }
    this.own.clear();
  }

  /** The submission itself, so that it is dropped when it comes again. */
  rememberSubmission(): void {
    const { registry } = this.grounds;
    if (this.decisions.length > 0 && this.submission.repeatable) {
      registry.rememberSubmission(this.submission.id, this.firstSeq, this.decisions.length);
    }
  }

  private create(change: Change): Verdict {
    const found = this.links.existing(change);
    if (found !== undefined) return { existing: this.existing(change, found), status: 200 };
    const id = this.links.newId(change);
    return this.entry(change, 'fhir.create', id, 1, 201);
  }

  private update(change: Change): Verdict {
    const id = change.id!;
    const current = this.current(change, id);
    this.checkPreconditions(change, current);
    if (!current) return this.entry(change, 'fhir.create', id, 1, 201);
    if (current.deleted) return this.entry(change, 'fhir.update', id, current.version + 1, 201);
    if (current.content && !this.submission.entryKind && !change.kind && this.repeats(change, current.content)) {
      return this.entry(change, 'fhir.confirm', id, current.version, 200, current);
    }
    return this.entry(change, 'fhir.update', id, current.version + 1, 200);
  }

  private remove(change: Change): Verdict {
    const id = change.id!;
    const current = this.current(change, id);
    this.checkPreconditions(change, current);
    if (!current || current.deleted) {
      return {
        existing: { id, version: current?.version ?? NO_VERSION, time: current?.time ?? this.now },
        status: 204,
      };
    }
    return this.entry(change, 'fhir.delete', id, current.version + 1, 204);
  }

  private entry(
    change: Change,
    kind: EntryKind,
    id: string,
    version: number,
    status: 200 | 201 | 204,
    confirmed?: RecordState,
  ): Verdict {
    const { source, actor } = this.submission;
    const key = this.key(change.type, id);
    if (this.submission.kind === 'transaction' && this.own.has(key)) {
      throw FhirError.of(
        400,
        'invalid',
        `the record ${change.type}/${id} occurs twice in the transaction`,
        changeExpression(change),
      );
    }
    const { edits, toRecord } = this.links.resolve(change);
    const header = headerOf(this.submission, change, id, edits, confirmed);
    const isBody = kind === 'fhir.create' || kind === 'fhir.update';
    const record = recordPseudonym(this.grounds.pseudonymKey, source.name, change.type, id);
    const patient = change.type === 'Patient' ? undefined : change.patient && toRecord(change.patient);
    const owner = patient?.startsWith('Patient/')
      ? this.links.pseudonym('Patient', patient.slice('Patient/'.length))
      : record;
    const offset = this.decisions.length;
    const decision: Decision = {
      context: {
        actor: actor.client,
        kind: this.submission.entryKind ?? change.kind ?? kind,
        part: offset,
        parts: 0,
        record,
        source: source.name,
        submission: this.submission.id,
        type: change.type,
        version,
      },
      header,
      payloadText: isBody ? change.text : EMPTY,
      text: change.text,
      facts: isBody ? resolveFacts(change.facts, toRecord) : NO_FACTS,
      owner,
      ownerIsNew: owner === record && version === 1 && kind !== 'fhir.confirm',
    };
    this.decisions.push(decision);
    if (kind !== 'fhir.confirm') {
      const identifiers = this.identifiers(change, isBody);
      this.own.set(key, {
        id,
        seq: this.firstSeq + offset,
        version,
        deleted: kind === 'fhir.delete',
        identifiers,
        decision,
      });
    }
    return { decision, status, offset, confirms: confirmed?.content };
  }

  private identifiers(change: Change, isBody: boolean): string[] {
    if (!isBody) return [];
    const { tokens } = this.grounds;
    return change.facts.identifiers.flatMap((identifier) =>
      identifierForms(tokens, this.submission.source.name, change.type, identifier),
    );
  }

  private current(change: Change, id: string): ReturnType<Registry['record']> {
    const key = this.key(change.type, id);
    const own = this.own.get(key);
    if (!own) return this.grounds.registry.record(key);
    const { seq, version, deleted, decision } = own;
    return {
      seq,
      version,
      deleted,
      time: this.now,
      content: deleted ? undefined : { header: decision.header, text: decision.text },
    };
  }

  private existing(change: Change, id: string): { id: string; version: number; time: number } {
    const current = this.current(change, id);
    if (!current) throw new TypeError('the registry was not asked for a record that a condition finds');
    return { id, version: current.version, time: current.time };
  }

  private repeats(change: Change, content: { header: PayloadHeader; text: Buffer }): boolean {
    const { edits } = this.links.resolve(change);
    return sameContent(change.text, { references: edits }, content.text, {
      references: content.header.references ?? [],
    });
  }

  private checkPreconditions(change: Change, current: ReturnType<Registry['record']>): void {
    const exists = current !== undefined && !current.deleted;
    if (change.ifMatch !== undefined && (!exists || change.ifMatch !== String(current.version))) {
      const reason = exists
        ? `the record is at version ${current.version}, not ${change.ifMatch}`
        : 'If-Match names a version, but the record does not exist';
      throw FhirError.of(
        412,
        'conflict',
        `${reason}: read it again and repeat the change on what you find`,
        changeExpression(change),
      );
    }
    if (change.ifNoneMatch === '*' && exists) {
      throw FhirError.of(412, 'duplicate', 'If-None-Match is *, but the record exists', changeExpression(change));
    }
  }

  private key(type: string, id: string): string {
    return `${this.submission.source.name}/${type}/${id}`;
  }
}

function headerOf(
  submission: Submission,
  change: Change,
  id: string,
  references: NonNullable<PayloadHeader['references']>,
  confirmed: RecordState | undefined,
): PayloadHeader {
  const { method, url, index, fullUrl, ifMatch, ifNoneMatch, ifNoneExist, findings, decision } = change;
  return {
    method,
    url,
    id,
    requestId: submission.requestId,
    ...(index === undefined ? {} : { index }),
    ...(fullUrl === undefined ? {} : { fullUrl }),
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
    ...(ifNoneExist === undefined ? {} : { ifNoneExist }),
    ...(confirmed ? { confirms: new Date(confirmed.time).toISOString() } : {}),
    ...(references.length === 0 ? {} : { references }),
    ...(findings && findings.length > 0 ? { findings } : {}),
    ...(decision ? { decision } : {}),
  };
}
