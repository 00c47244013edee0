// Whether a link can live: keys at both ends, and one end that can call the other through the network between them. That network is
// taken to carry what it is given, from addresses that no rule singles out; of the hosts' own rules all count.
import { hostsWith } from '../../mesh/addresses.ts';
import type { Host, MeshInterface, MeshModel, Peer } from '../../mesh/model.ts';
import { type Address, addressText } from '../../net/address.ts';
import { numericHost } from '../../net/numeric-host.ts';
import type { RulesetState } from '../../nftables/ruleset/state.ts';
import type { Origin } from '../../text/origin.ts';
import { none } from '../../text/statement.ts';
import { deviceChains, hasNoChain, hookOrder } from '../walk/hooks.ts';
import type { Packet } from '../walk/packet.ts';
import { type Verdict, type Walk, walk } from '../walk/walk.ts';
import { type DevicePeer, deviceOf, devicePeer, failsAt } from './cryptokey.ts';
import { otherDevices } from './device-names.ts';
import { letsKnownIn } from './known-connection.ts';
import { strayingFrom } from './own-packets.ts';
import type { Hop } from './progress.ts';
import { isDefaultRoute } from './routing.ts';
import { type HostRuleset, rulesetOf } from './ruleset.ts';

export interface Link {
  readonly is: 'yes' | 'no' | 'unknown';
  /** Why it does not live, or why that is not known; null and '' of one that lives. */
  readonly at: Origin | null;
  readonly says: string;
  /** Of one that lives, what is assumed for it. */
  readonly assumed: readonly Hop[];
}

const lives: Link = { is: 'yes', at: null, says: '', assumed: none };

function not(is: 'no' | 'unknown', at: Origin | null, says: string): Link {
  return { is, at, says, assumed: none };
}

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
  if (!remote) return not('unknown', at, `whose ${peer.label} is, no file here says`);
  if (!back) return not('no', at, `${remote.host.name} has no peer with the key of ${node.host.name}`);
  const ours = devicePeer(node, peer.facts);
  const theirs = devicePeer(remote, back);
  if (!ours || !theirs) return not('no', at, `one of ${node.host.name} and ${remote.host.name} has the other’s key for its own`);
  const failing = failsAt(node, deviceOf(node)) ? node : failsAt(remote, deviceOf(remote)) ? remote : null;
  if (failing) {
    const says = `whether ${failing.host.name} ${failing.name} comes up with this MTU is not known here`;
    return not('unknown', failsAt(failing, deviceOf(failing)), says);
  }
  const here: End = { node, peer: ours, taken };
  const there: End = { node: remote, peer: theirs, taken: false };
  const keys = presharedKeys(here, there);
  if (keys !== 'yes' && keys !== 'assumed')
    return not(keys, at, `the preshared keys of ${node.host.name} and ${remote.host.name} differ, or are not here`);
  const lived = (call: Link): Link => {
    const loop = loopOf(here) ?? loopOf(there);
    if (loop) return loop;
    return keys === 'assumed' ? { ...call, assumed: [sameKeys(here, there), ...call.assumed] } : call;
  };
  // one that cannot call is not asked why before the other has tried
  const waits = !ours.endpoint && !taken;
  const early = waits ? called(model, there, here) : null;
  if (early?.is === 'yes') return lived(early);
  const ourCall = called(model, here, there);
  if (ourCall.is === 'yes') return lived(ourCall);
  const theirCall = early ?? called(model, there, here);
  if (theirCall.is === 'yes') return lived(theirCall);
  if (ourCall.is === 'unknown') return ourCall;
  if (theirCall.is === 'unknown') return theirCall;
  if (!ours.endpoint && !theirs.endpoint)
    return not('no', at, `neither ${node.host.name} nor ${remote.host.name} has an Endpoint of the other`);
  return ours.endpoint ? ourCall : theirCall;
}

