// Whether a link can live: keys at both ends, and one end that can call the other through the network between them. That network is
// taken to carry what it is given; of the hosts' own rules all count.
import { hostsWith } from '../../mesh/addresses.ts';
import type { MeshInterface, MeshModel, Peer } from '../../mesh/model.ts';
import { type Address, addressText } from '../../net/address.ts';
import { numericHost } from '../../net/numeric-host.ts';
import type { RulesetState } from '../../nftables/ruleset/state.ts';
import type { Origin } from '../../text/origin.ts';
import type { Packet } from '../walk/packet.ts';
import { type Verdict, type Walk, walk } from '../walk/walk.ts';
import { type DevicePeer, devicePeer } from './cryptokey.ts';
import { otherDevices } from './device-names.ts';
import { isDefaultRoute } from './routes.ts';
import { rulesetOf } from './ruleset.ts';

export interface Link {
  readonly is: 'yes' | 'no' | 'unknown';
  readonly at: Origin | null;
  readonly says: string;
}

const lives: Link = { is: 'yes', at: null, says: '' };

interface End {
  readonly node: MeshInterface;
  readonly peer: DevicePeer;
  /** Whether somebody has taken it: what its own files and rules say may be changed. */
  readonly taken: boolean;
}

const kept = new WeakMap<MeshModel, Map<Peer, Link>>();

/** The link to a peer of `node`. With `taken` the host of `node` is in somebody's hands. */
export function linkTo(model: MeshModel, node: MeshInterface, peer: Peer, taken: boolean): Link {
  if (taken) return linkBetween(model, node, peer, true);
  const all = kept.get(model) ?? new Map<Peer, Link>();
  kept.set(model, all);
  let link = all.get(peer);
  if (!link) {
    link = linkBetween(model, node, peer, false);
    all.set(peer, link);
  }
  return link;
}

function linkBetween(model: MeshModel, node: MeshInterface, peer: Peer, taken: boolean): Link {
  const at: Origin = { uri: node.uri, ...peer.facts.at };
  const { remote, back } = peer;
  if (!remote) return { is: 'unknown', at, says: `whose ${peer.label} is, no file here says` };
  if (!back) return { is: 'no', at, says: `${remote.host.name} has no peer with the key of ${node.host.name}` };
  const ours = devicePeer(node, peer.facts);
  const theirs = devicePeer(remote, back);
  if (!ours || !theirs) return { is: 'no', at, says: `one of ${node.host.name} and ${remote.host.name} has the other’s key for its own` };
  const here: End = { node, peer: ours, taken };
  const there: End = { node: remote, peer: theirs, taken: false };
  const keys = presharedKeys(here, there);
  if (keys !== 'yes')
    return { is: keys, at, says: `the preshared keys of ${node.host.name} and ${remote.host.name} differ, or are not here` };
  const calls: Link[] = [];
  for (const [from, to] of [
    [here, there],
    [there, here],
  ] as const) {
    const call = called(model, from, to);
    if (call.is === 'yes') return call;
    calls.push(call);
  }
  const found = calls.find(({ is }) => is === 'unknown');
  if (found) return found;
  if (!ours.endpoint && !theirs.endpoint)
    return { is: 'no', at, says: `neither ${node.host.name} nor ${remote.host.name} has an Endpoint of the other` };
  return (ours.endpoint ? calls[0] : calls[1]) as Link;
}

/** Equal, or none at both ends; a key that a hook loads from a file may be any, and is taken to be the same. */
function presharedKeys(here: End, there: End): 'yes' | 'no' | 'unknown' {
  const [ours, theirs] = [here, there].map(({ peer: { presharedKey, presharedKeyFile } }) =>
    presharedKeyFile ? 'file' : presharedKey && !presharedKey.value.zero ? (presharedKey.value.fingerprint ?? 'unsound') : 'none',
  );
  if (ours === 'unsound' || theirs === 'unsound') return 'unknown';
  if (ours === theirs) return 'yes';
  // a key in a file at one end and in the config at the other may be the same
  if ((ours === 'file' || theirs === 'file') && ours !== 'none' && theirs !== 'none') return 'yes';
  // whoever has taken a host can leave its key out
  return here.taken && theirs === 'none' ? 'unknown' : 'no';
}

/** Whether `from` gets through to `to` with the first packet, and `to` with the answer. */
function called(model: MeshModel, from: End, to: End): Link {
  const { endpoint } = from.peer;
  const [caller, other] = [from.node.host.name, to.node.host.name];
  const at: Origin = { uri: from.node.uri, ...(endpoint?.at ?? from.peer.peer.facts.at) };
  const listens = to.node.own.listenPort?.value ?? null;
  // whoever has taken a host calls where he likes, from where he likes, and listens where he is called
  const mistake = endpoint ? mistakeIn(from, to) : { is: 'no' as const, at, says: `${caller} has no Endpoint of ${other}` };
  if (mistake && !from.taken && !(to.taken && endpoint)) return mistake;
  const target = endpoint && numericHost(endpoint.value.host);
  // where the other end knows us, it says which address is ours
  const known = to.peer.endpoint && !from.taken ? numericHost(to.peer.endpoint.value.host) : null;
  const version = target?.version ?? known?.version ?? 4;
  const ends: Ends = {
    caller: known?.version === version ? known : null,
    callee: target,
    version,
    callerPort: from.taken ? null : (from.node.own.listenPort?.value ?? null),
    calleePort: from.taken ? listens : (endpoint?.value.port ?? null),
  };
  const steps: readonly (readonly [End, 'output' | 'input', boolean])[] = [
    [from, 'output', false],
    [to, 'input', false],
    [to, 'output', true],
    [from, 'input', true],
  ];
  for (const [end, way, isAnswer] of steps) {
    if (end.taken) continue;
    const passed = passes(model, end, way, packetOf(ends, isAnswer, way === 'output' ? end.node : null));
    if (passed.is !== 'yes') return { ...passed, at: passed.at ?? at };
  }
  return mistake ? { ...mistake, is: 'unknown' } : lives;
}

