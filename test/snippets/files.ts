// The snippets as files: those that are whole files as they are, the others where a person would insert them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expanded } from './expand.ts';

export const root = path.resolve(import.meta.dirname, '../..');

export type Language = 'wireguard' | 'nftables';

export interface Snippet {
  readonly name: string;
  readonly prefix: readonly string[];
  readonly description: string;
  readonly body: readonly string[];
}

export function snippetsOf(language: Language): readonly Snippet[] {
  const file = path.join(root, `snippets/${language}.json`);
  const snippets = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, Omit<Snippet, 'name'>>>;
  return Object.entries(snippets).map(([name, snippet]) => ({ name, ...snippet }));
}

/** The text that the snippet of that prefix inserts. */
export function inserted(language: Language, prefix: string): string {
  const snippet = snippetsOf(language).find((one) => one.prefix.includes(prefix));
  if (!snippet) throw new Error(`no snippet ${prefix}`);
  return expanded(snippet.body);
}

/** The files that show a snippet at work, by path. The hub of the mesh comes with each ruleset, so that rules across files see both. */
export function filesWith(language: Language, prefix: string): Readonly<Record<string, string>> {
  const text = inserted(language, prefix);
  return language === 'wireguard' ? wireguardFiles(prefix, text) : nftablesFiles(prefix, text);
}

function wireguardFiles(prefix: string, text: string): Readonly<Record<string, string>> {
  const wg = (other: string): string => inserted('wireguard', other);
  const host = '[Interface]\nAddress = 10.10.0.1/24\nListenPort = 51820\n';
  switch (prefix) {
    case 'hub':
      // one that has a file of its own joins the mesh
      return { 'hub/wg0.conf': text, 'laptop/wg0.conf': wg('spoke') };
    case 'peer':
      return { 'wg0.conf': `${host}${wg('psk-file')}\n\n${text}` };
    case 'psk-file':
      return { 'wg0.conf': `${host}${text}\n\n${wg('peer')}` };
    case 'key-file':
      return { 'wg0.conf': `${host}${text}\n` };
    case 'kill-switch':
      // in place of the one that the client comes with
      return {
        'wg0.conf': wg('road-warrior')
          .replace(/\n# nothing leaves.*\nPostUp = nft.*\nPostDown = .*/, '')
          .replace('\n\n#', `\n${text}\n\n#`),
      };
    default:
      return { 'wg0.conf': text };
  }
}

function nftablesFiles(prefix: string, text: string): Readonly<Record<string, string>> {
  const hub = { 'hub/etc/wireguard/wg0.conf': inserted('wireguard', 'hub') };
  const ruleset = 'hub/etc/nftables.conf';
  const indented = (depth: number): string => text.trimEnd().replace(/^(?=.)/gm, '\t'.repeat(depth));
  const chain = (rules: string): string => `\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n${rules}\n\t}\n`;
  switch (prefix) {
    case 'mesh-hub':
    case 'host':
      return { ...hub, [ruleset]: text };
    case 'rule':
    case 'vmap':
    case 'established':
    case 'log-drop':
      return { ...hub, [ruleset]: `table inet mesh {\n${chain(indented(2))}}\n` };
    default:
      return { ...hub, [ruleset]: `table inet mesh {\n${indented(1)}\n}\n` };
  }
}
