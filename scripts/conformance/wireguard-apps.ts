// Our verdicts under a target beside those of the app's own reader, and what we make of other people's templates and .netdev files.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { analyse, shownFindings } from '../../server/src/analysis/analysis.ts';
import { parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { languageOfPath, languageOfText } from '../../server/src/analysis/recognise.ts';
import type { ShownFinding } from '../../server/src/rules/rule.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import type { WireguardFacts } from '../../server/src/wireguard/facts.ts';
import type { Target } from '../../server/src/wireguard/targets/target.ts';
import { type Measure, measure, readRows } from './measure.ts';

interface AppRow {
  readonly id: string;
  readonly parser: 'windows' | 'android' | 'networkmanager' | 'networkd' | 'man' | 'cmusatyalab';
  readonly expected: 'valid' | 'invalid';
  readonly why: string;
  readonly text: string;
}

interface TextRow {
  readonly id: string;
  readonly text: string;
}

/** The manual's examples and those of a library for wg-quick's files are wg-quick's. networkd has a reader of its own. */
const targetOf: Readonly<Record<AppRow['parser'], Target | null>> = {
  windows: 'windows',
  android: 'android',
  networkmanager: 'networkmanager-import',
  man: 'wg-quick',
  cmusatyalab: 'wg-quick',
  networkd: null,
};

/** What a file of that name has, by itself. */
function findingsOf(
  name: string,
  text: string,
  targets: readonly Target[],
): { readonly findings: readonly ShownFinding[]; readonly facts: unknown } {
  const uri = `file:///${name}`;
  const byPath = languageOfPath(`/${name}`);
  const language = byPath === 'maybe' || byPath === null ? languageOfText(text) : byPath;
  if (!language) throw new Error(`${name} is none of ours`);
  const file = parsedFile(sourceFile(uri, 1, language, text));
  const findings = shownFindings(analyse(new Map([[uri, file]]), undefined, { targets }), uri);
  return { findings, facts: file.facts };
}

/** What the reader of that row would refuse; networkd refuses no value, it leaves it out. */
function refusal({ id, parser, text }: AppRow): string | null {
  const target = targetOf[parser];
  const name = target ? 'wg0.conf' : `${path.basename(id).endsWith('.conf') ? 'wg99.netdev.d/' : ''}${path.basename(id)}`;
  const { findings } = findingsOf(name, text, target ? [target] : []);
  const by = target === null ? ['networkd'] : target === 'wg-quick' ? ['wg', 'wg-quick'] : [target];
  const found = findings.find(({ rule, refusedBy }) => (refusedBy !== null && by.includes(refusedBy)) || rule === 'wireguard/ignored-line');
  return found?.message ?? null;
}

export function wireguardAppMeasures(folder: string): readonly Measure[] {
  const rows = readRows<AppRow>(path.join(folder, 'apps.jsonl'));
  return [
    measure('the apps: their own verdict', 1, rows, (row) => {
      const said = refusal(row);
      return (said === null) === (row.expected === 'valid') ? null : (said ?? `not told: ${row.why}`);
    }),
  ];
}

export function wireguardDialectMeasures(folder: string): readonly Measure[] {
  const rows = existsSync(path.join(folder, 'dialects.jsonl')) ? readRows<TextRow>(path.join(folder, 'dialects.jsonl')) : [];
  const ofKind = (kind: string): readonly TextRow[] => rows.filter(({ id }) => id.startsWith(`${kind}/`));
  return [
    measure('templates: one hint at the most, no mistake', 1, ofKind('template'), ({ id, text }) => {
      const { findings } = findingsOf(`templates/wireguard/${path.basename(id)}`, text, []);
      const hints = findings.filter(({ rule }) => rule === 'wireguard/placeholders');
      const wrong = findings.find(({ severity, refusedBy }) => severity === 'error' || refusedBy !== null);
      if (wrong) return wrong.message;
      return hints.length === (/\{\{|\{%/.test(text) ? 1 : 0) ? null : `${hints.length} hints`;
    }),
    measure('.netdev and .network: read as they are written', 1, [...ofKind('netdev'), ...ofKind('network')], ({ id, text }) => {
      const facts = findingsOf(path.basename(id), text, []).facts as WireguardFacts;
      const count = (pattern: RegExp): number => [...text.matchAll(pattern)].length;
      const wanted = {
        peers: count(/^\[WireGuardPeer\]/gm),
        keys: count(/^PublicKey *= *[A-Za-z0-9+/]{43}=$/gm),
        prefixes: [...text.matchAll(/^AllowedIPs *= *(.*)$/gm)].reduce((sum, [, list = '']) => sum + list.split(',').length, 0),
        addresses: count(/^Address *=/gm),
        keyFiles: count(/^PrivateKeyFile *=/gm),
      };
      const found = {
        peers: facts.peers.length,
        keys: facts.peers.filter(({ publicKey }) => publicKey?.value).length,
        prefixes: facts.peers.reduce((sum, { allowedIps }) => sum + allowedIps.length, 0),
        addresses: facts.interface.addresses.length,
        keyFiles: facts.interface.privateKeyFile ? 1 : 0,
      };
      return JSON.stringify(found) === JSON.stringify(wanted) ? null : `${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`;
    }),
  ];
}
