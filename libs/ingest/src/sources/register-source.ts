import { createHash } from 'node:crypto';
import { BadRequestError, ChartledgerError, derivedUuid, type Actor } from '@chartledger/platform';
import { SYSTEM_SOURCE } from '@chartledger/ledger';
import { NO_FACTS } from '@chartledger/projection';
import { isSourceName, SYSTEM, type Source, type SourceDirectory, type ValidationPolicy } from '@chartledger/records';
import { type Submission } from '@chartledger/sequence';
import { type Submit } from '../ingest.service.js';

const POLICIES: readonly ValidationPolicy[] = ['reject', 'record'];

/** Registers sources: an entry on the system chain says on which chain a source's records stand, for good. */
export class SourceRegistrar {
  constructor(
    private readonly sources: SourceDirectory,
    private readonly submit: Submit,
    /** Chains 1 to this number are for sources. */
    private readonly chains: number,
  ) {}

  /**
   * Registers a source, or finds that the same one is registered.
   * @throws BadRequestError for what cannot be a source; ChartledgerError (409) when it is registered otherwise.
   */
  async register(actor: Actor, asked: unknown, requestId: string): Promise<{ source: Source; created: boolean }> {
    const wanted = this.read(asked);
    const before = await this.sources.find(wanted.name);
    if (before) return { source: this.same(before, wanted), created: false };
    await this.submit(
      registration(actor, { ...wanted, chain: wanted.chain ?? chainOf(wanted.name, this.chains) }, requestId),
    );
    // Two may have registered the name at once: the first entry of the chain counts.
    return { source: this.same((await this.sources.find(wanted.name))!, wanted), created: true };
  }

  private read(asked: unknown): Omit<Source, 'chain'> & { chain: number | undefined } {
    if (typeof asked !== 'object' || asked === null || Array.isArray(asked))
      throw new BadRequestError('send {"name": …} as JSON');
    const { name, chain, validation = 'reject', ...others } = asked as Record<string, unknown>;
    const [other] = Object.keys(others);
    if (other !== undefined)
      throw new BadRequestError(
        `a source has name, chain and validation, and no ${JSON.stringify(other.slice(0, 40))}`,
      );
    if (typeof name !== 'string' || !isSourceName(name)) {
      throw new BadRequestError('name must be 1 to 64 lower-case letters, digits and hyphens');
    }
    if (name === SYSTEM_SOURCE)
      throw new BadRequestError(`${SYSTEM_SOURCE} is the system's own source: choose another name`);
    if (chain !== undefined && (!Number.isInteger(chain) || (chain as number) < 1 || (chain as number) > this.chains)) {
      throw new BadRequestError(
        `chain must be a whole number from 1 to ${this.chains}; 0 is the system's, and CHARTLEDGER_CHAINS sets how many there are`,
      );
    }
    if (!POLICIES.includes(validation as ValidationPolicy))
      throw new BadRequestError('validation must be reject or record');
    return { name, chain: chain as number | undefined, validation: validation as ValidationPolicy };
  }

  private same(registered: Source, wanted: { chain: number | undefined; validation: ValidationPolicy }): Source {
    const isSame =
      registered.validation === wanted.validation && (wanted.chain === undefined || wanted.chain === registered.chain);
    if (isSame) return registered;
    throw new ChartledgerError(
      'conflict',
      409,
      `the source is registered on chain ${registered.chain} with validation ${registered.validation}, and a source does not change: choose another name`,
    );
  }
}

/** A stable hash of the name, so that the same sources are spread alike everywhere. */
function chainOf(name: string, chains: number): number {
  return 1 + (createHash('sha256').update(name).digest().readUInt32BE(0) % chains);
}

function registration(actor: Actor, source: Source, requestId: string): Submission {
  const { name, chain, validation } = source;
  return {
    actor,
    source: SYSTEM,
    // The same registration by many at once is one submission.
    id: derivedUuid(createHash('sha256').update(`source ${name} ${chain} ${validation}`).digest()),
    repeatable: true,
    requestId,
    kind: 'single',
    entryKind: 'source.register',
    changes: [
      {
        index: undefined,
        method: 'PUT',
        type: 'Source',
        id: name,
        url: 'sources',
        fullUrl: undefined,
        text: Buffer.from(JSON.stringify({ name, chain, validation })),
        links: [],
        facts: NO_FACTS,
        patient: undefined,
        ifMatch: undefined,
        ifNoneMatch: undefined,
        ifNoneExist: undefined,
        findings: undefined,
      },
    ],
  };
}