/** What would call through the tunnel once that is up, and lose it again, also where the other end has called. */
function loopOf({ node, peer: { endpoint }, taken }: End): Link | null {
  const target = taken || !endpoint ? null : numericHost(endpoint.value.host);
  const astray = target && strayingFrom(node, target, target);
  return astray && !astray.isCarried ? not('unknown', astray.at, astray.says) : null;
}

function sameKeys({ node, peer }: End, { node: remote }: End): Hop {
  const says = `the preshared keys of ${node.host.name} and ${remote.host.name} are in files: they are taken to be the same`;
  return { at: { uri: node.uri, ...(peer.presharedKeyFile?.at ?? peer.peer.facts.at) }, says };
}

/** Equal, or none at both ends; a key that a hook loads from a file may be any. */
function presharedKeys(here: End, there: End): 'yes' | 'assumed' | 'no' | 'unknown' {
  const ours = presharedKey(here);
  const theirs = presharedKey(there);
  if (ours === 'unsound' || theirs === 'unsound') return 'unknown';
  if ((ours === 'file' || theirs === 'file') && ours !== 'none' && theirs !== 'none') return 'assumed';
  if (ours === theirs) return 'yes';
  // whoever has taken a host can leave its key out
  return here.taken && theirs === 'none' ? 'unknown' : 'no';
}

/** What tells it from others: `none`, `file` where nothing here holds it, `unsound` where it is none that wg takes. */
function presharedKey({ peer: { presharedKey: written, presharedKeyFile } }: End): string {
  if (presharedKeyFile) return 'file';
  return written && !written.value.zero ? (written.value.fingerprint ?? 'unsound') : 'none';
}

/** Of a handshake and what follows it: what the caller sends first, what comes back, and what it sends from then on. */
type Step = 'first' | 'answer' | 'later';

/** Past whose rules each of them comes, and which way. */
const exchanged: readonly { readonly by: 'caller' | 'callee'; readonly way: 'output' | 'input'; readonly step: Step }[] = [
  { by: 'caller', way: 'output', step: 'first' },
  { by: 'callee', way: 'input', step: 'first' },
  { by: 'callee', way: 'output', step: 'answer' },
  { by: 'caller', way: 'input', step: 'answer' },
  { by: 'caller', way: 'output', step: 'later' },
  { by: 'callee', way: 'input', step: 'later' },
];

/** Whether `from` gets through to `to` with the first packet and with later ones, and `to` with the answer. */
function called(model: MeshModel, from: End, to: End): Link {
  const { endpoint } = from.peer;
  const caller = from.node.host.name;
  const other = to.node.host.name;
  const listens = to.node.own.listenPort?.value ?? null;
  // whoever has taken a host calls where he likes, from where he likes, and listens where he is called
  const target = endpoint && numericHost(endpoint.value.host);
  const mistake = endpoint ? mistakeIn(from, to, target) : not('no', placeOfCall(from), `${caller} has no Endpoint of ${other}`);
  if (mistake && !from.taken && !(to.taken && endpoint)) return mistake;
  // where the other end knows us, it says which address is ours
  const known = to.peer.endpoint && !from.taken ? numericHost(to.peer.endpoint.value.host) : null;
  const version = target?.version ?? known?.version ?? 4;
  const ends: Ends = {
    caller: known?.version === version ? known : null,
    callee: target,
    version,
    callerPort: from.taken ? null : (from.node.own.listenPort?.value ?? null),
    calleePort: from.taken ? listens : (endpoint?.value.port ?? null),
    portChosen: from.taken,
  };
  let call = calledWith(model, from, to, ends);
  for (const callerPort of from.taken && call.is === 'unknown' ? portsToChoose(from, to) : none) {
    const chosen = calledWith(model, from, to, { ...ends, callerPort });
    if (chosen.is === 'yes') call = chosen;
  }
  if (call.is === 'no' && from.taken) {
    const another = version === 4 ? 6 : 4;
    const otherwise = calledWith(model, from, to, { ...ends, caller: null, callee: null, version: another });
    if (otherwise.is !== 'no')
      call = not('unknown', placeOfCall(from), `whether ${caller} could call ${other} by IPv${another} is not known here`);
  }
  return call.is === 'yes' && mistake ? { ...mistake, is: 'unknown' } : call;
}

