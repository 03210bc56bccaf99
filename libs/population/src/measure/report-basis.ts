import { SYSTEM_CHAIN, type Positions } from '@chartledger/ledger';
import { derivedUuid } from '@chartledger/platform';
import { type Tokens } from '@chartledger/security';
import { type EvaluateRequest } from './evaluate-request.js';
import { type FoundPackage } from './definitions.js';
import { contentHash } from './measure-package.js';
import { formatPositions } from './measure-report.js';

/** A definition that a report stands on. */
export interface BasisDefinition {
  type: string;
  id: string;
  url?: string;
  businessVersion?: string;
  version: number;
  /** The entry on the system's chain that has it. */
  seq: number;
  sha256: string;
}

/**
 * What a MeasureReport stands on: kept in its entry as the decision. The same basis is the same report, and it can be
 * computed again from it.
 */
export interface ReportBasis {
  /** `chain:seq` of each chain that was read. */
  basis: string;
  /** The measure first, then its components, libraries and value sets. */
  definitions: BasisDefinition[];
  period: { start: string; end: string };
  reportType: EvaluateRequest['reportType'];
  /** `SOURCE/Patient/ID` or `Person/ID`. */
  subject?: string;
  /** Only these sources' records. */
  sources?: string[];
  /** Key of the kept results: measure with all that it refers to, and period. */
  evaluation: string;
}

/**
 * Where the numbers stand. On the system's chain that is the last entry that they depend on, not its head: a report is
 * itself an entry there, and asking again must not give another one.
 */
export function basisPositions(
  data: Positions,
  personsChanged: number,
  { versions }: FoundPackage,
): Map<number, number> {
  const system = Math.max(personsChanged, ...versions.map(({ seq }) => seq));
  return new Map([[SYSTEM_CHAIN, system], ...data]);
}

export function reportBasis(
  found: FoundPackage,
  evaluation: string,
  positions: Positions,
  asked: Pick<EvaluateRequest, 'period' | 'reportType' | 'sources'>,
  subject?: string,
): ReportBasis {
  const sources = [...asked.sources].sort();
  return {
    basis: formatPositions(positions),
    definitions: found.versions.map(({ resource, version, seq }) => ({
      type: resource.resourceType,
      id: resource.id,
      ...(resource.url ? { url: resource.url } : {}),
      ...(resource.version ? { businessVersion: resource.version } : {}),
      version,
      seq,
      sha256: contentHash(resource),
    })),
    period: { start: asked.period.start, end: asked.period.end },
    reportType: asked.reportType,
    ...(subject ? { subject } : {}),
    ...(sources.length > 0 ? { sources } : {}),
    evaluation,
  };
}

/** The id of the report that stands on some basis, or of the submission that makes reports: a UUID of version 8, under a key. */
export function idOf(tokens: Tokens, ...parts: string[]): string {
  const bytes = Buffer.concat(
    ['a', 'b'].map((half) => Buffer.from(tokens.of('measure-report', half, ...parts), 'latin1')),
  );
  return derivedUuid(bytes);
}