/** What is wrong with the Endpoint of `to`, or not known of it. */
function mistakeIn(from: End, to: End): Link | null {
  const { endpoint } = from.peer;
  if (!endpoint) return null;
  const [caller, other] = [from.node.host.name, to.node.host.name];
  const at: Origin = { uri: from.node.uri, ...endpoint.at };
  const { host, port } = endpoint.value;
  if (port === null) return { is: 'unknown', at, says: `the port of ${other} is not known here` };
  if (port !== (to.node.own.listenPort?.value ?? null))
    return { is: 'no', at, says: `${caller} calls ${other} at port ${port}, where it does not listen` };
  const target = numericHost(host);
  if (!target || hostsWith(from.node.mesh, target).length === 0) return null;
  return { is: 'unknown', at, says: `${caller} calls ${other} within the mesh, at ${addressText(target)}` };
}

interface Ends {
  /** null where it is not known. */
  readonly caller: Address | null;
  readonly callee: Address | null;
  readonly version: 4 | 6;
  readonly callerPort: number | null;
  readonly calleePort: number | null;
}

const nobody: Readonly<Record<4 | 6, Address>> = { 4: { version: 4, value: 0 }, 6: { version: 6, value: 0n } };

/** WireGuard's own packet; `sender` is the interface that sends it. */
function packetOf({ caller, callee, version, callerPort, calleePort }: Ends, isAnswer: boolean, sender: MeshInterface | null): Packet {
  const [source, destination] = isAnswer ? [callee, caller] : [caller, callee];
  const [sourcePort, destinationPort] = isAnswer ? [calleePort, callerPort] : [callerPort, calleePort];
  return {
    source: source ?? nobody[version],
    destination: destination ?? nobody[version],
    sourceKnown: source !== null,
    destinationKnown: destination !== null,
    protocol: 17,
    sourcePort,
    destinationPort,
    tcpFlags: null,
    icmpType: null,
    icmpCode: null,
    iif: null,
    oif: null,
    mark: sender ? markOf(sender) : 0,
    state: isAnswer ? 'established' : 'new',
    translation: null,
  };
}

/** The mark of an interface's own packets: FwMark, or the one by which wg-quick tells them from those that go into the tunnel. */
function markOf(node: MeshInterface): number {
  return node.own.fwmark?.value || (isDefaultRoute(node, 4) || isDefaultRoute(node, 6) ? 51820 : 0);
}

const passed = new WeakMap<RulesetState, Map<string, Link>>();

function passes(model: MeshModel, { node }: End, way: 'input' | 'output', packet: Packet): Link {
  const ruleset = rulesetOf(model, node.host);
  if (!ruleset) return lives;
  const { source, destination, sourceKnown, destinationKnown, sourcePort, destinationPort, mark, state } = packet;
  const key = [
    way,
    source.version,
    sourceKnown && source.value,
    destinationKnown && destination.value,
    sourcePort,
    destinationPort,
    mark,
    state,
  ].join(' ');
  const all = passed.get(ruleset.state) ?? new Map<string, Link>();
  passed.set(ruleset.state, all);
  let found = all.get(key);
  if (!found) {
    const own = node.host.interfaces.map(({ name }) => name);
    found = throughDevices(ruleset.state, way, packet, own, node.host.name);
    all.set(key, found);
  }
  return found.at ? { ...found, at: ruleset.place(found.at) } : found;
}

interface Tried {
  readonly name: string;
  readonly verdict: Verdict;
  readonly walked: Walk;
}

/** Past a host's own rules, by whatever device it is in the network between. */
function throughDevices(state: RulesetState, way: 'input' | 'output', packet: Packet, own: readonly string[], host: string): Link {
  const attempt = (name: string, changed: Partial<Packet> = {}): Tried => {
    const walked = walk(way, state, { ...packet, ...changed, ...(way === 'input' ? { iif: name } : { oif: name }) }, { routeStands: true });
    return { name, verdict: walked.verdict, walked };
  };
  const names = otherDevices(state, own);
  const tried = names.map((name) => attempt(name));
  const [nameless, ...named] = tried as [Tried, ...Tried[]];
  const verb = way === 'input' ? 'let in' : 'let out';
  if (tried.every(({ verdict }) => verdict === 'accept')) return lives;
  if (tried.every(({ verdict }) => verdict === 'drop' || verdict === 'other')) {
    const at = nameless.walked.trace.at(-1) ?? null;
    return { is: 'no', at, says: `${host} does not ${verb} WireGuard’s own packets` };
  }
  // a rule for this very port tells by which device they come, and so does the only device that rules ask for
  const opened = named.filter(({ verdict }) => verdict === 'accept');
  const portsOnly = { sourcePort: 9, destinationPort: 9 };
  if (nameless.verdict === 'drop' && opened.length > 0) {
    const isMeant = named.length === 1 || opened.some(({ name }) => attempt(name, portsOnly).verdict === 'drop');
    if (isMeant) return lives;
  }
  const unsure = tried.find(({ verdict }) => verdict === 'unknown') ?? nameless;
  const at = unsure.walked.reasons[0] ?? unsure.walked.trace.at(-1) ?? null;
  return { is: 'unknown', at, says: `whether ${host} does ${verb} WireGuard’s own packets is not known` };
}
