import { type Issue } from '@chartledger/platform';
import { type Change } from '@chartledger/sequence';

/** What one request asks for, as plain data: it may come from another thread. */
export interface PrepareRequest {
  kind: 'resource' | 'bundle';
  /** What a single request says beside its body; a Bundle says it per entry. */
  method: Change['method'];
  type: string;
  id: string | undefined;
  url: string;
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  ifNoneExist: string | undefined;
  /** The source's policy: `record` keeps what is not sound FHIR, with the findings beside it. */
  recordFindings: boolean;
}

/** A change whose text is still a byte range of the request's body. */
export interface PreparedChange extends Omit<Change, 'text'> {
  start: number;
  end: number;
}

/** An entry of a Bundle that reads. */
export interface PreparedRead {
  index: number;
  url: string;
}

export interface Refusal {
  status: number;
  issues: Issue[];
}

export type Prepared =
  | { refused: Refusal }
  | {
      kind: 'single' | 'batch' | 'transaction';
      /** Entries in the Bundle. */
      entries: number;
      changes: PreparedChange[];
      reads: PreparedRead[];
      /** Entries of a batch that are refused by themselves. */
      refusals: (Refusal & { index: number })[];
    };
