// What we take to read a ruleset and to check it, in a process of its own: `node --expose-gc own-figures.ts FILE`. Prints JSON.
import { readFileSync } from 'node:fs';
import { type Analysis, analyse, shownFindings } from '../../server/src/analysis/analysis.ts';
import { type ParsedFile, parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { parseNftables } from '../../server/src/nftables/parser/parse.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import { median } from './figures.ts';

/** Milliseconds of the processor, and bytes. */
export interface OwnFigures {
  /** The first time, with all checks. */
  readonly cold: number;
  readonly parse: number;
  readonly checked: number;
  /** What stays in use after a collection for the file with all that was found, without its text. */
  readonly heap: number;
  readonly findings: number;
}

export const warmUps = 3;
export const runs = 9;

const uri = 'file:///hub/etc/nftables.conf';
const configUri = 'file:///hub/etc/wireguard/wg0.conf';
// a host around the ruleset, so that the rules about hosts run too; any peer may have any address, so that none is nobody's
const config = `[Interface]\nAddress = 10.10.0.1/16, fd00:10::1/32\nListenPort = 51820\n\n[Peer]\nPublicKey = ${Buffer.alloc(32, 7).toString('base64')}\nAllowedIPs = 10.0.0.0/8, fd00::/8\n`;

interface Checked {
  readonly file: ParsedFile;
  readonly analysis: Analysis;
  readonly findings: number;
}

function checked(text: string): Checked {
  const file = parsedFile(sourceFile(uri, 1, 'nftables', text));
  const analysis = analyse(
    new Map([
      [uri, file],
      [configUri, parsedFile(sourceFile(configUri, 1, 'wireguard', config))],
    ]),
  );
  return { file, analysis, findings: shownFindings(analysis, uri).length };
}

/** Of the processor: what else the machine does counts for neither side. */
function timeOf(work: () => unknown): number {
  const started = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}

function medianOf(work: () => unknown): number {
  for (let i = 0; i < warmUps; i++) work();
  return median(Array.from({ length: runs }, () => timeOf(work)));
}

const [, , path = ''] = process.argv;
const text = readFileSync(path, 'utf8');
const collect = globalThis.gc;
if (!collect) throw new Error('run with --expose-gc');
const cold = timeOf(() => checked(text));
const parse = medianOf(() => parseNftables(text));
const all = medianOf(() => checked(text));
collect();
const before = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
const held = checked(text);
collect();
const after = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
const figures: OwnFigures = { cold, parse, checked: all, heap: after - before, findings: held.findings };
console.log(JSON.stringify(figures));
