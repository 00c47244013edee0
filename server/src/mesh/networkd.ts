// The files of systemd-networkd that are about one interface: its .netdev has the keys and peers, a .network of its name the addresses.
import type { WrittenPrefix } from '../net/address.ts';
import type { WireguardFacts } from '../wireguard/facts.ts';
import { locationOf } from './location.ts';
import type { MeshFile, MeshInterface } from './model.ts';

/** The addresses that .network files in the same folder give the interface of this .netdev. */
export function addressesOf(uri: string, facts: WireguardFacts, files: readonly MeshFile[]): readonly WrittenPrefix[] {
  const name = facts.dialect === 'networkd' ? facts.device?.name : null;
  if (!name) return [];
  const { folder } = locationOf(uri);
  return files.flatMap((other) => {
    if (other.facts.language !== 'wireguard' || other.facts.dialect !== 'networkd' || other.facts.device?.tunnel !== false) return [];
    const matches = other.facts.device.match.some((pattern) => matchesName(pattern, name));
    return matches && locationOf(other.uri).folder === folder ? other.facts.interface.addresses.map(({ value }) => value) : [];
  });
}

/** fnmatch(3) as far as names of interfaces use it; `!NAME` matches none by itself. */
function matchesName(pattern: string, name: string): boolean {
  if (pattern.startsWith('!')) return false;
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === name;
  if (!name.startsWith(parts[0] as string) || !name.endsWith(parts[parts.length - 1] as string)) return false;
  let at = 0;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

/** Whether the interface has drop-ins here (`wg0.netdev.d/*.conf`), or is one: then no file says alone what it is. */
export function dropInPeers({ uri, facts }: MeshInterface, files: readonly MeshFile[]): boolean {
  if (facts.dialect !== 'networkd') return false;
  const { folder } = locationOf(uri);
  if (/\.netdev\.d$/.test(folder)) return true;
  return files.some((other) => other.uri.startsWith(`${uri}.d/`));
}
