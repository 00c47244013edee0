// What an interface holds once wg has loaded a config: one peer a key, each prefix with one owner. Names of hosts are left as they are.
import { type Address, hostBits, masked, type Prefix, prefixId, prefixOf } from '../net/address.ts';
import { numericHost } from '../net/numeric-host.ts';
import type { Place } from '../text/origin.ts';
import type { PeerFacts, WireguardFacts } from './facts.ts';
import type { LineFact } from './line-facts.ts';

export interface LoadedPeer {
  readonly publicKey: string;
  readonly presharedKey: boolean;
  /** `address` is null where the host is a name. */
  readonly endpoint: { readonly host: string; readonly address: Address | null; readonly port: number | null } | null;
  readonly allowedIps: readonly Prefix[];
  /** Seconds; 0 for none. */
  readonly keepalive: number;
}

export interface LoadedInterface {
  readonly publicKey: string | null;
  /** 0 for one that is chosen at each start. */
  readonly listenPort: number;
  readonly fwmark: number;
  readonly peers: readonly LoadedPeer[];
}

type Building = { -readonly [K in Exclude<keyof LoadedPeer, 'allowedIps'>]: LoadedPeer[K] };

/** The interface of a config that wg takes, as `wg show` would print it after `wg setconf` on a new device. */
export function loadedInterface(facts: WireguardFacts): LoadedInterface {
  const { privateKey, listenPort, fwmark } = facts.interface;
  const publicKey = privateKey?.value.publicKey ?? null;
  const peers = new Map<string, Building>();
  // one owner a prefix: who writes it last (allowedips.c, add)
  const owners = new Map<number | string, { readonly prefix: Prefix; readonly key: string }>();
  for (const block of facts.peers) {
    const key = block.publicKey?.value;
    // netlink.c, set_peer: a peer with the interface's own key is passed over
    if (!key || key === publicKey) continue;
    let peer = peers.get(key);
    if (!peer) {
      peer = { publicKey: key, presharedKey: false, endpoint: null, keepalive: 0 };
      peers.set(key, peer);
    } else if (replacesAllowedIps(facts.lines, block)) {
      for (const [prefix, owner] of owners) if (owner.key === key) owners.delete(prefix);
    }
    // what a later block leaves out stays (config.c: WGPEER_HAS_… flags)
    if (block.presharedKey) peer.presharedKey = !block.presharedKey.value.zero;
    if (block.keepalive) peer.keepalive = block.keepalive.value ?? 0;
    if (block.endpoint) {
      const { host, port } = block.endpoint.value;
      peer.endpoint = { host, address: numericHost(host), port };
    }
    for (const { prefix, removes } of allowedIpsOf(facts.lines, block)) {
      if (!removes) owners.set(prefixId(prefix), { prefix, key });
      else if (owners.get(prefixId(prefix))?.key === key) owners.delete(prefixId(prefix));
    }
  }
  const owned = new Map<string, Prefix[]>();
  for (const { prefix, key } of owners.values()) (owned.get(key) ?? owned.set(key, []).get(key))?.push(prefix);
  return {
    publicKey,
    listenPort: listenPort?.value ?? 0,
    fwmark: fwmark?.value ?? 0,
    peers: [...peers.values()].map((peer) => ({ ...peer, allowedIps: owned.get(peer.publicKey) ?? [] })),
  };
}

type AllowedIpsLine = LineFact & { readonly kind: 'allowed-ips' | 'addresses' };

function linesOf(lines: readonly LineFact[], block: PeerFacts): readonly AllowedIpsLine[] {
  const found: AllowedIpsLine[] = [];
  for (let i = block.at.statement + 1; i < lines.length; i++) {
    const line = lines[i];
    if (!line || line.kind === 'section') break;
    if (line.kind === 'allowed-ips') found.push(line as AllowedIpsLine);
  }
  return found;
}

/** Of a second block of one peer: config.c: each AllowedIPs line asks for replacement anew, and a sign in it takes that back (parse_ip_prefix). */
export function replacesAllowedIps(lines: readonly LineFact[], block: PeerFacts): boolean {
  const last = linesOf(lines, block).at(-1);
  return !last || !/[+-]/.test(last.signs);
}

export interface AllowedIp {
  readonly prefix: Prefix;
  /** Written with a `-`. */
  readonly removes: boolean;
  readonly at: Place;
}

/** The entries of a block, as they stand. */
export function allowedIpsOf(lines: readonly LineFact[], block: PeerFacts): readonly AllowedIp[] {
  const found: AllowedIp[] = [];
  for (let statement = block.at.statement + 1; statement < lines.length; statement++) {
    const line = lines[statement];
    if (!line || line.kind === 'section') break;
    if (line.kind !== 'allowed-ips') continue;
    line.items.forEach((written, i) => {
      if (!written) return;
      const prefix = written.explicit ? masked(written) : prefixOf(written.address, hostBits(written.address));
      found.push({ prefix, removes: line.signs[i] === '-', at: { statement, item: i + 1 } });
    });
  }
  return found;
}
