// Which files are generated, what belongs in each, and how those on disk differ.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { networkdManner } from '../../server/src/wireguard/dialects/networkd.ts';
import { networkManagerManner } from '../../server/src/wireguard/dialects/networkmanager.ts';
import { iniGrammar } from './ini-grammar.ts';
import { nftablesGrammar } from './nftables-grammar.ts';
import { rulePages } from './rule-pages.ts';
import { manifestWithRules, policySchema } from './schemas.ts';
import { grammarText } from './textmate.ts';
import { wireguardGrammar } from './wireguard-grammar.ts';

export const root = path.resolve(import.meta.dirname, '../..');

/** Whatever lies here was generated, now or once. */
const ours = ['syntaxes/*.tmLanguage.json', 'docs/rules/**/*.md'];

/** The text of each generated file, by its path from the repository's root. The same sources give the same texts. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['syntaxes/wireguard.tmLanguage.json', grammarText(wireguardGrammar())],
    [
      'syntaxes/wireguard-networkd.tmLanguage.json',
      grammarText(iniGrammar('wireguard-networkd', 'WireGuard (systemd-networkd)', networkdManner)),
    ],
    [
      'syntaxes/wireguard-networkmanager.tmLanguage.json',
      grammarText(iniGrammar('wireguard-networkmanager', 'WireGuard (NetworkManager)', networkManagerManner)),
    ],
    ['syntaxes/nftables.tmLanguage.json', grammarText(nftablesGrammar())],
    ['schemas/meshwarden.schema.json', policySchema()],
    ['package.json', manifestWithRules(path.join(root, 'package.json'))],
    ...[...rulePages()].map(([page, text]) => [`docs/rules/${page}`, text] as const),
  ]);
}

export interface Difference {
  readonly file: string;
  readonly how: 'missing' | 'stale' | 'left over';
}

/** How the files on disk differ from `files`, in the order of their paths. */
export function differences(files: ReadonlyMap<string, string>): readonly Difference[] {
  const found: Difference[] = [];
  for (const [file, text] of files) {
    const written = read(path.join(root, file));
    if (written === null) found.push({ file, how: 'missing' });
    else if (written !== text) found.push({ file, how: 'stale' });
  }
  for (const file of globSync(ours, { cwd: root })) {
    const name = file.split(path.sep).join('/');
    if (!files.has(name)) found.push({ file: name, how: 'left over' });
  }
  return found.sort((a, b) => (a.file < b.file ? -1 : 1));
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
