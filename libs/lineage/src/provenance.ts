import { formatPosition } from '@chartledger/ledger';
import { servedText, type OpenedEntry } from '@chartledger/projection';
import { readReferences, referrerOf } from './lineage-entry.js';
import { namedVersion, type VersionStart } from './named-version.js';

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

/** The version numbers of the record that a Provenance targets: `versions` in order, confirmations left out. */
export function targetedVersions(
  provenance: OpenedEntry,
  record: { type: string; id: string },
  versions: readonly VersionStart[],
): number[] {
  const { seq } = provenance.stored;
  const { part, parts } = provenance.envelope;
  const named = readReferences(provenance)
    .filter(({ isTarget, type, id }) => isTarget && type === record.type && id === record.id)
    .map((target) => namedVersion(versions, referrerOf({ seq, part, parts }), target.version)?.version);
  return [...new Set(named.filter((version) => version !== undefined))];
}

/** What lineage says of a Provenance; undefined when its data key was destroyed. */
export function provenanceItem({ stored, envelope, content }: OpenedEntry): ProvenanceItem | undefined {
  if (!content) return undefined;
  const text = servedText(envelope, content.header, content.text).toString('utf8');
  const { recorded, agent } = JSON.parse(text) as FhirProvenance;
  return {
    source: envelope.source,
    type: 'Provenance',
    id: content.header.id,
    version: envelope.version,
    position: formatPosition(stored.chain, stored.seq),
    ...(typeof recorded === 'string' ? { recorded } : {}),
    ...(Array.isArray(agent) ? { agents: agent.map(agentOf) } : {}),
  };
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
