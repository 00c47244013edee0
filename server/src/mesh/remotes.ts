// Which interface each peer stands for. Keys prove it; where there are none, addresses may, in one folder.
import { isHost, masked, sameAddress } from '../net/address.ts';
import type { WireguardFacts } from '../wireguard/facts.ts';
import type { PeerFacts } from '../wireguard/peer-facts.ts';
import type { Own } from './record.ts';

/** For each entry of an interface the URI of the interface that it stands for; null where nothing proves one. */
export type Remotes = readonly (string | null)[];

export interface Identified {
  readonly own: Own;
  readonly facts: WireguardFacts;
  /** As keys alone prove it. */
  readonly keyed: Remotes;
  readonly remotes: Remotes;
}

/** The URIs of the interfaces that have a public key, in the order of the files. */
export type ByKey = ReadonlyMap<string, readonly string[]>;

export function interfacesByKey(interfaces: readonly Own[]): ByKey {
  const byKey = new Map<string, string[]>();
  for (const { uri, publicKey } of interfaces) {
    if (!publicKey) continue;
    const list = byKey.get(publicKey);
    if (list) list.push(uri);
    else byKey.set(publicKey, [uri]);
  }
  return byKey;
}

export function keyedRemotes(uri: string, peers: readonly PeerFacts[], byKey: ByKey): Remotes {
  return peers.map(({ publicKey }) => {
    const found = publicKey?.value ? byKey.get(publicKey.value) : undefined;
    // a key in two files proves nothing about which of them is meant
    const [only] = found?.length === 1 ? found : [];
    return only !== undefined && only !== uri ? only : null;
  });
}

/** A folder with more is no collection of hosts of which each is proved by its addresses. */
const MOST = 64;

/** The interfaces of one folder, with what addresses prove: where of two a key is unknown, each names the other’s address alone. */
export function linkedByAddress(folder: readonly Identified[]): readonly Identified[] {
  const proves = folder.length >= 2 && folder.length <= MOST && folder.some(({ own }) => !own.publicKey);
  return folder.map((one) => {
    const proved = proves ? one.facts.peers.map((peer, i) => one.keyed[i] ?? provedByAddress(one, peer, folder)) : one.keyed;
    const remotes = sameRemotes(proved, one.keyed) ? one.keyed : sameRemotes(proved, one.remotes) ? one.remotes : proved;
    return remotes === one.remotes ? one : { ...one, remotes };
  });
}

function provedByAddress({ own }: Identified, peer: PeerFacts, folder: readonly Identified[]): string | null {
  const candidates = folder.filter(
    ({ own: other, facts: theirs }) =>
      other !== own &&
      (!other.publicKey || !own.publicKey) &&
      agrees(peer, other) &&
      namesAlone(peer, other) &&
      theirs.peers.some((back) => agrees(back, own) && namesAlone(back, own)),
  );
  const [only] = candidates;
  return candidates.length === 1 && only ? only.own.uri : null;
}

/** Whether what is known of the keys does not speak against `peer` being that interface. */
function agrees(peer: PeerFacts, { publicKey }: Own): boolean {
  return !publicKey || !peer.publicKey?.value || peer.publicKey.value === publicKey;
}

function namesAlone(peer: PeerFacts, { addresses }: Own): boolean {
  return peer.allowedIps.some(({ value }) => isHost(masked(value)) && addresses.some((address) => sameAddress(address, value.address)));
}

export function sameRemotes(a: Remotes, b: Remotes): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
