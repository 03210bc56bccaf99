import { type Command } from 'commander';
import { tileReader } from '@chartledger/audit';
import {
  chainOrigin,
  formatTlogProof,
  inclusionProof,
  noteVerifier,
  parsePosition,
  verifyTlogProof,
} from '@chartledger/ledger';
import { type Store } from '../../chartledger/src/store.js';
import { withStore } from './data.js';
import { EXIT, print, printJson } from './output.js';

export function addProof(program: Command): void {
  program
    .command('proof')
    .description('print the inclusion proof of an entry (C2SP tlog-proof), after verifying it')
    .argument('<position>', 'chain:seq, such as 1:812')
    .option('--json', 'print one JSON line', false)
    .action(async (text: string, { json }: { json: boolean }) => {
      const position = parsePosition(text);
      if (!position) throw new Error(`${text} is not a position: write chain:seq, such as 1:812`);
      process.exitCode = await withStore((store) => proof(store, position.chain, position.seq, json));
    });
}

async function proof(store: Store, chain: number, seq: number, json: boolean): Promise<number> {
  const { ledger, checkpoints, config } = store;
  const checkpoint = await checkpoints.last(chain);
  const [entry] = await ledger.get(chain, [seq]);
  if (!entry || !checkpoint || checkpoint.size <= seq) {
    const reason = entry
      ? 'no checkpoint covers it yet: a running server signs one within a second'
      : 'there is no such entry';
    if (json) printJson({ ok: false, position: `${chain}:${seq}`, reason });
    else print(`no proof of ${chain}:${seq}: ${reason}`);
    return EXIT.foundWrong;
  }
  const hashes = await inclusionProof(seq, checkpoint.size, tileReader(ledger, checkpoints, chain, checkpoint.size));
  const text = formatTlogProof({ index: seq, proof: hashes, checkpoint: checkpoint.note });
  const verifier = noteVerifier(chainOrigin(config.origin, chain), store.signer(chain).publicKey);
  verifyTlogProof(text, { envelope: entry.envelope }, [verifier]);
  if (json) printJson({ ok: true, position: `${chain}:${seq}`, proof: text });
  else process.stdout.write(text);
  return EXIT.done;
}
