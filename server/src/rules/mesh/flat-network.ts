// The mesh as a whole: does everyone reach everyone?
import { dropsByDefault } from '../../mesh/filters.ts';
import type { Host, Mesh, MeshInterface, MeshModel, Peer } from '../../mesh/model.ts';
import { type Address, firstOf, isHost, lastOf, masked, type Prefix, prefixText } from '../../net/address.ts';
import type { Place } from '../../text/origin.ts';
import { listed } from '../../text/words.ts';
import { database, databasePeer, files, hub, hubPeer, hubPeerOfDatabase, laptop, laptopPeer, OTHER } from '../example-mesh.ts';
import type { MeshRule } from '../rule.ts';

/** Fewer hosts than this are no mesh that could be flat. */
const FEWEST = 4;
/** The share of pairs from which on “everyone” is the word. */
const SHARE = 0.8;

const wide = (peer: string): string => peer.replace(/AllowedIPs = .*/, 'AllowedIPs = 10.10.0.0/24');
const metricsPeer = `# metrics\n[Peer]\nPublicKey = ${OTHER}\nAllowedIPs = 10.10.0.31/32\n`;
const metrics = (peers: string): string =>
  laptop({ own: 'Address = 10.10.0.31/32\n', peers }).replace(/# PublicKey = .*/, `# PublicKey = ${OTHER}`);
const allow = (text: string): string =>
  text.replace('AllowedIPs =', '# meshwarden: allow wireguard/allowed-ips-too-broad -- this is about the mesh\nAllowedIPs =');

export const flatNetwork: MeshRule = {
  id: 'mesh/flat-network',
  severity: 'warning',
  scope: 'mesh',
  docs: {
    summary: 'In the mesh as a whole nearly every host can reach every other.',
    why: [
      'Then one taken host is all of them: the CI runner reaches the database. AllowedIPs say which addresses a host may talk to at all, the rulesets of the hub and of the hosts which ports; where neither narrows anything, the mesh is one flat network.',
      '',
      `Counted are pairs of hosts of which the first lists the second’s address in an AllowedIPs entry, unless the second drops input by default, or the hub between them drops forwarded packets by default. Told from ${FEWEST} hosts and ${SHARE * 100} % of the pairs on, where entries for more than one host open most of them: at the host with the most peers, with the three lines that open most. A full mesh of single addresses is large, but was written pair by pair.`,
      '',
      '`wireguard/allowed-ips-too-broad` and `mesh/impersonation` speak of each line; this one of the whole.',
    ].join('\n'),
    examples: [
      {
        bad: files({
          hub: hub({ peers: `${laptopPeer}\n${databasePeer}\n${metricsPeer}` }),
          laptop: laptop({ peers: allow(wide(hubPeer)) }),
          database: database({ peers: allow(wide(hubPeerOfDatabase)) }),
          metrics: metrics(allow(wide(hubPeer))),
        }),
        good: files({
          hub: hub({ peers: `${laptopPeer}\n${databasePeer}\n${metricsPeer}` }),
          laptop: laptop(),
          database: database(),
          metrics: metrics(hubPeer),
        }),
      },
    ],
  },

  check(mesh, model, report) {
    const hosts = [...new Set(mesh.interfaces.map(({ host }) => host))];
    if (hosts.length < FEWEST) return;
    const counted = countPairs(mesh, model);
    const all = hosts.length * (hosts.length - 1);
    if (counted.open < all * SHARE || counted.byNetworks * 2 < counted.open) return;
    const center = mesh.interfaces.reduce((most, node) => (node.peers.length > most.peers.length ? node : most));
    const most = [...counted.lines].sort((a, b) => b.pairs - a.pairs).slice(0, 3);
    const shown = most.map(({ node, prefix, pairs }) => `${prefixText(prefix)} at ${node.host.name} (${pairs} pairs)`);
    report({
      uri: center.uri,
      at: center.own.at ?? { statement: 0, item: 0 },
      message: `This mesh of ${hosts.length} hosts is one flat network: ${counted.open} of ${all} pairs can reach each other, so one taken host reaches nearly all. Most is opened by ${listed(shown, 'and', 3)}. List the hosts that each needs, each with /32 or /128, and let the hub’s forward chain drop what no rule accepts.`,
      related: most.map(({ node, prefix, at, peer }) => ({
        uri: node.uri,
        ...at,
        message: `${prefixText(prefix)} through ${peer.label} opens the way to and from all of it`,
      })),
    });
  },
};

interface OpenLine {
  readonly node: MeshInterface;
  readonly peer: Peer;
  readonly prefix: Prefix;
  readonly at: Place;
  readonly pairs: number;
}

/** The pairs of hosts that AllowedIPs and default policies leave open, and how many each line opens. */
function countPairs(
  mesh: Mesh,
  model: MeshModel,
): { readonly open: number; readonly byNetworks: number; readonly lines: readonly OpenLine[] } {
  const closedInput = new Map<Host, boolean>();
  const closedForward = new Map<Host, boolean>();
  const asked = (cache: Map<Host, boolean>, host: Host, hook: 'input' | 'forward'): boolean => {
    const known = cache.get(host);
    if (known !== undefined) return known;
    const answer = dropsByDefault(model, host, hook);
    cache.set(host, answer);
    return answer;
  };
  const holders = sortedAddresses(mesh).filter(({ host }) => !asked(closedInput, host, 'input'));
  const lines: OpenLine[] = [];
  let open = 0;
  let byNetworks = 0;
  for (const node of mesh.interfaces) {
    const reached = new Map<Host, boolean>();
    for (const peer of node.peers) {
      const direct = peer.remote?.host;
      const filtered = direct ? asked(closedForward, direct, 'forward') : false;
      for (const { value, at } of peer.facts.allowedIps) {
        const prefix = masked(value);
        const single = isHost(prefix);
        let pairs = 0;
        for (let i = firstAtOrAfter(holders, firstOf(prefix)); i < holders.length; i++) {
          const { address, host } = holders[i] as Holder;
          if (compare(address, lastOf(prefix)) > 0) break;
          if (host === node.host || (filtered && host !== direct)) continue;
          pairs++;
          if (!reached.has(host)) reached.set(host, single);
        }
        if (pairs > 1) lines.push({ node, peer, prefix, at, pairs });
      }
    }
    open += reached.size;
    for (const single of reached.values()) if (!single) byNetworks++;
  }
  return { open, byNetworks, lines };
}

interface Holder {
  readonly address: Address;
  readonly host: Host;
}

const sorted = new WeakMap<Mesh, readonly Holder[]>();

function sortedAddresses(mesh: Mesh): readonly Holder[] {
  let found = sorted.get(mesh);
  if (!found) {
    found = mesh.interfaces
      .flatMap(({ addresses, host }) => addresses.map((address): Holder => ({ address, host })))
      .sort((a, b) => compare(a.address, b.address));
    sorted.set(mesh, found);
  }
  return found;
}

function compare(a: Address, b: Address): number {
  if (a.version !== b.version) return a.version - b.version;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

function firstAtOrAfter(holders: readonly Holder[], address: Address): number {
  let low = 0;
  let high = holders.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare((holders[middle] as Holder).address, address) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
