// The way of one packet through a mesh: from host to host by cryptokey routing in both directions, through each host's own ruleset.
import { hookFilePlaces } from '../../mesh/hook-rulesets.ts';
import type { Host, MeshInterface, MeshModel, Peer } from '../../mesh/model.ts';
import { type Address, addressText } from '../../net/address.ts';
import { rulesetState } from '../../nftables/ruleset/ruleset.ts';
import type { RulesetState } from '../../nftables/ruleset/state.ts';
import type { Origin } from '../../text/origin.ts';
import { numberIn } from '../walk/bits.ts';
import type { Packet, Registers } from '../walk/packet.ts';
import { type Walk, type Way, walk } from '../walk/walk.ts';
import { entryFor, ownInterface, wayOut } from './cryptokey.ts';

/** What is sent: its addresses and its service, before any interface is known. */
export type Sent = Pick<
  Packet,
  'source' | 'destination' | 'protocol' | 'sourcePort' | 'destinationPort' | 'tcpFlags' | 'icmpType' | 'icmpCode' | 'state'
>;

/** One thing that let the packet on, or did not. */
export interface Hop {
  readonly at: Origin | null;
  readonly says: string;
}

export interface Travelled {
  readonly answer: 'yes' | 'no' | 'unknown';
  /** All up to the end, which is the reason where the answer is not yes. */
  readonly hops: readonly Hop[];
}

interface Travel {
  readonly model: MeshModel;
  readonly sent: Sent;
  readonly hops: readonly Hop[];
}

/** More hosts than a packet passes: its hop limit ends a ring of them as well. */
const MOST_HOSTS = 32;

/** An honest host sends: its own route and ruleset count. */
export function travel(model: MeshModel, from: Host, sent: Sent): Travelled {
  const start: Travel = { model, sent, hops: [] };
  const way = wayOut(from, sent.destination);
  if (way.to === 'here') return ended(start, 'yes', null, `${from.name} has the address itself`);
  if (way.to === 'unknown') return ended(start, 'unknown', way.at, `the routes of ${from.name} are changed here`);
  if (way.to === 'elsewhere')
    return ended(start, 'no', null, `${from.name} has no route to ${addressText(sent.destination)} through WireGuard`);
  const through = throughRuleset(start, from, 'output', null, way.node);
  return 'answer' in through ? through : sentBy(through, way.node, 0);
}

/** A taken host sends: neither its routes nor its rules count, it chooses the peer, and whatever gets through is enough. */
export function travelTaken(model: MeshModel, from: Host, sent: Sent): Travelled {
  const start: Travel = { model, sent, hops: [] };
  let best: Travelled | null = null;
  for (const node of from.interfaces) {
    for (const peer of node.peers) {
      const found = linked(start, node, peer, 0);
      if (found.answer === 'yes') return found;
      if (!best || (found.answer === 'unknown' && best.answer === 'no')) best = found;
    }
  }
  return best ?? ended(start, 'no', null, `${from.name} has no peers`);
}

function ended({ hops }: Travel, answer: Travelled['answer'], at: Origin | null, says: string): Travelled {
  return { answer, hops: [...hops, { at, says }] };
}

function went(travelling: Travel, at: Origin | null, says: string): Travel {
  return { ...travelling, hops: [...travelling.hops, { at, says }] };
}

/** By `node`, to the peer that its AllowedIPs give the destination to. */
function sentBy(travelling: Travel, node: MeshInterface, depth: number): Travelled {
  const { destination } = travelling.sent;
  const entry = entryFor(node, destination);
  if (!entry) return ended(travelling, 'no', null, `no peer of ${node.host.name} ${node.name} has ${addressText(destination)}`);
  return linked(went(travelling, entry.at, `${node.host.name} sends it to ${entry.peer.label}`), node, entry.peer, depth);
}

