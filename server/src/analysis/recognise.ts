// Which files are ours, by name, and where the name leaves it open, by how they begin.
import type { Language } from '../text/source-file.ts';

/** Files to look at in a workspace, as glob patterns of the Language Server Protocol. */
export const watchedGlobs: readonly string[] = [
  '**/*.{conf,nft,nftables,pub,publickey}',
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
  if (/\.conf$/i.test(name)) {
    if (/^wg[^/]*$/i.test(name)) return 'wireguard';
    if (/\/(wireguard|amneziawg)\//i.test(path)) return 'wireguard';
    if (/\/nftables(\.d)?\/[^/]*$/i.test(path)) return 'nftables';
    return 'maybe';
  }
  if (/\.(pub|publickey)$/i.test(name) || /^(publickey|public\.key|pubkey)$/i.test(name)) return 'public-key';
  return null;
}

/** The language of a text whose name leaves it open: a first section that is WireGuard's, or nft in the first line. */
export function languageOfText(text: string): Language | null {
  if (/^#!.*\bnft\b/.test(text)) return 'nftables';
  const first = /^[ \t]*([^\s#;].*)$/m.exec(text.slice(0, 8192).replace(/^\ufeff/, ''))?.[1] ?? '';
  if (/^\[\s*(interface|peer)\s*\]/i.test(first)) return 'wireguard';
  return null;
}

/** Whether it is no text at all: a NUL byte near the beginning. */
export function looksBinary(text: string): boolean {
  return text.slice(0, 8192).includes('\0');
}
