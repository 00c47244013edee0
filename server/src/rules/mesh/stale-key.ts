// A key that is in use for longer than somebody wants.
import type { InterfaceRecord } from '../../mesh/record.ts';
import type { Origin } from '../../text/origin.ts';
import { hub, laptop } from '../example-mesh.ts';
import type { MeshRule } from '../rule.ts';

const mesh = (mark: string): string => `-- ${mark}hub/wg0.conf --\n${hub()}-- laptop/wg0.conf --\n${laptop()}`;

export const staleKey: MeshRule = {
  id: 'mesh/stale-key',
  severity: 'warning',
  scope: 'mesh',
  docs: {
    summary: 'A key is older than the setting allows.',
    why: [
      'WireGuard never changes a host’s key by itself: whoever copied it once, from a backup or a lost laptop, can be that host until somebody makes a new one.',
      '',
      'How old a key is, git’s history tells: the commit from which a file of the mesh has had it without a break. Off until `meshwarden.keyMaxAge` says a number of days. Git’s own files are read for it, never more than 5,000 commits, and git is not run. Keys that no commit has are of no known age.',
      '',
      'To rotate one, make it on its host (`wg genkey`), list the new public key beside the old one at the peers, load it, and take the old one out once the new one has shaken hands: `mesh/rotation-open` reminds of that.',
    ].join('\n'),
    examples: [{ bad: mesh('old:'), good: mesh('') }],
  },

  check({ record: { members } }, _model, report) {
    const since = oldKeys(members);
    if (since.size === 0) return;
    for (const [key, day] of since) {
      const place = placeOf(key, members);
      if (!place) continue;
      const { own, label, ...at } = place;
      report({
        uri: at.uri,
        at,
        message: `${own ? 'This host' : label} has had this key since ${day}, which is longer than meshwarden.keyMaxAge allows: whoever copied it can be ${own ? 'this host' : label} still. Make a new one there (wg genkey), and list it at the peers.`,
      });
    }
  },
};

/** The keys that a file of the mesh has had for too long, with the day of the first that did. */
function oldKeys(members: readonly InterfaceRecord[]): ReadonlyMap<string, string> {
  const since = new Map<string, string>();
  for (const { party } of members) {
    for (const { key, since: day } of party.own.disk?.oldKeys ?? []) {
      const before = since.get(key);
      if (before === undefined || day < before) since.set(key, day);
    }
  }
  return since;
}

type KeyPlace = Origin & { readonly own: boolean; readonly label: string };

/** Where the key is the host’s own; else the first entry that names it. */
function placeOf(key: string, members: readonly InterfaceRecord[]): KeyPlace | null {
  for (const { party } of members) {
    if (party.own.publicKey !== key) continue;
    const { privateKey, statedPublicKey, at } = party.own.facts;
    const place = privateKey?.at ?? statedPublicKey?.at ?? at;
    if (place) return { uri: party.own.uri, ...place, own: true, label: '' };
  }
  for (const { party, peers } of members) {
    for (const { facts, label } of peers) {
      if (facts.publicKey?.value === key && !facts.publicKeyIsSecret)
        return { uri: party.own.uri, ...facts.publicKey.at, own: false, label };
    }
  }
  return null;
}
