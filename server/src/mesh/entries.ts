// What a config's peers look like as a whole: asked by several rules of thousands of peers at each edit, so kept with the facts.
import { isHost, masked, prefixId } from '../net/address.ts';
import type { WireguardFacts } from '../wireguard/facts.ts';

export interface Entries {
  /** Two entries are for the same prefix. */
  readonly repeated: boolean;
  /** An entry is for more than one host. */
  readonly wide: boolean;
  /** Two peers have the same public key. */
  readonly sharedKey: boolean;
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
  const prefixes = new Set<number | string>();
  const keys = new Set<string>();
  let entries = 0;
  let keyed = 0;
  let wide = false;
  for (const { allowedIps, publicKey } of peers) {
    for (const { value } of allowedIps) {
      const prefix = masked(value);
      wide ||= !isHost(prefix);
      prefixes.add(prefixId(prefix));
      entries++;
    }
    if (publicKey?.value) {
      keys.add(publicKey.value);
      keyed++;
    }
  }
  return { repeated: prefixes.size < entries, wide, sharedKey: keys.size < keyed };
}
