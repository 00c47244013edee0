// Two keys for one host: a rotation that somebody began and did not end.
import { entriesOf } from '../../mesh/entries.ts';
import type { MeshInterface, Peer } from '../../mesh/model.ts';
import { addressText, firstOf, isHost, masked, prefixKey } from '../../net/address.ts';
import { hub, laptopPeer, OTHER } from '../example-mesh.ts';
import type { InterfaceRule } from '../rule.ts';

export const rotationOpen: InterfaceRule = {
  id: 'mesh/rotation-open',
  severity: 'warning',
  scope: 'interface',
  docs: {
    summary: 'The old and the new key of one host are both in the config.',
    why: [
      'A key is changed in two steps: the new peer goes in, and once it has shaken hands the old one goes out. As long as both are there, who has the old key can still connect; and an address can belong to one of them only, so that which key has it depends on the order of the blocks.',
      '',
      'Told where two peers of one interface have the very same addresses and the same name, or where a host’s own file has one of the two keys. It stands in place of `mesh/allowed-ips-overlap` there. Remove the old peer, here and with `wg set wg0 peer OLD-KEY remove`.',
    ].join('\n'),
    examples: [{ bad: hub({ peers: `${laptopPeer}\n${laptopPeer.replace(/PublicKey = .*/, `PublicKey = ${OTHER}`)}` }), good: hub() }],
  },

  check(node, _model, report) {
    for (const [old, now] of pairs(node)) {
      const address = old.facts.allowedIps.map(({ value }) => masked(value)).find(isHost);
      if (!address || !old.facts.publicKey) continue;
      const shown = addressText(firstOf(address));
      // the last one written has the addresses, whichever of the two is newer
      const current = old.remote ? 'The key above it is the one in the host’s own file. ' : '';
      report({
        uri: node.uri,
        at: now.facts.at,
        message: `${now.label} is here a second time, with the same addresses and another key: this one, ${short(now)}, has ${shown} now, and ${short(old)} can still connect. ${current}Once the new key has shaken hands, remove the old peer.`,
        related: [{ uri: node.uri, ...old.facts.at, message: `${short(old)} is here` }],
      });
    }
  },
};

function short(peer: Peer): string {
  const { publicKey, publicKeyIsSecret } = peer.facts;
  return publicKey?.value && !publicKeyIsSecret ? `key ${publicKey.value.slice(0, 6)}…` : 'the other key';
}

/** Whether two peers of an interface are one host with two keys. */
export function rotates(node: MeshInterface, a: Peer, b: Peer): boolean {
  return pairs(node).some(([old, now]) => (old === a && now === b) || (old === b && now === a));
}

const none: readonly (readonly [Peer, Peer])[] = [];
const found = new WeakMap<MeshInterface, readonly (readonly [Peer, Peer])[]>();

/** Peers with the very same single addresses, the earlier one first. */
function pairs(node: MeshInterface): readonly (readonly [Peer, Peer])[] {
  if (!entriesOf(node.facts).repeated) return none;
  let result = found.get(node);
  if (!result) {
    const made: (readonly [Peer, Peer])[] = [];
    const byAddresses = new Map<string, Peer>();
    for (const peer of node.peers) {
      const prefixes = peer.facts.allowedIps.map(({ value }) => masked(value));
      if (!peer.facts.publicKey?.value || prefixes.length === 0 || !prefixes.every(isHost)) continue;
      const key = prefixes.map(prefixKey).sort().join(' ');
      const before = byAddresses.get(key);
      if (before && before.facts.publicKey?.value !== peer.facts.publicKey.value && sameHost(before, peer)) made.push([before, peer]);
      byAddresses.set(key, peer);
    }
    result = made;
    found.set(node, made);
  }
  return result;
}

function sameHost(a: Peer, b: Peer): boolean {
  if (a.remote && b.remote) return false;
  if (a.facts.name && b.facts.name) return plain(a.facts.name) === plain(b.facts.name);
  const known = a.remote ?? b.remote;
  const prefixes = (a.remote ? b : a).facts.allowedIps.map(({ value }) => masked(value));
  return (
    known !== null &&
    prefixes.every((prefix) => known.addresses.some((own) => own.version === prefix.version && own.value === prefix.first))
  );
}

/** A name without what people add to tell an old key from a new one. */
function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/\b(?:(?:old|new) key|old|new|previous|next|v?\d{4}-\d\d(?:-\d\d)?)\b/g, '')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

/** Whether a peer is one of two keys of a host. */
export function rotatesAny(node: MeshInterface, peer: Peer): boolean {
  return pairs(node).some(([old, now]) => old === peer || now === peer);
}
