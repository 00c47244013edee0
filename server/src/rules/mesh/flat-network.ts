// The mesh as a whole: does everyone reach everyone?
import { dropsByDefault } from '../../mesh/filters.ts';
import type { MeshModel } from '../../mesh/model.ts';
import type { HostRecord, InterfaceRecord, Party, PeerRecord } from '../../mesh/record.ts';
import { type Address, firstOf, isHost, lastOf, masked, type Prefix, prefixText } from '../../net/address.ts';
import type { Place } from '../../text/origin.ts';
import { listed } from '../../text/words.ts';
import type { PeerFacts } from '../../wireguard/peer-facts.ts';
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

  check({ record: { members, parties } }, model, report) {
    if (parties.length < FEWEST) return;
    const state = stateOf(parties, closedHosts(model));
    const { hosts } = state;
    if (hosts < FEWEST) return;
    const ways = waysIn(members, state);
    const all = hosts * (hosts - 1);
    const { open, byNetworks } = summed(ways);
    if (open < all * SHARE || byNetworks * 2 < open) return;
    const center = members.reduce((most, one) => (one.peers.length > most.peers.length ? one : most)).party.own;
    const most = ways
      .flatMap(({ lines }) => lines)
      .sort((a, b) => b.pairs - a.pairs)
      .slice(0, 3);
    const shown = most.map(({ from, prefix, pairs }) => `${prefixText(prefix)} at ${from.host.name} (${pairs} pairs)`);
    report({
      uri: center.uri,
      at: center.facts.at ?? { statement: 0, item: 0 },
      message: `This mesh of ${hosts} hosts is one flat network: ${open} of ${all} pairs can reach each other, so one taken host reaches nearly all. Most is opened by ${listed(shown, 'and', 3)}. List the hosts that each needs, each with /32 or /128, and let the hub’s forward chain drop what no rule accepts.`,
      related: most.map(({ from, prefix, at, peer }) => ({
        uri: from.own.uri,
        ...at,
        message: `${prefixText(prefix)} through ${peer.label} opens the way to and from all of it`,
      })),
    });
  },
};

/** The hosts whose rulesets drop at a hook what no rule accepts. */
interface Closed {
  readonly input: ReadonlySet<HostRecord>;
  readonly forward: ReadonlySet<HostRecord>;
}

const closed = new WeakMap<MeshModel, Closed>();

function closedHosts(model: MeshModel): Closed {
  let found = closed.get(model);
  if (!found) {
    const hosts = [...model.rulesetsOf.keys()];
    const at = (hook: 'input' | 'forward'): ReadonlySet<HostRecord> =>
      new Set(hosts.filter((host) => dropsByDefault(model, host, hook)).map(({ record }) => record));
    found = { input: at('input'), forward: at('forward') };
    closed.set(model, found);
  }
  return found;
}

/** What of a mesh counts for the ways from each of its interfaces. */
interface MeshState {
  /** Those that take what comes to them, by their addresses. */
  readonly holders: readonly Holder[];
  readonly closed: Closed;
  /** How many hosts there are. */
  readonly hosts: number;
  /** The ways that were counted last. */
  last: { readonly members: readonly InterfaceRecord[]; readonly ways: readonly Ways[] } | null;
}

interface Holder {
  readonly address: Address;
  readonly host: HostRecord;
}

const states = new WeakMap<readonly Party[], MeshState>();

/** The same object while it is the same, so that the ways from an interface need not be counted again. */
function stateOf(parties: readonly Party[], { input, forward }: Closed): MeshState {
  const old = states.get(parties);
  if (old && sameHosts(old.closed.input, input) && sameHosts(old.closed.forward, forward)) return old;
  const holders = parties
    .flatMap(({ own, host }) => (input.has(host) ? [] : own.addresses.map((address): Holder => ({ address, host }))))
    .sort((a, b) => compare(a.address, b.address));
  const hosts = new Set(parties.map(({ host }) => host)).size;
  const state: MeshState = { holders, closed: { input, forward }, hosts, last: null };
  states.set(parties, state);
  return state;
}

function sameHosts(a: ReadonlySet<HostRecord>, b: ReadonlySet<HostRecord>): boolean {
  return a.size === b.size && [...a].every((host) => b.has(host));
}

interface OpenLine {
  readonly from: Party;
  readonly peer: PeerRecord;
  readonly prefix: Prefix;
  readonly at: Place;
  readonly pairs: number;
}

/** The hosts that an interface’s AllowedIPs and others’ default policies leave open to it, and how many each line opens. */
interface Ways {
  readonly open: number;
  readonly byNetworks: number;
  readonly lines: readonly OpenLine[];
}

interface Counted {
  readonly party: Party;
  readonly remotes: InterfaceRecord['remotes'];
  readonly state: MeshState;
  readonly ways: Ways;
}

/** By what they are counted from: what the other ends say of the interface is none of it. */
const counted = new WeakMap<readonly PeerFacts[], Counted>();

/** The ways from each interface of a mesh; those of interfaces that were there before are taken from there. */
function waysIn(members: readonly InterfaceRecord[], state: MeshState): readonly Ways[] {
  const { last } = state;
  const ways: Ways[] = [];
  for (let i = 0; i < members.length; i++) {
    const member = members[i] as InterfaceRecord;
    const before = last?.members[i] === member ? last.ways[i] : undefined;
    ways.push(before ?? waysFrom(member, state));
  }
  state.last = { members, ways };
  return ways;
}

function summed(ways: readonly Ways[]): { readonly open: number; readonly byNetworks: number } {
  let open = 0;
  let byNetworks = 0;
  for (let i = 0; i < ways.length; i++) {
    const one = ways[i] as Ways;
    open += one.open;
    byNetworks += one.byNetworks;
  }
  return { open, byNetworks };
}

function waysFrom(record: InterfaceRecord, state: MeshState): Ways {
  const { party, remotes, facts } = record;
  const old = counted.get(facts.peers);
  if (old?.state === state && old.party === party && old.remotes === remotes) return old.ways;
  const ways = countWays(record, state);
  counted.set(facts.peers, { party, remotes, state, ways });
  return ways;
}

function countWays({ party, peers }: InterfaceRecord, { holders, closed: { forward } }: MeshState): Ways {
  const lines: OpenLine[] = [];
  const reached = new Map<HostRecord, boolean>();
  for (const peer of peers) {
    const direct = peer.remote?.host;
    const filtered = direct !== undefined && forward.has(direct);
    for (const { value, at } of peer.facts.allowedIps) {
      const prefix = masked(value);
      const single = isHost(prefix);
      let pairs = 0;
      for (let i = firstAtOrAfter(holders, firstOf(prefix)); i < holders.length; i++) {
        const { address, host } = holders[i] as Holder;
        if (compare(address, lastOf(prefix)) > 0) break;
        if (host === party.host || (filtered && host !== direct)) continue;
        pairs++;
        if (!reached.has(host)) reached.set(host, single);
      }
      if (pairs > 1) lines.push({ from: party, peer, prefix, at, pairs });
    }
  }
  let byNetworks = 0;
  for (const single of reached.values()) if (!single) byNetworks++;
  return { open: reached.size, byNetworks, lines };
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
