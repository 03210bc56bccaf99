import { type Command } from 'commander';
import { type ChainVerdict } from '@chartledger/ledger';
import { withStore } from '../data.js';
import { EXIT, print, printJson, thousands } from '../output.js';
import { subjectFromDirectory, subjectFromStore, subjectFromUrl, verifySubject, type Subject } from './verify.js';

interface Options {
  chain?: number;
  payloads: boolean;
  fromUrl?: string;
  dir?: string;
  key: string[];
  json: boolean;
}

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description(
      'verify the chains: every entry, link, checkpoint and, with --payloads, every payload; there is no command that repairs one',
    )
    .option('--chain <chain>', 'this chain only', Number)
    .option('--payloads', 'hold the payloads against their hashes too', false)
    .option('--from-url <url>', 'a server, over HTTP, as far as its checkpoints go')
    .option('--dir <dir>', 'a copy of the ledger in static files')
    .option(
      '--key <key...>',
      'a trusted verifier key, for --from-url and --dir; without it the keys found there are believed',
      [],
    )
    .option('--json', 'print one JSON line', false)
    .addHelpText('after', '\nExit code: 0 sound, 1 with the first bad position and why, 2 could not run.')
    .action(async (options: Options) => {
      process.exitCode = await verify(options);
    });
}

async function verify(options: Options): Promise<number> {
  const { fromUrl, dir, key, payloads } = options;
  if (fromUrl) return report(await subjectFromUrl(fromUrl, key, payloads), options);
  if (dir) return report(await subjectFromDirectory(dir, key, payloads), options);
  return withStore(async (store) => report(await subjectFromStore(store, payloads), options));
}

async function report(subject: Subject, { chain, json }: Options): Promise<number> {
  const startedMs = Date.now();
  let told = startedMs;
  const verdicts = await verifySubject(subject, chain, (at, entries) => {
    if (!process.stderr.isTTY || Date.now() - told < 1000) return;
    told = Date.now();
    process.stderr.write(`chain ${at}: ${thousands(entries)} entries\r`);
  });
  if (verdicts.length === 0) throw new Error(`there is no chain ${chain}`);
  const isSound = verdicts.every((verdict) => verdict.ok);
  if (json) printJson({ ok: isSound, trustsItsOwnKeys: subject.trustsItsOwnKeys, chains: verdicts });
  else tell(verdicts, subject, Date.now() - startedMs);
  return isSound ? EXIT.done : EXIT.foundWrong;
}

function tell(verdicts: readonly ChainVerdict[], { trustsItsOwnKeys }: Subject, elapsedMs: number): void {
  for (const verdict of verdicts) print(describeVerdict(verdict));
  if (trustsItsOwnKeys) print('The keys were taken from the ledger itself: give the ones you trust by --key.');
  print(`verified in ${(elapsedMs / 1000).toFixed(1)} s`);
}

/** One verdict in words. */
export function describeVerdict(verdict: ChainVerdict): string {
  if (!verdict.ok) return `NOT SOUND at ${verdict.position}: ${verdict.reason}\n  ${verdict.detail}`;
  const { chain, size, payloads, checkpoints, signedSize, voidSubmissions } = verdict;
  const unsigned = size - signedSize;
  const notes = [
    counted(size, 'entry', 'entries'),
    payloads > 0 ? counted(payloads, 'payload', 'payloads') : 'payloads not read',
    counted(checkpoints, 'checkpoint', 'checkpoints'),
    unsigned > 0 ? `the last ${thousands(unsigned)} not signed yet` : 'all signed',
    ...(voidSubmissions > 0 ? [`${voidSubmissions} void submissions`] : []),
  ];
  return `chain ${chain} is sound: ${notes.join(', ')}`;
}

export function counted(count: number, one: string, many: string): string {
  return `${thousands(count)} ${count === 1 ? one : many}`;
}
