import { formatPosition } from '@chartledger/ledger';
import { servedText, type OpenedEntry } from '@chartledger/projection';
import { localTarget, referrerOf } from './lineage-entry.js';
import { namedVersion, type Referrer, type VersionStart } from './named-version.js';

/** Who took part, as FHIR Provenance.agent says it: codes and references, no names. */
export interface ProvenanceAgent {
  type?: string;
  who?: string;
  onBehalfOf?: string;
}

/** A FHIR Provenance that came with records and targets one of them. */
export interface ProvenanceItem {
  source: string;
  type: 'Provenance';
  id: string;
  version: number;
  position: string;
  recorded?: string;
  agents?: ProvenanceAgent[];
}

/** What lineage takes from a Provenance version. */
export interface ReadProvenance {
  item: ProvenanceItem;
  /** Provenance.target.reference, those that are text. */
  targets: readonly string[];
  referrer: Referrer;
}

/** Undefined when the data key was destroyed. */
export function readProvenance({ stored, envelope, content }: OpenedEntry): ReadProvenance | undefined {
  if (!content) return undefined;
  const text = servedText(envelope, content.header, content.text).toString('utf8');
  const { recorded, agent, target } = JSON.parse(text) as FhirProvenance;
  const references = Array.isArray(target) ? target.map((one) => one?.reference) : [];
  return {
    item: {
      source: envelope.source,
      type: 'Provenance',
      id: content.header.id,
      version: envelope.version,
      position: formatPosition(stored.chain, stored.seq),
      ...(typeof recorded === 'string' ? { recorded } : {}),
      ...(Array.isArray(agent) ? { agents: agent.map(agentOf) } : {}),
    },
    targets: references.filter((reference) => typeof reference === 'string'),
    referrer: referrerOf({ seq: stored.seq, part: envelope.part, parts: envelope.parts }),
  };
}

/** The version numbers of the record that a Provenance targets: `versions` in order, confirmations left out. */
export function targetedVersions(
  { targets, referrer }: ReadProvenance,
  record: { type: string; id: string },
  versions: readonly VersionStart[],
): number[] {
  // A Bundle's Provenance targets hundreds of records: the few that can be this one are read.
  const path = `${record.type}/${record.id}`;
  const named = targets
    .filter((target) => target.startsWith(path))
    .map(localTarget)
    .filter((target) => target?.id === record.id)
    .map((target) => namedVersion(versions, referrer, target!.version)?.version);
  return [...new Set(named.filter((version) => version !== undefined))];
}

function agentOf(agent: FhirAgent): ProvenanceAgent {
  const type = agent?.type?.coding?.[0]?.code;
  const who = agent?.who?.reference;
  const onBehalfOf = agent?.onBehalfOf?.reference;
  return { ...(type ? { type } : {}), ...(who ? { who } : {}), ...(onBehalfOf ? { onBehalfOf } : {}) };
}

/** What we read of the resource. A source's policy may have let in one that is not sound, so anything may be missing. */
interface FhirProvenance {
  recorded?: unknown;
  target?: ({ reference?: unknown } | null)[];
  agent?: FhirAgent[];
}

type FhirAgent =
  | {
      type?: { coding?: { code?: string }[] };
      who?: { reference?: string };
      onBehalfOf?: { reference?: string };
    }
  | null
  | undefined;
