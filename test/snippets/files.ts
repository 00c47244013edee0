// The snippets as files: those that are whole files as they are, the others where a person would insert them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expanded } from './expand.ts';

export const root = path.resolve(import.meta.dirname, '../..');

export type Language = 'wireguard' | 'wireguard-networkd' | 'wireguard-networkmanager' | 'nftables';

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
  if (language === 'wireguard-networkd') return networkdFiles(prefix, text);
  if (language === 'wireguard-networkmanager') return { 'mesh.nmconnection': text };
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
  // a host that forwards for nobody and waits for nobody
  const laptop = { 'laptop/etc/wireguard/wg0.conf': inserted('wireguard', 'spoke') };
  const ruleset = 'hub/etc/nftables.conf';
  const indented = (depth: number): string => text.trimEnd().replace(/^(?=.)/gm, '\t'.repeat(depth));
  const chain = (hook: string, rules: string): string =>
    `\tchain ${hook} {\n\t\ttype filter hook ${hook} priority filter; policy drop;\n${rules}\n\t}\n`;
  const established = prefix === 'established' ? '' : '\t\tct state established,related accept\n';
  const log = prefix === 'log-drop' ? '' : '\n\t\tlimit rate 10/minute log prefix "forward: "';
  const input = chain('input', '\t\tct state established,related accept\n\t\tudp dport 51820 accept');
  switch (prefix) {
    case 'mesh-hub':
      return { ...hub, [ruleset]: text };
    case 'host':
      // a server that the laptop reaches through the hub
      return {
        'app/etc/wireguard/wg0.conf': inserted('wireguard', 'spoke')
          .replace('10.10.0.7/32', '10.10.0.20/32')
          .replace(/^(AllowedIPs =) .*$/m, '$1 10.10.0.7/32'),
        'app/etc/nftables.conf': text,
      };
    case 'rule':
    case 'vmap':
    case 'established':
    case 'log-drop':
      return { ...hub, [ruleset]: `table inet mesh {\n${input}\n${chain('forward', `${established}${indented(2)}${log}`)}}\n` };
    default:
      return { ...laptop, 'laptop/etc/nftables.conf': `table inet mesh {\n${indented(1)}\n}\n` };
  }
}

function networkdFiles(prefix: string, text: string): Readonly<Record<string, string>> {
  if (prefix === 'network') return { 'wg0.netdev': inserted('wireguard-networkd', 'netdev'), 'wg0.network': text };
  return { 'wg0.netdev': prefix === 'netdev' ? text : `${inserted('wireguard-networkd', 'netdev')}\n${text}` };
}