/** Ports that rules are likely to let answers through to: those that files say are its own, the callee's, and the one that everybody has. */
function portsToChoose(from: End, to: End): readonly number[] {
  const named = [from.node.own.listenPort?.value, to.peer.endpoint?.value.port, to.node.own.listenPort?.value, 51820];
  return [...new Set(named.filter((port) => port != null))];
}

/** The Endpoint that it calls by, else the peer. */
function placeOfCall({ node, peer: { endpoint, peer } }: End): Origin {
  return { uri: node.uri, ...(endpoint?.at ?? peer.facts.at) };
}

/** What becomes of all that is exchanged, where it is not gone before because of the files. */
function calledWith(model: MeshModel, from: End, to: End, ends: Ends): Link {
  let assumed: Map<string, Hop> | null = null;
  const callers = from.taken ? null : rulesetOf(model, from.node.host);
  const callees = to.taken ? null : rulesetOf(model, to.node.host);
  for (let i = 0; i < exchanged.length && (callers || callees); i++) {
    const { by, way, step } = exchanged[i] as (typeof exchanged)[number];
    const ruleset = by === 'caller' ? callers : callees;
    if (!ruleset) continue;
    const passed = passes(ruleset, by === 'caller' ? from.node : to.node, way, step, ends);
    if (passed === lives) continue;
    if (passed.is !== 'yes') return { ...passed, at: passed.at ?? placeOfCall(from) };
    assumed ??= new Map();
    for (const hop of passed.assumed) assumed.set(hop.says, hop);
  }
  for (const [end, destination] of [
    [from, ends.callee],
    [to, ends.caller],
  ] as const) {
    // whoever has taken a host leads them where he likes
    const astray = end.taken ? null : strayingFrom(end.node, destination, anybody[ends.version]);
    if (astray && !astray.isCarried) return not('unknown', astray.at ?? placeOfCall(from), astray.says);
    if (!astray) continue;
    assumed ??= new Map();
    assumed.set(astray.says, astray);
  }
  return assumed?.size ? { ...lives, assumed: [...assumed.values()] } : lives;
}

/** What is wrong with the Endpoint of `to`, which is at `target`, or not known of it. */
function mistakeIn(from: End, to: End, target: Address | null): Link | null {
  const { endpoint } = from.peer;
  if (!endpoint) return null;
  const { port } = endpoint.value;
  const listens = to.node.own.listenPort?.value ?? null;
  if (port !== null && port === listens && (!target || hostsWith(from.node.mesh, target).length === 0)) return null;
  const caller = from.node.host.name;
  const other = to.node.host.name;
  const at = placeOfCall(from);
  if (port === null) return not('unknown', at, `the port of ${other} is not known here`);
  if (port !== listens || !target) return not('no', at, `${caller} calls ${other} at port ${port}, where it does not listen`);
  return not('unknown', at, `${caller} calls ${other} within the mesh, at ${addressText(target)}`);
}

interface Ends {
  /** null where it is not known. */
  readonly caller: Address | null;
  readonly callee: Address | null;
  readonly version: 4 | 6;
  readonly callerPort: number | null;
  readonly calleePort: number | null;
  /** Whether the caller's port, where it is not known, is whichever serves him. */
  readonly portChosen: boolean;
}

const nobody: Readonly<Record<4 | 6, Address>> = { 4: { version: 4, value: 0 }, 6: { version: 6, value: 0n } };

