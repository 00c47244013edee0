// Which files are ours, by name, and where the name leaves it open, by how they begin. Somebody else's .conf, .network or .nmconnection
// never is.
import type { Language } from '../text/source-file.ts';
import { isTemplateName, withoutControl } from '../wireguard/dialects/template.ts';

/** Files to look at in a workspace, as glob patterns of the Language Server Protocol. */
export const watchedGlobs: readonly string[] = [
  '**/*.{conf,nft,nftables,pub,publickey,netdev,network,nmconnection}',
  '**/*.conf.{j2,jinja,jinja2,tmpl,tpl,tftpl,template,erb,epp,mustache,hbs,in}',
  '**/{publickey,public.key,pubkey}',
  '**/meshwarden.jsonc',
];

/** Larger files are told and left alone: no config or ruleset that people write is so large. */
export const FILE_LIMIT = 16 * 1024 * 1024;

/** The workspace file: levels of rules, and what is known of hosts. */
export const POLICY_NAME = 'meshwarden.jsonc';

/** The language that a file's path tells; `maybe` where its beginning must be looked at. */
export function languageOfPath(path: string): Language | 'maybe' | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === POLICY_NAME) return 'policy';
  if (/\.(nft|nftables)$/i.test(name) || name === 'nftables.conf') return 'nftables';
  const plain = isTemplateName(name) ? name.replace(/\.[^.]*$/, '') : name;
  if (/\.conf$/i.test(plain)) {
    // drop-ins of network managers lie in folders named for what they are about: wg0.netdev.d, 10-wg.network.d
    if (/\.(netdev|network)\.d\/[^/]*$/i.test(path)) return 'maybe';
    if (/^wg(?!et)[^/]*$/i.test(plain)) return 'wireguard';
    if (/\/(wireguard|amneziawg)\//i.test(path)) return 'wireguard';
    if (/\/nftables(\.d)?\/[^/]*$/i.test(path) && plain === name) return 'nftables';
    return 'maybe';
  }
  if (/\.(netdev|network|nmconnection)$/i.test(name)) return 'maybe';
  if (/\.(pub|publickey)$/i.test(name) || /^(publickey|public\.key|pubkey)$/i.test(name)) return 'public-key';
  return null;
}

/** How much of a file is looked at to tell what it is. */
const BEGINNING = 8192;

/** The language of a text whose name leaves it open: a first section that is WireGuard's, or nft in the first line. */
export function languageOfText(text: string): Language | null {
  if (/^#!.*\bnft\b/.test(text)) return 'nftables';
  const beginning = withoutControl(text.slice(0, BEGINNING).replace(/^\ufeff/, ''));
  const first = /^[ \t]*([^\s#;].*)$/m.exec(beginning)?.[1] ?? '';
  if (/^\[\s*(interface|peer)\s*\]/i.test(first)) return 'wireguard';
  if (/^\[WireGuard(Peer)?\]/.test(first)) return 'networkd';
  if (/^\[NetDev\]/.test(first))
    return /^[ \t]*Kind[ \t]*=[ \t]*wireguard[ \t]*$/m.test(beginning) || /^[ \t]*\[WireGuard(Peer)?\]/m.test(beginning)
      ? 'networkd'
      : null;
  // a .network file has a [Match] that names interfaces; a network of containers has not
  if (/^\[Match\]/.test(first))
    return /^[ \t]*Name[ \t]*=/m.test(beginning) && /^[ \t]*\[(Network|Address)\]/m.test(beginning) ? 'networkd' : null;
  if (/^\[connection\]/.test(first)) return /^[ \t]*type[ \t]*=[ \t]*wireguard[ \t]*$/m.test(beginning) ? 'networkmanager' : null;
  return null;
}

/** Whether it is no text at all: a NUL byte near the beginning. */
export function looksBinary(text: string): boolean {
  return text.slice(0, BEGINNING).includes('\0');
}
