// An entry for one address, which is another host's.
import { forwardsFor, hostsWith, ownerPlace } from '../../mesh/addresses.ts';
import type { InterfaceRecord, Party, PeerRecord } from '../../mesh/record.ts';
import { type Address, addressText, firstOf, isHost, masked, sameAddress } from '../../net/address.ts';
import type { Fix } from '../../text/edit.ts';
import type { Place } from '../../text/origin.ts';
import { none } from '../../text/statement.ts';
import { listed } from '../../text/words.ts';
import type { PeerFacts } from '../../wireguard/peer-facts.ts';
import { withoutItem } from '../allowed-ips-edits.ts';
import { database, databasePeer, files, HUB, hub, laptop, laptopPeer, OTHER } from '../example-mesh.ts';
import type { InterfaceRule } from '../rule.ts';
import { entryAt } from '../wireguard/narrow.ts';

const backupPeer = `# backup\n[Peer]\nPublicKey = ${OTHER}\nAllowedIPs = 10.10.0.4/32\n`;
const dialled = (peer: string): string => `${peer}Endpoint = 203.0.113.1:51820\nPersistentKeepalive = 25\n`;

/** The database is reached through backup, and the hub has an entry for the laptop. */
const moved = (entry: string): string =>
  files({
    hub: hub({ peers: `${entry}\n${backupPeer}` }),
    laptop: laptop(),
    backup: hub({
      own: 'Address = 10.10.0.4/24\nListenPort = 51820\n',
      peers: `${databasePeer}\n${dialled(`[Peer]\nPublicKey = ${HUB}\nAllowedIPs = 10.10.0.7/32\n`)}`,
    }).replace(/# PublicKey = .*/, `# PublicKey = ${OTHER}`),
    database: database({ peers: dialled(`# backup\n[Peer]\nPublicKey = ${OTHER}\nAllowedIPs = 10.10.0.7/32\n`) }),
  });

export const allowedIpsNotPeer: InterfaceRule = {
  id: 'mesh/allowed-ips-not-peer',
  severity: 'warning',
  scope: 'interface',
  reads: 'mesh',
  docs: {
    summary: 'A peer’s AllowedIPs name a single address that is another host’s.',
    why: [
      'The peer’s own file says which addresses it has, and it forwards for nobody, so this one is not its own: it may send as the host that has it, and gets what is meant for that host. Mostly it is a line that was copied, or an address that moved.',
      '',
      'Nothing is said where the peer’s file is not here, or where it forwards: a spoke’s `AllowedIPs = 10.10.0.30/32` on its *hub* is exactly right. Where two peers of one interface claim the address, `mesh/allowed-ips-overlap` says so. Wide entries are `mesh/impersonation`’s.',
    ].join('\n'),
    examples: [{ bad: moved(laptopPeer.replace('10.10.0.7/32', '10.10.0.7/32, 10.10.0.2/32')), good: moved(laptopPeer) }],
  },

  concerns: (record) => foreignEntries(record).length > 0,

  concernsWith: (record, recordOf) => foreignEntries(record).some(({ remote }) => !forwardsFor(recordOf(remote), record)),

  check(node, _model, report) {
    for (const { entry, address, at } of foreignEntries(node.record)) {
      const peer = node.peers[entry];
      if (!peer?.remote || forwardsFor(peer.remote.record, node.record)) continue;
      const { host: own } = peer.remote;
      const others = hostsWith(node.mesh, address).filter(({ host }) => host !== own);
      if (others.length === 0) continue;
      const names = listed(
        others.map(({ host }) => host.name),
        'and',
        3,
      );
      report({
        uri: node.uri,
        at,
        message: `${addressText(address)} is ${names}’s address, not ${peer.label}’s: ${peer.label} may send as ${names} and gets what is meant for it. Take the entry out.`,
        related: others.flatMap((other) => {
          const index = other.addresses.findIndex((one) => sameAddress(one, address));
          const place = other.own.addresses[index]?.at;
          return place ? [{ uri: other.uri, ...place, message: `${other.host.name} has this address` }] : [];
        }),
      });
    }
  },

  fix(finding, context): readonly Fix[] {
    const entry = entryAt(context, finding);
    const { span, uri } = finding;
    const own = entry?.peer.remote?.addresses ?? [];
    const [only] = own;
    if (!entry || !span) return [];
    const entries = entry.peer.facts.allowedIps.map(({ value }) => masked(value));
    if (entries.length === 1 && own.length === 1 && only)
      return [
        {
          title: `Change to ${addressText(only)}/${only.version === 4 ? 32 : 128} (by its own file)`,
          safety: 'review',
          preferred: true,
          edits: [{ uri, span, text: `${addressText(only)}/${only.version === 4 ? 32 : 128}` }],
        },
      ];
    const edit = { uri, span: withoutItem(context.text(uri), span), text: '' };
    return [{ title: 'Take this entry out, the address is another host’s', safety: 'review', preferred: true, edits: [edit] }];
  },
};

/** An entry for one address that the peer’s host does not have. */
interface ForeignEntry {
  /** The place of the peer. */
  readonly entry: number;
  readonly remote: Party;
  readonly address: Address;
  readonly at: Place;
}

interface Foreign {
  readonly record: InterfaceRecord;
  readonly entries: readonly ForeignEntry[];
}

/** By the peers of an interface: what the other ends say of us is none of it, and is what changes most of a hub. */
const kept = new WeakMap<readonly PeerFacts[], Foreign>();

function foreignEntries(record: InterfaceRecord): readonly ForeignEntry[] {
  const old = kept.get(record.facts.peers);
  if (old?.record === record) return old.entries;
  const entries = old && sameEnds(record.peers, old.record.peers) ? old.entries : foreignIn(record);
  kept.set(record.facts.peers, { record, entries });
  return entries;
}

function foreignIn(record: InterfaceRecord): readonly ForeignEntry[] {
  return record.peers.flatMap((peer, entry) => foreignAt(record, peer, entry));
}

/** Whether each peer stands for the same, and is the same, as before. */
function sameEnds(a: readonly PeerRecord[], b: readonly PeerRecord[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i]?.remote !== b[i]?.remote || a[i]?.statedRole !== b[i]?.statedRole) return false;
  return a.length === b.length;
}

function foreignAt({ facts }: InterfaceRecord, { remote, statedRole, facts: peer }: PeerRecord, entry: number): readonly ForeignEntry[] {
  if (!remote || statedRole === 'hub') return none;
  return peer.allowedIps.flatMap(({ value, at }) => {
    const prefix = masked(value);
    if (!isHost(prefix)) return [];
    const address = firstOf(prefix);
    // of two equal entries the overlap tells
    const owns = !hasAddress(remote, address) && ownerPlace(facts.peers, address) === entry;
    return owns ? [{ entry, remote, address, at }] : [];
  });
}

/** Whether the host has the address, at one of its interfaces. */
function hasAddress({ host }: Party, address: Address): boolean {
  return host.parties.some(({ own }) => own.addresses.some((one) => sameAddress(one, address)));
}
