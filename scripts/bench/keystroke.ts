// The keystroke bench: how long after a key a language server's diagnostics are there, ours beside the floor and the peers. The machine's
// speed drifts, so the servers take turns, round after round, and the figures are medians over the rounds.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchDocument, lineCount } from './document.ts';
import { median, percentile } from './figures.ts';
import { installPeers } from './install.ts';
import { nftablesBraceDocument, nftablesDocument } from './nftables-text.ts';
import { cssDocument, jsonDocument, yamlDocument } from './peer-texts.ts';
import { cssServer, floorServer, jsonServer, ownServer, type Server, yamlServer } from './servers.ts';
import { coldStart, runSession, type SessionFigures } from './session.ts';
import { figure, table } from './table.ts';
import { wireguardDocument } from './wireguard-text.ts';

const usage = `usage: npm run bench [keystroke] [-- OPTION…]
  --json FILE      also write the figures there
  --rounds N       rounds of the fast servers (5)
  --timeout SEC    how long to wait for one answer (30)
  --server FILE    measure this server bundle instead of building one
  --no-peers       only our server and the floor`;

/** Ours may take at most this share of vscode-json's p50, both at 10,000 lines. */
const bound = 0.5;
const starts = 5;
const large = 10_000;
const small = 200;

/** One pair to measure, in every round up to `rounds`. */
interface Entry {
  readonly server: Server;
  readonly document: BenchDocument;
  readonly rounds: number;
}

/** Milliseconds and kilobytes; medians over the rounds, except for max, stale and edits, which are over all of them. */
interface Result {
  readonly server: string;
  readonly document: string;
  readonly lines: number;
  readonly bytes: number;
  readonly rounds: number;
  readonly edits: number;
  readonly p50: number;
  readonly p50ByRound: readonly number[];
  readonly p95: number;
  readonly max: number;
  readonly open: number;
  readonly standing: number;
  readonly resident: number;
  readonly peak: number;
  readonly stale: number | null;
  readonly burst: SessionFigures['burst'] | null;
  readonly failure: string | null;
}

export async function run(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'string') {
    console.error(options);
    return 2;
  }
  const own = await ownServer(options.server);
  const floor = await floorServer();
  const absent = options.peers ? await installPeers() : 'left out by --no-peers';
  const entries = plan(own, floor, absent === undefined, options.rounds);
  const root = mkdtempSync(path.join(os.tmpdir(), 'meshwarden-bench-'));
  try {
    for (const { document } of entries) {
      const file = path.join(root, document.file);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, document.text);
    }
    console.log(`${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}, load ${load()}`);
    const cold = await coldStarts(entries, root, options.timeout);
    const results = await measure(entries, root, options);
    console.log(`\n${report(results, cold)}`);
    if (absent !== undefined) console.log(`\nAbsent: vscode-json, vscode-css, yaml-language-server: ${absent}`);
    for (const { server, document, failure } of results) if (failure !== null) console.log(`\nFAILED  ${server}, ${document}: ${failure}`);
    const { lines, status, ratioToJson } = verdict(results, own.name, floor.name);
    console.log(`\n${lines.join('\n')}`);
    if (options.json !== undefined) {
      const figures = { node: process.versions.node, cpus: os.cpus().length, load: load(), coldStart: Object.fromEntries(cold) };
      writeFileSync(
        options.json,
        `${JSON.stringify({ ...figures, absent: absent ?? null, bound, ratioToJson, status, results }, null, 2)}\n`,
      );
      console.log(`Figures written to ${options.json}`);
    }
    return status;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

interface Options {
  readonly json: string | undefined;
  readonly server: string | undefined;
  readonly rounds: number;
  readonly timeout: number;
  readonly peers: boolean;
}

