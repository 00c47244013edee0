// What a config's peers look like as a whole: asked by several rules of thousands of peers at each edit, so kept with the facts.
import { isHost, masked, type Prefix, prefixId } from '../net/address.ts';
import type { WireguardFacts } from '../wireguard/facts.ts';
import type { PeerFacts } from '../wireguard/peer-facts.ts';
import { repeatsKey } from './peer-index.ts';

export interface Entries {
  /** Two entries are for the same prefix. */
  readonly repeated: boolean;
  /** An entry is for more than one host. */
  readonly wide: boolean;
  /** Two peers have the same public key. */
  readonly sharedKey: boolean;
  /** Some peer has no public key, or a secret for one; has a preshared key; has a keepalive. */
  readonly keyless: boolean;
  readonly secretAsKey: boolean;
  readonly presharedKey: boolean;
  readonly keepalive: boolean;
}

const known = new WeakMap<WireguardFacts, Entries>();

export function entriesOf(facts: WireguardFacts): Entries {
  let found = known.get(facts);
  if (!found) {
    found = entriesIn(facts);
    known.set(facts, found);
  }
  return found;
}

function entriesIn({ peers }: WireguardFacts): Entries {
  // whether two of many are the same is told by their order, without a table of them
  const hosts: number[] = [];
  const others: Prefix[] = [];
  divide(peers, hosts, others);
  const repeated = isRepeated(Float64Array.from(hosts).sort()) || new Set(others.map(prefixId)).size < others.length;
  return { repeated, wide: others.some((prefix) => !isHost(prefix)), sharedKey: repeatsKey(peers), ...saidBySome(peers) };
}

/** The entries for one IPv4 address as numbers, and all others. */
function divide(peers: readonly PeerFacts[], hosts: number[], others: Prefix[]): void {
  for (let i = 0; i < peers.length; i++) {
    for (const { value } of (peers[i] as PeerFacts).allowedIps) {
      if (value.address.version === 4 && value.length === 32) hosts.push(value.address.value);
      else others.push(masked(value));
    }
  }
}

function saidBySome(peers: readonly PeerFacts[]): Pick<Entries, 'keyless' | 'secretAsKey' | 'presharedKey' | 'keepalive'> {
  const some = { keyless: false, secretAsKey: false, presharedKey: false, keepalive: false };
  for (let i = 0; i < peers.length; i++) {
    const peer = peers[i] as PeerFacts;
    if (peer.publicKey === null) some.keyless = true;
    if (peer.publicKeyIsSecret) some.secretAsKey = true;
    if (peer.presharedKey !== null) some.presharedKey = true;
    if (peer.keepalive !== null) some.keepalive = true;
  }
  return some;
}

function isRepeated(sorted: Float64Array): boolean {
  for (let i = 1; i < sorted.length; i++) if (sorted[i] === sorted[i - 1]) return true;
  return false;
}
