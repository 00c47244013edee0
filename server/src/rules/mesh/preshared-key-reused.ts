// One preshared key for several links.
import type { InterfaceRecord, MeshRecord, PeerRecord } from '../../mesh/record.ts';
import { counted } from '../../text/words.ts';
import { databasePeer, hub, laptopPeer } from '../example-mesh.ts';
import type { MeshRule } from '../rule.ts';

const KEY = 'qL5AMDXrKJUJJUtf19JXou9uHRQPiygLj3QqxMEPuTU=';
const both = (text: string): string =>
  text
    .replaceAll('AllowedIPs', '# meshwarden: allow wireguard/inline-preshared-key -- a test’s key\nPresharedKey = KEY\nAllowedIPs')
    .replace(/ peer \S+ preshared-key \S+/g, '');

export const presharedKeyReused: MeshRule = {
  id: 'mesh/preshared-key-reused',
  severity: 'warning',
  scope: 'mesh',
  docs: {
    summary: 'One preshared key is used for several links.',
    why: 'A preshared key is a secret of two hosts. Where three or more have the same one, each of them can read it off its own disk, and whoever takes one host has the key of all the others’ links. Make one for each pair (`wg genpsk`).',
    examples: [
      {
        bad: both(hub({ peers: `${laptopPeer}\n${databasePeer}` })).replaceAll('KEY\n', `${KEY}\n`),
        good: hub({ peers: `${laptopPeer}\n${databasePeer}` }),
      },
    ],
  },

  check({ record }, _model, report) {
    for (const uses of usesByKey(record).values()) {
      const links = new Set(uses.map(({ link }) => link));
      if (links.size < 2) continue;
      const told = new Set<string>();
      for (const { uri, peer, link } of uses) {
        // one line of a file stands for all of them: forty peers with one key are one mistake
        if (told.has(uri)) continue;
        told.add(uri);
        const at = peer.facts.presharedKey?.at;
        const other = uses.find((one) => one.link !== link);
        const place = other?.peer.facts.presharedKey?.at;
        if (!at || !other || !place) continue;
        report({
          uri,
          at,
          message: `${counted(links.size, 'link')} have this preshared key: whoever takes one of their hosts has the key of all. Make one for each pair of hosts (wg genpsk).`,
          related: [{ uri: other.uri, ...place, message: `the same key, for ${other.peer.label}` }],
        });
      }
    }
  },
};

interface Use {
  readonly uri: string;
  readonly peer: PeerRecord;
  /** Equal for equal keys. */
  readonly print: string;
  /** The same for both ends of a link. */
  readonly link: string;
}

function usesByKey({ members }: MeshRecord): ReadonlyMap<string, readonly Use[]> {
  const uses = new Map<string, Use[]>();
  for (const member of members) {
    for (const use of usesIn(member)) {
      const list = uses.get(use.print);
      if (list) list.push(use);
      else uses.set(use.print, [use]);
    }
  }
  return uses;
}

const kept = new WeakMap<InterfaceRecord, readonly Use[]>();

function usesIn(record: InterfaceRecord): readonly Use[] {
  let found = kept.get(record);
  if (!found) {
    const { uri, publicKey } = record.party.own;
    found = record.peers.flatMap((peer): Use[] => {
      const { presharedKey, publicKey: theirs } = peer.facts;
      const print = presharedKey?.value.zero ? null : presharedKey?.value.fingerprint;
      if (!print || !theirs?.value) return [];
      // two files of one unknown key and one peer: whether they are one end or two cannot be told
      return [{ uri, peer, print, link: [publicKey ?? uri, theirs.value].sort().join(' ') }];
    });
    kept.set(record, found);
  }
  return found;
}
