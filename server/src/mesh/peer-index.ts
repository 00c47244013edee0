// A config's entries by public key: asked at each edit for thousands, so kept with the entries.
import type { PeerFacts } from '../wireguard/peer-facts.ts';

interface PeerIndex {
  /** The place of the first entry with the key. */
  readonly first: ReadonlyMap<string, number>;
  /** Whether two entries have one key. */
  readonly repeated: boolean;
}

const kept = new WeakMap<readonly PeerFacts[], PeerIndex>();

function indexOf(peers: readonly PeerFacts[]): PeerIndex {
  let found = kept.get(peers);
  if (!found) {
    const first = new Map<string, number>();
    found = { first, repeated: fill(first, peers) > first.size };
    kept.set(peers, found);
  }
  return found;
}

/** From the last to the first, so that of equal keys the first one stays; how many entries have a key. */
function fill(first: Map<string, number>, peers: readonly PeerFacts[]): number {
  let count = 0;
  for (let index = peers.length - 1; index >= 0; index--) {
    const key = peers[index]?.publicKey?.value;
    if (!key) continue;
    first.set(key, index);
    count++;
  }
  return count;
}

/** The first entry with a key, -1 where there is none. */
export function entryOf(peers: readonly PeerFacts[], key: string): number {
  return indexOf(peers).first.get(key) ?? -1;
}

/** The places of all entries with a key. */
export function entriesWith(peers: readonly PeerFacts[], key: string): readonly number[] {
  const { first, repeated } = indexOf(peers);
  const index = first.get(key);
  if (index === undefined) return [];
  return repeated ? peers.flatMap(({ publicKey }, i) => (publicKey?.value === key ? [i] : [])) : [index];
}

/** Whether two entries have one key. */
export function repeatsKey(peers: readonly PeerFacts[]): boolean {
  return indexOf(peers).repeated;
}

/** Whether an entry has one of the keys. */
export function names(peers: readonly PeerFacts[], keys: ReadonlySet<string>): boolean {
  const { first } = indexOf(peers);
  for (const key of keys) if (first.has(key)) return true;
  return false;
}