/** Over the link to `peer`, if it can live, and past the look-up of the source there. */
function linked(travelling: Travel, node: MeshInterface, peer: Peer, depth: number): Travelled {
  const { remote, back } = peer;
  const at: Origin = { uri: node.uri, ...peer.facts.at };
  if (!remote) return ended(travelling, 'unknown', at, `whose ${peer.label} is, no file here says`);
  if (!back) return ended(travelling, 'no', at, `${remote.host.name} has no peer with the key of ${node.host.name}`);
  const keys = presharedKeys(peer, back);
  if (keys !== 'yes')
    return ended(travelling, keys, at, `the preshared keys of ${node.host.name} and ${remote.host.name} differ, or are not here`);
  if (!peer.facts.endpoint && !back.endpoint)
    return ended(travelling, 'no', at, `neither ${node.host.name} nor ${remote.host.name} has an Endpoint of the other`);
  const { source } = travelling.sent;
  const entry = entryFor(remote, source);
  if (!entry || entry.peer.facts !== back) {
    const who = entry ? `takes ${addressText(source)} from ${entry.peer.label} alone` : `takes ${addressText(source)} from nobody`;
    return ended(travelling, 'no', entry?.at ?? { uri: remote.uri, ...back.at }, `${remote.host.name} ${who}`);
  }
  const taken = went(travelling, entry.at, `${remote.host.name} takes ${addressText(source)} from ${node.host.name}`);
  return arrived(taken, remote, depth + 1);
}

/** Equal, or none at both ends; a key that a hook loads from a file may be any. */
function presharedKeys({ facts }: Peer, back: Peer['facts']): 'yes' | 'no' | 'unknown' {
  const [ours, theirs] = [facts, back].map(({ presharedKey, presharedKeyFile }) =>
    presharedKeyFile ? 'file' : presharedKey && !presharedKey.value.zero ? (presharedKey.value.fingerprint ?? 'unsound') : 'none',
  );
  if (ours === 'file' && theirs === 'file') return 'yes';
  if (ours === 'unsound' || theirs === 'unsound') return 'unknown';
  if (ours === theirs) return 'yes';
  // a key in a file at one end and in the config at the other may be the same
  return (ours === 'file' || theirs === 'file') && ours !== 'none' && theirs !== 'none' ? 'yes' : 'no';
}

function arrived(travelling: Travel, node: MeshInterface, depth: number): Travelled {
  const { host } = node;
  const { destination } = travelling.sent;
  if (ownInterface(host, destination)) {
    const through = throughRuleset(travelling, host, 'input', node, null);
    return 'answer' in through ? through : ended(through, 'yes', null, `${host.name} has ${addressText(destination)}`);
  }
  if (depth > MOST_HOSTS) return ended(travelling, 'no', null, 'it goes round in a ring until its hop limit ends');
  const way = wayOut(host, destination);
  if (way.to === 'unknown') return ended(travelling, 'unknown', way.at, `the routes of ${host.name} are changed here`);
  if (way.to !== 'interface')
    return ended(
      travelling,
      'unknown',
      null,
      `${addressText(destination)} is not an address of ${host.name}, and what lies behind it is not written`,
    );
  const forwards = forwarding(host, destination.version);
  if (forwards.is !== 'on') {
    const says = forwards.is === 'off' ? `${host.name} does not forward` : `whether ${host.name} forwards is not written`;
    return ended(travelling, forwards.is === 'off' ? 'no' : 'unknown', forwards.at, says);
  }
  const relayed = forwards.at ? travelling : went(travelling, null, `${host.name} is assumed to forward, since it has several peers`);
  const through = throughRuleset(relayed, host, 'forward', node, way.node);
  return 'answer' in through ? through : sentBy(through, way.node, depth);
}

interface Forwarding {
  readonly is: 'on' | 'off' | 'unknown';
  /** null where it is assumed. */
  readonly at: Origin | null;
}

/** What the last hook that sets it says; else it is assumed of a host with several peers, since nothing else would reach them. */
function forwarding({ interfaces }: Host, version: 4 | 6): Forwarding {
  const setting = version === 4 ? /^net\.ipv4\.(?:ip_forward|conf\.all\.forwarding)=(\d+)$/ : /^net\.ipv6\.conf\.all\.forwarding=(\d+)$/;
  let found: Forwarding | null = null;
  for (const { uri, own } of interfaces) {
    for (const { value, at } of own.hooks) {
      if (!/up$/i.test(value.event)) continue;
      for (const command of value.commands) {
        if (command.does !== 'sysctl') continue;
        for (const assignment of command.assignments) {
          const number = setting.exec(assignment.replaceAll('/', '.'))?.[1];
          if (number !== undefined) found = { is: number === '0' ? 'off' : 'on', at: { uri, ...at } };
        }
      }
    }
  }
  const several = interfaces.reduce((sum, { peers }) => sum + peers.length, 0) >= 2;
  return found ?? { is: several ? 'on' : 'unknown', at: null };
}