function readOptions(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        json: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        timeout: { type: 'string', default: '30' },
        server: { type: 'string' },
        peers: { type: 'boolean', default: true },
      },
    });
    const rounds = Number(values.rounds);
    const timeout = Number(values.timeout) * 1000;
    if (!Number.isInteger(rounds) || rounds < 1 || !(timeout > 0)) return usage;
    return { json: values.json, server: values.server, rounds, timeout, peers: values.peers };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage}`;
  }
}

/** The bound's two come first and next to each other. The slow ones take fewer turns: a minute's figures say enough. */
function plan(own: Server, floor: Server, peers: boolean, rounds: number): Entry[] {
  const [json, css, yaml] = [jsonServer(), cssServer(), yamlServer()];
  const fast: Entry[] = [
    { server: own, document: nftablesDocument(large, 200), rounds },
    ...(peers ? [{ server: json, document: jsonDocument(large, 200), rounds }] : []),
    { server: floor, document: nftablesDocument(large, 200), rounds },
    { server: own, document: nftablesDocument(small, 200), rounds },
    ...(peers ? [{ server: json, document: jsonDocument(small, 200), rounds }] : []),
    { server: floor, document: nftablesDocument(small, 200), rounds },
    { server: own, document: wireguardDocument(large, 200), rounds },
  ];
  const slow: Entry[] = [
    { server: css, document: cssDocument(small, 200), rounds: Math.min(rounds, 2) },
    { server: css, document: cssDocument(large, 200), rounds: 1 },
    { server: yaml, document: yamlDocument(small, 40), rounds: 1 },
    { server: yaml, document: yamlDocument(large, 40), rounds: 1 },
  ];
  return [...fast, { server: own, document: nftablesBraceDocument(large, 40), rounds: 1 }, ...(peers ? slow : [])];
}

async function coldStarts(entries: readonly Entry[], root: string, timeout: number): Promise<Map<string, number>> {
  const servers = new Map(entries.map(({ server, document }) => [server, path.dirname(path.join(root, document.file))]));
  const times = new Map<string, number[]>();
  process.stdout.write('Cold starts …');
  for (let i = 0; i < starts; i++) {
    for (const [server, folder] of servers) {
      // a server that cannot start fails below, with its reason
      const time = await coldStart(server, folder, timeout).catch(() => Number.NaN);
      times.set(server.name, [...(times.get(server.name) ?? []), time]);
    }
  }
  process.stdout.write('\n');
  return new Map([...times].map(([name, all]) => [name, median(all)]));
}

async function measure(entries: readonly Entry[], root: string, options: Options): Promise<Result[]> {
  const figures = new Map<Entry, SessionFigures[]>(entries.map((entry) => [entry, []]));
  const failures = new Map<Entry, string>();
  const rounds = Math.max(...entries.map((entry) => entry.rounds));
  for (let round = 0; round < rounds; round++) {
    process.stdout.write(`Round ${round + 1} of ${rounds}: `);
    // every other round backwards, so that nobody always runs after the same neighbour
    for (const entry of round % 2 === 0 ? entries : [...entries].reverse()) {
      if (round >= entry.rounds || failures.has(entry)) continue;
      process.stdout.write(`${entry.server.name} (${entry.document.name}) `);
      try {
        figures.get(entry)?.push(await runSession(entry.server, entry.document, root, options.timeout));
      } catch (error) {
        failures.set(entry, error instanceof Error ? error.message : String(error));
        process.stdout.write('FAILED ');
      }
    }
    process.stdout.write('\n');
  }
  return entries.map((entry) => result(entry, figures.get(entry) ?? [], failures.get(entry)));
}

function result({ server, document }: Entry, sessions: readonly SessionFigures[], failure: string | undefined): Result {
  const over = (value: (session: SessionFigures) => number): number => median(sessions.map(value));
  const all = sessions.flatMap(({ times }) => times);
  const p50ByRound = sessions.map(({ times }) => percentile(times, 50));
  const bursts = sessions.flatMap(({ burst }) => (burst ? [burst] : []));
  return {
    server: server.name,
    document: document.name,
    lines: lineCount(document.text),
    bytes: document.text.length,
    rounds: sessions.length,
    edits: all.length,
    p50: median(p50ByRound),
    p50ByRound,
    p95: over(({ times }) => percentile(times, 95)),
    max: percentile(all, 100),
    open: over(({ open }) => open),
    standing: over(({ standing }) => standing),
    resident: over(({ resident }) => resident),
    peak: over(({ peak }) => peak),
    stale: server.versioned ? sessions.reduce((sum, { stale }) => sum + stale, 0) : null,
    burst: bursts[0]
      ? { ...bursts[0], last: median(bursts.map(({ last }) => last)), published: median(bursts.map(({ published }) => published)) }
      : null,
    failure: failure ?? null,
  };
}

function report(results: readonly Result[], cold: ReadonlyMap<string, number>): string {
  const heads = ['server', 'document', 'KB', 'edits', 'p50', 'p95', 'max', 'open', 'start', 'RSS', 'peak', 'stale', 'burst'];
  const megabytes = (kilobytes: number): string => (Number.isNaN(kilobytes) ? '–' : (kilobytes / 1024).toFixed(0));
  const rows = results.map((row) => [
    row.server,
    row.document,
    (row.bytes / 1024).toFixed(0),
    `${row.rounds}×${row.rounds > 0 ? row.edits / row.rounds : 0}`,
    ...[row.p50, row.p95, row.max, row.open, cold.get(row.server) ?? Number.NaN].map(figure),
    ...[row.resident, row.peak].map(megabytes),
    row.stale === null || row.rounds === 0 ? '–' : String(row.stale),
    row.burst ? `${figure(row.burst.last)} (${row.burst.published}/${row.burst.edits})` : '–',
  ]);
  return (
    `${table(heads, rows)}\n` +
    'p50, p95, max: ms from an edit to the diagnostics of its version. open: ms from didOpen to its diagnostics. start: ms from spawn to\n' +
    'the answer to initialize. RSS, peak: MB at the end and at most. stale: diagnostics published after the server had read a newer\n' +
    'version. burst: ms from 20 edits in one write to the diagnostics of the last, and how many were published on the way.\n' +
    'Medians over the rounds; max and stale over all. A dash: not measured, or the server names no versions.'
  );
}

/** Exit status 0: the bound holds and ours is sound. 1: not. 2: vscode-json is not there to measure against. */
function verdict(
  results: readonly Result[],
  own: string,
  floor: string,
): { readonly lines: readonly string[]; readonly status: number; readonly ratioToJson: number | null } {
  const find = (server: string, document: string): Result | undefined =>
    results.find((row) => row.server === server && row.document === document && row.failure === null);
  const lines: string[] = [];
  const ours = results.filter(({ server }) => server === own);
  const stale = ours.reduce((sum, row) => sum + (row.stale ?? 0), 0);
  const sound = stale === 0 && ours.every(({ failure }) => failure === null);
  if (!sound) lines.push(`FAIL  ${own}: ${stale > 0 ? `${stale} stale publications` : 'see FAILED above'}`);
  const subject = find(own, `nftables ${large}`);
  if (!subject) return { lines, status: 1, ratioToJson: null };
  const bottom = find(floor, `nftables ${large}`);
  if (bottom) lines.push(`${own} takes ${figure(subject.p50 / bottom.p50)} × the floor, both on ${subject.document} lines`);
  const json = find('vscode-json', `json ${large}`);
  if (!json) {
    lines.push(`NOT CHECKED  the bound needs vscode-json's figure of the same run`);
    return { lines, status: sound ? 2 : 1, ratioToJson: null };
  }
  const ratioToJson = subject.p50 / json.p50;
  const byRound = subject.p50ByRound.map((p50, round) => figure(p50 / (json.p50ByRound[round] ?? Number.NaN)));
  const holds = ratioToJson <= bound;
  lines.push(
    `${holds ? 'PASS' : 'FAIL'}  ${own} takes ${figure(ratioToJson)} × vscode-json (pull), p50 at ${large} lines: ` +
      `${figure(subject.p50)} ms to ${figure(json.p50)} ms; at most ${bound} allowed (by round: ${byRound.join(', ')})`,
  );
  return { lines, status: holds && sound ? 0 : 1, ratioToJson };
}

const load = (): string => os.loadavg().map(figure).join(' ');
