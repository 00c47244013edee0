// `bench wireguard`: a hub of 10,000 peers, read and judged in process, beside `wg-quick strip` of the same file in the same run: what
// merely reads it line by line, in bash. The rounds take turns, since the machine's speed drifts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { analyse, shownFindings } from '../../server/src/analysis/analysis.ts';
import { parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import { median } from './figures.ts';
import { figure, table } from './table.ts';
import { wireguardHubText } from './wireguard-text.ts';

const usage = `usage: npm run bench wireguard [-- OPTION…]
  --rounds N       rounds (5); in each we read the file five times and wg-quick once`;

const peers = 10_000;
/** Milliseconds, and how many times as fast as wg-quick. */
const bound = 60;
const leastRatio = 50;
const readsInARound = 5;

interface Timed {
  readonly parse: number;
  readonly rules: number;
  readonly findings: number;
}

/** Everything from the text to the findings of the file, afresh. */
function once(text: string, uri: string): Timed {
  const start = performance.now();
  const file = parsedFile(sourceFile(uri, 1, 'wireguard', text));
  const parsed = performance.now();
  const findings = shownFindings(analyse(new Map([[uri, file]])), uri).length;
  return { parse: parsed - start, rules: performance.now() - parsed, findings };
}

/** Milliseconds that `wg-quick strip` takes; null where there is no wg-quick, or it refuses the file. */
function strip(file: string): number | null {
  const start = performance.now();
  const { status, error } = spawnSync('wg-quick', ['strip', file], { stdio: ['ignore', 'ignore', 'ignore'] });
  return error || status !== 0 ? null : performance.now() - start;
}

export async function run(args: readonly string[]): Promise<number> {
  const rounds = readRounds(args);
  if (rounds === null) {
    console.error(usage);
    return 2;
  }
  const text = wireguardHubText(peers);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'meshwarden-bench-'));
  const file = path.join(folder, 'wg0.conf');
  const ours: Timed[] = [];
  const theirs: number[] = [];
  try {
    writeFileSync(file, text, { mode: 0o600 });
    const first = once(text, 'file:///hub/wg0.conf');
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < readsInARound; i++) ours.push(once(text, 'file:///hub/wg0.conf'));
      const ms = strip(file);
      if (ms !== null) theirs.push(ms);
    }
    const all = (timed: Timed): number => timed.parse + timed.rules;
    const ms = median(ours.map(all));
    const rows = [
      ['Mesh Warden', 'the first time', figure(first.parse), figure(first.rules), figure(all(first))],
      [
        'Mesh Warden',
        `median of ${ours.length}`,
        figure(median(ours.map(({ parse }) => parse))),
        figure(median(ours.map(({ rules }) => rules))),
        figure(ms),
      ],
      ...(theirs.length > 0 ? [['wg-quick strip', `median of ${theirs.length}`, '–', '–', figure(median(theirs))]] : []),
    ];
    console.log(
      `${peers} peers, ${text.split('\n').length - 1} lines, ${Math.round(text.length / 1024)} KB; ${first.findings} findings; ms`,
    );
    console.log(table(['', '', 'parse', 'rules', 'all'], rows));
    const fast = ms <= bound;
    console.log(`${fast ? 'PASS' : 'FAIL'}  a hub of ${peers} peers in ${figure(ms)} ms; at most ${bound} allowed`);
    if (theirs.length === 0) {
      console.log('NOT CHECKED  the ratio needs wg-quick: apt-get install wireguard-tools');
      return fast ? 2 : 1;
    }
    const ratio = median(theirs) / ms;
    console.log(`${ratio >= leastRatio ? 'PASS' : 'FAIL'}  ${figure(ratio)} × as fast as wg-quick strip; at least ${leastRatio} wanted`);
    return fast && ratio >= leastRatio ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readRounds(args: readonly string[]): number | null {
  try {
    const rounds = Number(parseArgs({ args: [...args], options: { rounds: { type: 'string', default: '5' } } }).values.rounds);
    return Number.isInteger(rounds) && rounds > 0 ? rounds : null;
  } catch {
    return null;
  }
}
