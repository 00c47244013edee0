// What the real nft says of a ruleset: its check, a real load in a private namespace, and the tree that the kernel then holds.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Ran } from './command.ts';
import type { Namespace } from './namespace.ts';

/** What one run of nft said. Line and column count from 1 and are those of the first error, in `file`. */
export interface NftOutcome {
  readonly accepted: boolean;
  /** the first error, without its place; '' where nft took the ruleset */
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** nft itself crashed, or ran into the time limit */
  readonly crashed: boolean;
}

export interface NftVerdict extends NftOutcome {
  /** the first stage that refused: `nft -c -f`, then `nft -f`; 'ok' where both took it */
  readonly stage: 'check' | 'load' | 'ok';
  /** both are always run, since 1.0.6 loads what it checks only by half, and the other way round would be news */
  readonly check: NftOutcome;
  readonly load: NftOutcome;
  /** the objects of `nft -j list ruleset` after the load, without the metainfo; empty where it was refused */
  readonly ruleset: readonly NftObject[];
}

/** One object of libnftables-json(5), such as `{ "chain": { … } }`. */
export type NftObject = Readonly<Record<string, unknown>>;

export interface NftOptions {
  /** The folder that `include "./…"` starts from: nft takes its working folder, not the file's. Else the file's own folder. */
  readonly cwd?: string;
}

/** Checks, loads, lists and flushes one ruleset file. The namespace's ruleset is empty before and after. */
export function judgeNft(namespace: Namespace, file: string, { cwd = path.dirname(file) }: NftOptions = {}): Promise<NftVerdict> {
  return namespace.exclusive(() => judge(namespace, path.resolve(file), cwd));
}

/** The same for a text that lies in no file. Its includes start from `cwd`, else from an empty folder. */
export function judgeNftText(namespace: Namespace, text: string | Uint8Array, { cwd }: NftOptions = {}): Promise<NftVerdict> {
  return namespace.exclusive(() => {
    const file = path.join(namespace.folder, 'ruleset.nft');
    writeFileSync(file, text);
    return judge(namespace, file, cwd);
  });
}

async function judge(namespace: Namespace, file: string, cwd: string | undefined): Promise<NftVerdict> {
  const options = cwd === undefined ? {} : { cwd };
  const check = outcome(await namespace.run(['nft', '-c', '-f', file], options));
  const load = outcome(await namespace.run(['nft', '-f', file], options));
  const ruleset = load.accepted ? listed(await namespace.run(['nft', '-j', 'list', 'ruleset'])) : [];
  const flushed = await namespace.run(['nft', 'flush', 'ruleset']);
  if (flushed.status !== 0) throw new Error(`nft flush ruleset: ${flushed.stderr}`);
  const stage = check.accepted ? (load.accepted ? 'ok' : 'load') : 'check';
  return { ...(check.accepted ? load : check), stage, check, load, ruleset };
}

/** Reads what nft printed: `FILE:LINE:COLUMN-COLUMN: Error: MESSAGE`, or a message with no place. */
export function outcome({ status, signal, stderr }: Ran): NftOutcome {
  if (status === 0) return { accepted: true, message: '', crashed: false };
  const crashed = status === null || status === 124;
  const found = /^(.*?):(\d+):(\d+)(?:-\d+)?: Error: (.*)$/m.exec(stderr);
  if (!found) {
    const message = stderr.trim().split('\n')[0] || (status === 124 ? 'no answer in time' : `nft ended with ${signal ?? status}`);
    return { accepted: false, message, crashed };
  }
  const [, file = '', line, column, message = ''] = found;
  // "internal:0:0-0" and "/dev/stdin:0:0-0" are no place
  const place = Number(line) > 0 ? { file, line: Number(line), column: Number(column) } : {};
  return { accepted: false, message, ...place, crashed };
}

function listed({ status, stdout, stderr }: Ran): readonly NftObject[] {
  if (status !== 0) throw new Error(`nft -j list ruleset: ${stderr}`);
  const answer = JSON.parse(stdout) as { readonly nftables: readonly NftObject[] };
  return answer.nftables.filter((object) => !('metainfo' in object));
}
