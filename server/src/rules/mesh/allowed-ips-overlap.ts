// Two peers of one interface claim the same addresses.
import { insideOwnNetwork, isHubSide } from '../../mesh/addresses.ts';
import { entriesOf } from '../../mesh/entries.ts';
import type { MeshInterface, Peer } from '../../mesh/model.ts';
import { isHost, masked, type Prefix, prefixId, prefixText, prefixWithin } from '../../net/address.ts';
import type { Fix } from '../../text/edit.ts';
import type { Place } from '../../text/origin.ts';
import { counted, listed } from '../../text/words.ts';
import { withoutItem } from '../allowed-ips-edits.ts';
import type { InterfaceRule, Report } from '../rule.ts';
import { narrowingFixes } from '../wireguard/narrow.ts';
import { rotates } from './rotation-open.ts';

interface Entry {
  readonly peer: Peer;
  readonly prefix: Prefix;
  readonly at: Place;
}

export const allowedIpsOverlap: InterfaceRule = {
  id: 'mesh/allowed-ips-overlap',
  severity: 'error',
  scope: 'interface',
  docs: {
    summary: 'Two peers of one interface claim the same addresses.',
    why: [
      'A prefix has one owner. Where two peers list the same one, the last written takes it and the other’s line is as if it were not there, without a word: the first peer’s packets are dropped.',
      '',
      'Nested prefixes are different: the longer one owns its addresses, the shorter one the rest. That is often meant, and told as information where the shorter one is a routed network.',
    ].join('\n'),
    examples: [
      {
        bad: `[Interface]
Address = 10.10.0.1/24
ListenPort = 51820
PostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /etc/wireguard/old-laptop.psk
PostUp = wg set %i peer Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c= preshared-key /etc/wireguard/new-laptop.psk

# old laptop
[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.7/32, 10.10.0.8/32

# new laptop
[Peer]
PublicKey = Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c=
AllowedIPs = 10.10.0.7/32
`,
        good: `[Interface]
Address = 10.10.0.1/24
ListenPort = 51820
PostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /etc/wireguard/old-laptop.psk
PostUp = wg set %i peer Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c= preshared-key /etc/wireguard/new-laptop.psk

# old laptop
[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.8/32

# new laptop
[Peer]
PublicKey = Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c=
AllowedIPs = 10.10.0.7/32
`,
      },
    ],
  },

  check(node, _model, report) {
    const { repeated, wide } = entriesOf(node.facts);
    if (!repeated && !wide) return;
    const entries: Entry[] = node.peers.flatMap((peer) =>
      peer.facts.allowedIps.map(({ value, at }) => ({ peer, prefix: masked(value), at })),
    );
    const last = new Map<number | string, Entry>();
    for (const entry of entries) last.set(prefixId(entry.prefix), entry);
    for (const entry of entries) {
      const winner = last.get(prefixId(entry.prefix)) as Entry;
      if (samePeer(winner.peer, entry.peer) || rotates(node, entry.peer, winner.peer)) continue;
      report(lost(node, entry, winner));
    }
    nested(node, entries, last, report);
  },

  fix(finding, context): readonly Fix[] {
    const narrowed = narrowingFixes(finding, context).filter(({ evident }) => evident);
    if (narrowed.length > 0) return narrowed;
    const span = finding.span;
    if (!span || finding.severity !== 'error') return [];
    const cut = withoutItem(context.text(finding.uri), span);
    return [{ title: 'Remove this entry, which has no effect', safety: 'safe', edits: [{ uri: finding.uri, span: cut, text: '' }] }];
  },
};

/** The same key twice is one peer, whose later block replaces the earlier one: another matter. */
function samePeer(a: Peer, b: Peer): boolean {
  return a === b || (a.facts.publicKey?.value != null && a.facts.publicKey.value === b.facts.publicKey?.value);
}

function lost(node: MeshInterface, entry: Entry, winner: Entry): Report {
  const shown = prefixText(entry.prefix);
  return {
    uri: node.uri,
    at: entry.at,
    message: `${shown} is claimed again by ${winner.peer.label} below, which takes it: this entry has no effect, and packets of ${entry.peer.label} from there are dropped.`,
    related: [{ uri: node.uri, ...winner.at, message: `${winner.peer.label} takes ${shown}` }],
  };
}

/** Wide routed entries in which other peers own hosts. Where the entry is wide inside the tunnel's own network, that is told already. */
function nested(
  node: MeshInterface,
  entries: readonly Entry[],
  last: ReadonlyMap<number | string, Entry>,
  report: (finding: Report) => void,
): void {
  const wide = entries.filter(({ prefix }) => !isHost(prefix) && prefix.length > 0 && !(isHubSide(node) && insideOwnNetwork(prefix, node)));
  for (const outer of wide) {
    if (last.get(prefixId(outer.prefix)) !== outer) continue;
    const inner = entries.filter(
      (entry) =>
        !samePeer(entry.peer, outer.peer) &&
        entry.prefix.length > outer.prefix.length &&
        prefixWithin(entry.prefix, outer.prefix) &&
        last.get(prefixId(entry.prefix)) === entry,
    );
    if (inner.length === 0) continue;
    const owners = [...new Set(inner.map(({ peer }) => peer.label))];
    report({
      uri: node.uri,
      at: outer.at,
      severity: 'info',
      message: `${counted(inner.length, 'longer entry', 'longer entries')} in ${prefixText(outer.prefix)} ${inner.length === 1 ? 'belongs' : 'belong'} to ${listed(owners, 'and', 4)}; ${outer.peer.label} has the rest.`,
      related: inner
        .slice(0, 8)
        .map(({ peer, prefix, at }) => ({ uri: node.uri, ...at, message: `${peer.label} has ${prefixText(prefix)}` })),
    });
  }
}
