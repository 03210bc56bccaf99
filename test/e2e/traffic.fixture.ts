import { expect } from '@jest/globals';
import { chainOrigin, parseVerifierKey, readLedgerOverHttp, verifyChain } from '@chartledger/ledger';
import { type FhirHttp, http } from '@chartledger/testing';

const WRITERS = 6;
/** Entries of each transaction. */
const PARTS = 5;

/** Clients that write until the server is gone, and know what was acknowledged to them. */
export class Traffic {
  private readonly records = new Set<string>();
  private readonly transactions = new Map<string, boolean>();
  private writers: Promise<void>[] = [];
  private stopped = false;
  private count = 0;

  get acknowledged(): number {
    return this.records.size;
  }

  begin(fhir: FhirHttp): void {
    this.stopped = false;
    this.writers = Array.from({ length: WRITERS }, (_, writer) => this.write(fhir, writer % 2 === 0));
  }

  /** The server has ended; what was under way comes to an end too. */
  async end(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.writers);
  }

  async check(fhir: FhirHttp): Promise<void> {
    const missing: string[] = [];
    const records = [...this.records];
    for (let at = 0; at < records.length; at += 32) {
      const answers = await Promise.all(records.slice(at, at + 32).map((record) => fhir.get(record)));
      answers.forEach(({ status }, more) => status === 200 || missing.push(records[at + more]));
    }
    expect(missing).toEqual([]);
    const partial: [string, unknown][] = [];
    for (const [mark, acknowledged] of this.transactions) {
      const { total } = (await fhir.get(`Observation?identifier=urn:run|${mark}&_count=0`)).json();
      if (total !== PARTS && (acknowledged || total !== 0)) partial.push([mark, total]);
    }
    expect(partial).toEqual([]);
  }

  private async write(fhir: FhirHttp, asTransactions: boolean): Promise<void> {
    while (!this.stopped) {
      try {
        await (asTransactions ? this.transaction(fhir) : this.single(fhir));
      } catch {
        return; // The connection broke: the server is gone.
      }
    }
  }

  private async single(fhir: FhirHttp): Promise<void> {
    const id = `s${this.count++}`;
    const { status } = await fhir.put(`Patient/${id}`, { resourceType: 'Patient', id });
    if (status === 201) this.records.add(`Patient/${id}`);
  }

  private async transaction(fhir: FhirHttp): Promise<void> {
    const mark = `t${this.count++}`;
    this.transactions.set(mark, false);
    const entry = Array.from({ length: PARTS }, (_, part) => ({
      resource: {
        resourceType: 'Observation',
        id: `${mark}-${part}`,
        identifier: [{ system: 'urn:run', value: mark }],
        status: 'final',
        code: { text: 'x' },
      },
      request: { method: 'PUT', url: `Observation/${mark}-${part}` },
    }));
    const { status } = await fhir.post('', { resourceType: 'Bundle', type: 'transaction', entry });
    if (status !== 200) return;
    this.transactions.set(mark, true);
    for (let part = 0; part < PARTS; part += 1) this.records.add(`Observation/${mark}-${part}`);
  }
}

/** Every chain verifies from its first entry on, with its payloads. */
export async function expectSound(url: string): Promise<void> {
  const verifiers = (await http(`${url}/ledger/keys`)).text.trimEnd().split('\n').map(parseVerifierKey);
  const { chains } = await readLedgerOverHttp(url, { payloads: true });
  for (const chain of chains) {
    const verdict = await verifyChain(
      chain,
      { origin: chainOrigin('chartledger.local', chain.chain), verifiers },
      { requirePayloads: true },
    );
    expect(verdict).toMatchObject({ ok: true, voidSubmissions: 0 });
  }
}