/** WireGuard's own packet; `sender` is the interface that sends it. */
function packetOf({ caller, callee, version, callerPort, calleePort }: Ends, step: Step, sender: MeshInterface | null): Packet {
  const isAnswer = step === 'answer';
  const source = isAnswer ? callee : caller;
  const destination = isAnswer ? caller : callee;
  const packet = {
    source: source ?? nobody[version],
    destination: destination ?? nobody[version],
    sourceKnown: source !== null,
    destinationKnown: destination !== null,
    protocol: 17,
    sourcePort: isAnswer ? calleePort : callerPort,
    destinationPort: isAnswer ? callerPort : calleePort,
    tcpFlags: null,
    icmpType: null,
    icmpCode: null,
    iif: null,
    oif: null,
    mark: sender ? markOf(sender) : 0,
  };
  return step === 'first' ? { ...packet, state: 'new' } : { ...packet, state: 'established', translation: null };
}

/** The mark of an interface's own packets: FwMark, or the one by which wg-quick tells them from those that go into the tunnel. */
function markOf(node: MeshInterface): number {
  return node.own.fwmark?.value || (isDefaultRoute(node, 4) || isDefaultRoute(node, 6) ? 51820 : 0);
}

/** What a ruleset makes of WireGuard's packets, with what was asked. */
interface Passed {
  readonly way: 'input' | 'output';
  readonly packet: Packet;
  readonly portChosen: boolean;
  readonly link: Link;
}

const passed = new WeakMap<RulesetState, Map<string, Passed>>();

/** Whether one ruleset makes of all packets the same as another did of those that were asked for so far. */
export function passesAlike(before: RulesetState, now: RulesetState, host: Host): boolean {
  const all = passed.get(now) ?? new Map<string, Passed>();
  passed.set(now, all);
  const own = host.interfaces.map(({ name }) => name);
  // of what no rule can stop nothing is asked
  for (const version of [4, 6] as const)
    if ((lets(before, version) && !lets(now, version)) || (letsKnownIn(before, version) && !letsKnownIn(now, version))) return false;
  for (const [key, { way, packet, portChosen, link }] of passed.get(before) ?? []) {
    const found = all.get(key) ?? { way, packet, portChosen, link: throughDevices(now, way, packet, portChosen, own, host.name) };
    all.set(key, found);
    if (found.link.is !== link.is) return false;
  }
  return true;
}

function passes(ruleset: HostRuleset, node: MeshInterface, way: 'input' | 'output', step: Step, ends: Ends): Link {
  if (way === 'output' ? lets(ruleset.state, ends.version) : step !== 'first' && letsKnownIn(ruleset.state, ends.version)) return lives;
  const packet = packetOf(ends, step, way === 'output' ? node : null);
  const { source, destination, sourceKnown, destinationKnown, sourcePort, destinationPort, mark, state } = packet;
  const between = `${source.version} ${sourceKnown && source.value} ${destinationKnown && destination.value}`;
  const { portChosen } = ends;
  const key = `${way} ${between} ${sourcePort} ${destinationPort} ${portChosen} ${mark} ${state}`;
  let all = passed.get(ruleset.state);
  if (!all) {
    all = new Map();
    passed.set(ruleset.state, all);
  }
  let found = all.get(key);
  if (!found) {
    const own = node.host.interfaces.map(({ name }) => name);
    found = { way, packet, portChosen, link: throughDevices(ruleset.state, way, packet, portChosen, own, node.host.name) };
    all.set(key, found);
  }
  const { link } = found;
  if (link === lives) return lives;
  const place = (at: Origin | null): Origin | null => at && ruleset.place(at);
  return { ...link, at: place(link.at), assumed: link.assumed.map(({ at, says }) => ({ at: place(at), says })) };
}

/** Of TEST-NET-2 and of the prefix for documentation (RFC 5737, RFC 3849). */
const anybody: Readonly<Record<4 | 6, Address>> = {
  4: { version: 4, value: 0xc633644d },
  6: { version: 6, value: 0x20010db8_ffff0000_00000000_0000004dn },
};

function asAnybody({ sourceKnown, destinationKnown, ...packet }: Packet): Packet {
  const other = anybody[packet.source.version];
  return {
    ...packet,
    source: sourceKnown === false ? other : packet.source,
    destination: destinationKnown === false ? other : packet.destination,
  };
}

