// What a config's AllowedIPs look like as a whole: asked by several rules of thousands of peers at each edit, so kept with the facts.
import { isHost, masked, prefixKey } from '../net/address.ts';
import type { WireguardFacts } from '../wireguard/facts.ts';

export interface Entries {
  /** Two entries are for the same prefix. */
  readonly repeated: boolean;
  /** An entry is for more than one host. */
  readonly wide: boolean;
}

const known = new WeakMap<WireguardFacts, Entries>();

export function entriesOf(facts: WireguardFacts): Entries {
  let found = known.get(facts);
  if (!found) {
    const seen = new Set<string>();
    let repeated = false;
    let wide = false;
    for (const { allowedIps } of facts.peers) {
      for (const { value } of allowedIps) {
        const prefix = masked(value);
        const key = prefixKey(prefix);
        repeated ||= seen.has(key);
        wide ||= !isHost(prefix);
        seen.add(key);
      }
    }
    found = { repeated, wide };
    known.set(facts, found);
  }
  return found;
}
