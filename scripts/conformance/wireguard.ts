// Our verdicts on WireGuard configs beside those of wg-quick and wg, for each version whose verdicts are recorded.
import path from 'node:path';
import { newestWgVersion, type WgVersion } from '../../server/src/wireguard/version.ts';
import { refusals } from './file.ts';
import { type Measure, measure, readRows } from './measure.ts';

interface Verdict {
  readonly verdict: 'accept' | 'reject';
  readonly message?: string;
}

type ConfigRow = { readonly id: string; readonly text: string } & Readonly<Record<`tools_${WgVersion}`, Verdict>>;

type Refusals = ReturnType<typeof refusals>;

const recorded = ['1.0.20210914', newestWgVersion] as const;

const known = new Map([
  ['probe/listenport-domain.conf', 'wg asks the resolver for the port’s name; which names this machine has, no text says'],
]);

export function wireguardMeasures(folder: string): readonly Measure[] {
  const rows = ['probe', 'realworld'].flatMap((name) => readRows<ConfigRow>(path.join(folder, `${name}.jsonl`)));
  return recorded.flatMap((version) => {
    const verdict = (row: ConfigRow): Verdict => row[`tools_${version}`];
    const ours = (row: ConfigRow): Refusals => refusals('wireguard', row.text, { wgVersion: version });
    const refused = rows.filter((row) => verdict(row).verdict === 'reject');
    return [
      measure(
        `wg ${version} takes it, and so do we`,
        1,
        rows.filter((row) => verdict(row).verdict === 'accept'),
        (row) => ours(row)[0]?.message ?? null,
        known,
      ),
      measure(
        `wg ${version} refuses it, and so do we`,
        1,
        refused,
        (row) => (ours(row).length > 0 ? null : (verdict(row).message ?? 'refused')),
        known,
      ),
      measure(
        `wg ${version} refuses it, and we say where`,
        1,
        refused,
        (row) => misplaced(row.text, verdict(row).message ?? '', ours(row)),
        known,
      ),
    ];
  });
}

/**
 * What is wrong with the place of our first refusal, null where nothing is. The tools name no line, but quote it, or the value they
 * could not read, as wg sees it: without spaces and comments. A missing public key is told of no line; its [Peer] is the cause.
 */
export function misplaced(text: string, message: string, found: Refusals): string | null {
  const first = inOrder(found)[0];
  if (!first) return `nothing is refused; the tool says ${message}`;
  if (message.startsWith('A peer is missing a public key'))
    return first.rule === 'wireguard/missing-public-key' ? null : `${first.rule}, not the missing key`;
  const quote = /[`](.*)'/su.exec(message)?.[1];
  if (quote === undefined) return `the tool quotes nothing: ${message}`;
  const start = text.lastIndexOf('\n', first.span.start - 1) + 1;
  const newline = text.indexOf('\n', first.span.end);
  const line = text
    .slice(start, newline < 0 ? text.length : newline)
    .replace(/#.*/su, '')
    .replace(/[ \t\n\v\f\r]+/g, '');
  // nothing quoted is an empty entry or value
  if (quote === '') return /=(?:,|$)|,,|,$/.test(line) ? null : `no empty value there: ${first.message}`;
  return line.includes(quote.replace(/[ \t\n\v\f\r]+/g, '')) ? null : `we stop at another line: ${first.message}`;
}

/** As the tools come upon them: wg-quick reads the whole file before wg does, and wg counts the public keys when it has read all. */
function inOrder(found: Refusals): Refusals {
  const turn = ({ refusedBy, rule }: Refusals[number]): number =>
    refusedBy === 'wg-quick' ? 0 : rule === 'wireguard/missing-public-key' ? 2 : 1;
  return [...found].sort((a, b) => turn(a) - turn(b) || a.span.start - b.span.start);
}