/** Of those that Linux chooses from (ip-sysctl, ip_local_port_range). */
const chosenPorts = [32_771, 45_679, 60_013];

function withPorts(packet: Packet): readonly Packet[] {
  const { sourcePort, destinationPort } = packet;
  if (sourcePort !== null && destinationPort !== null) return [packet];
  return chosenPorts.map((port) => ({ ...packet, sourcePort: sourcePort ?? port, destinationPort: destinationPort ?? port }));
}

interface Tried {
  readonly name: string;
  readonly verdict: Verdict;
  readonly walked: Walk;
}

/** Names that devices have by which hosts are in the network between them (systemd.net-naming-scheme(7), and those of the kernel). */
const UPLINK = /^(?:eth|en|wl|ww|wan|ppp|usb|venet)/;

/** Whether no rule of a ruleset, and nothing that is not known of it, stands on the way out. */
function lets(state: RulesetState, version: 4 | 6): boolean {
  return (
    hasNoChain(hookOrder(state, 'output', version)) &&
    hasNoChain(hookOrder(state, 'postrouting', version)) &&
    deviceChains(state, 'egress', null).length === 0
  );
}

/** Past a host's own rules, by whatever device it is in the network between. */
function throughDevices(
  state: RulesetState,
  way: 'input' | 'output',
  packet: Packet,
  portChosen: boolean,
  own: readonly string[],
  host: string,
): Link {
  const attempt = (name: string, changed: Partial<Packet> = {}): Tried => {
    const by: Packet = { ...packet, ...changed, ...(way === 'input' ? { iif: name } : { oif: name }) };
    const through = (one: Packet): Walk => walk(way, state, one, { routeStands: true });
    const walked = through(by);
    if (walked.verdict !== 'unknown') return { name, verdict: walked.verdict, walked };
    // a port that Linux chooses at each start is taken to be none that rules single out, and so are addresses in the network between
    const ported = withPorts(by);
    const all = ported.map(through);
    const others = ported.map((one) => through(asAnybody(one)));
    if (!portChosen && all.every(({ verdict }) => verdict === 'drop')) return { name, verdict: 'drop', walked: all[0] as Walk };
    if (others.every(({ verdict }) => verdict === 'accept')) return { name, verdict: 'accept', walked: others[0] as Walk };
    return { name, verdict: 'unknown', walked };
  };
  const names = otherDevices(state, own, way);
  const tried = names.map((name) => attempt(name));
  const [nameless, ...named] = tried as [Tried, ...Tried[]];
  const verb = way === 'input' ? 'let in' : 'let out';
  if (tried.every(({ verdict }) => verdict === 'accept')) return lives;
  if (tried.every(({ verdict }) => verdict === 'drop' || verdict === 'other')) {
    const at = nameless.walked.trace.at(-1) ?? null;
    return not('no', at, `${host} does not ${verb} WireGuard’s own packets`);
  }
  // a rule for this very port tells by which device they come; else those do whose names are an uplink's
  const opened = named.filter(({ verdict }) => verdict === 'accept');
  if (nameless.verdict !== 'accept' && opened.length > 0) {
    const uplinks = named.filter(({ name }) => UPLINK.test(name));
    const isOpen = uplinks.every(({ verdict }) => verdict === 'accept');
    const meant =
      opened.find(({ name }) => attempt(name, { sourcePort: 9, destinationPort: 9 }).verdict !== 'accept') ??
      (isOpen ? uplinks[0] : undefined);
    const at = meant?.walked.trace.at(-1) ?? null;
    const come = way === 'input' ? 'come to' : 'leave';
    if (meant) return { ...lives, assumed: [{ at, says: `WireGuard’s own packets are taken to ${come} ${host} by ${meant.name}` }] };
  }
  const unsure = tried.find(({ verdict }) => verdict === 'unknown') ?? nameless;
  const at = unsure.walked.reasons[0] ?? unsure.walked.trace.at(-1) ?? null;
  return not('unknown', at, `whether ${host} does ${verb} WireGuard’s own packets is not known`);
}