/** Past a host's own rules: the packet as it is behind them, or where it ended. */
function throughRuleset(
  travelling: Travel,
  host: Host,
  way: Way,
  iif: MeshInterface | null,
  oif: MeshInterface | null,
): Travel | Travelled {
  const { model, sent } = travelling;
  const state = stateOf(model, host);
  if (!state) return went(travelling, null, `${host.name} has no ruleset here: it is assumed to accept`);
  const packet: Packet = { ...sent, iif: iif?.name ?? null, oif: oif?.name ?? null, mark: 0, linkLayer: false };
  const walked = walk(way, state, packet, {
    routeOf: (destination) => {
      const to = wayOut(host, destination);
      return to.to === 'here' ? { to: 'here' } : to.to === 'interface' ? { to: 'interface', name: to.node.name } : null;
    },
  });
  const decided = withDecisions(travelling, host, walked);
  if (walked.verdict === 'unknown')
    return ended(decided, 'unknown', walked.reasons[0] ?? null, `${host.name} may accept or drop it: this is not known`);
  if (walked.verdict !== 'accept')
    return ended(
      decided,
      walked.verdict === 'drop' ? 'no' : 'unknown',
      walked.trace.at(-1) ?? null,
      `${host.name} does not let it ${words[way]}`,
    );
  const changed = walked.after && isChanged(walked.after, sent);
  // a translated packet is not followed further
  if (changed !== false) return ended(decided, 'unknown', walked.trace.at(-1) ?? null, `${host.name} changes its addresses or ports`);
  return decided;
}

const words: Readonly<Record<Way, string>> = { input: 'in', forward: 'through', output: 'out' };

function withDecisions(travelling: Travel, host: Host, { trace }: Walk): Travel {
  const shown = trace.filter(({ verdict }) => verdict !== 'return');
  const hops = shown.map(({ chain, verdict, uri, statement }) => ({
    at: { uri, statement, item: 0 },
    says: `${host.name}, chain ${chain}: ${verdict}`,
  }));
  return { ...travelling, hops: [...travelling.hops, ...hops] };
}

function isChanged(after: Registers, { source, destination, destinationPort }: Sent): boolean {
  const width = source.version === 4 ? 32 : 128;
  const same = (bits: Registers['source'], address: Address): boolean => numberIn(bits, width) === BigInt(address.value);
  if (!same(after.source, source) || !same(after.destination, destination)) return true;
  return destinationPort !== null && numberIn(after.destinationPort, 16) !== BigInt(destinationPort);
}

const kept = new WeakMap<MeshModel, Map<Host, RulesetState | null>>();

/** All that a host's files make; null where it has none. */
export function stateOf(model: MeshModel, host: Host): RulesetState | null {
  const states = kept.get(model) ?? new Map<Host, RulesetState | null>();
  kept.set(model, states);
  let state = states.get(host);
  if (state === undefined) {
    const files = (model.rulesetsOf.get(host) ?? []).filter(({ uri }) => !model.parts.has(uri));
    const all = files.map((file) => rulesetState(file, model.included));
    const hooks = firewallHooks(model, host);
    if (hooks.length > 0) all.push({ tables: [], unknown: hooks });
    state = all.length === 0 ? null : joinedStates(all);
    states.set(host, state);
  }
  return state;
}

/** Several files one beside the other. Which is loaded first is not written: where two make one table, what it holds is not known. */
function joinedStates(states: readonly RulesetState[]): RulesetState {
  const tables = new Map<string, RulesetState['tables'][number]>();
  const unknown: Origin[] = states.flatMap((state) => state.unknown);
  for (const table of states.flatMap((state) => state.tables)) {
    const key = `${table.family} ${table.name}`;
    if (tables.has(key)) unknown.push(table.at);
    else tables.set(key, table);
  }
  return { tables: [...tables.values()], unknown };
}

/** Hooks that change the firewall in a way that is not followed here: commands of their own, and files that are not here. */
function firewallHooks(model: MeshModel, { interfaces }: Host): readonly Origin[] {
  const found: Origin[] = [];
  for (const { uri, name, own } of interfaces) {
    for (const { value, at } of own.hooks) {
      if (!/up$/i.test(value.event)) continue;
      for (const command of value.commands) {
        const places = command.does === 'nft-file' ? hookFilePlaces(uri, command.path.replaceAll('%i', name)) : null;
        const isHere = places?.some((place) => model.rulesets.some((ruleset) => ruleset.uri === place));
        const changes = command.does === 'other' && /^(?:nft|ip6?tables.*|ufw|firewall-cmd)$/.test(command.program);
        if (command.does === 'nft' || changes || isHere === false) found.push({ uri, ...at });
      }
    }
  }
  return found;
}
