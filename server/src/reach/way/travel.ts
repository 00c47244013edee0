// The way of one packet through a mesh: from host to host by cryptokey routing in both directions, through each host's own routes and rules.
// What is not known on the way is kept as a doubt, and the way goes on: where it ends all the same, the answer is no.
import type { Host, MeshInterface, MeshModel, Peer } from '../../mesh/model.ts';
import { type Address, addressText, sameAddress } from '../../net/address.ts';
import { isForeign } from './behind.ts';
import { deviceOf, devicePeer, entryFor, ownInterface } from './cryptokey.ts';
import { linkTo } from './link.ts';
import { flushesRuleset, isLetTo, isTaken } from './martians.ts';
import { hostOrigin, originOf } from './origins.ts';
import { assuming, doubted, ended, type Passage, type Sent, type Travel, type Travelled, went } from './progress.ts';
import { type WayOut, wayOut } from './routes.ts';
import type { Asking } from './routing-tables.ts';
import { forwarding } from './settings.ts';
import { mayTranslate, sameEnds, throughHost } from './through.ts';

/** More hosts than a packet passes: its hop limit ends a ring of them as well. */
const MOST_HOSTS = 32;

/** An honest host sends: its own routes and rules count. With `answers` it sends an answer to what passed there. */
export function travel(model: MeshModel, from: Host, sent: Sent, answers?: readonly Passage[]): Travelled {
  const start: Travel = { model, sent, hops: [], doubt: null, passed: [], ...(answers ? { answers } : {}) };
  // whoever writes a source that is not his gives the route none to go by
  const source = ownInterface(from, sent.source) ? sent.source : null;
  const way = wayOut(from, sent.destination, { source });
  if (!mayTranslate(model, from, 'output')) {
    if (way.to === 'elsewhere') return withoutWay(start, from);
    if (way.to === 'nowhere') return ended(start, 'no', way.at, `${from.name} throws away what is for ${addressText(sent.destination)}`);
    if (way.to === 'unknown') return ended(start, 'unknown', way.at, `the routes of ${from.name} are not known here`);
  }
  const out = throughHost(start, from, 'output', { iif: null, oif: way.to === 'here' ? 'lo' : deviceIn(way), asking: { source } });
  if ('answer' in out) return out;
  return goesOn(out, from, null, way, sent.destination, 0);
}

/** A taken host sends: neither its routes nor its rules count, it chooses the peer, and whatever gets through is enough. */
export function travelTaken(model: MeshModel, from: Host, sent: Sent): Travelled {
  const start: Travel = { model, sent, hops: [], doubt: null, passed: [], taken: { host: from, sent } };
  const own = ownInterface(from, sent.destination);
  if (own) return ended(start, 'yes', originOf(own), `${from.name} has the address itself`, { host: from, beyond: false, sent });
  const way = wayOut(from, sent.destination);
  if (way.to === 'beyond') {
    const says = `${from.name} is stated to have ${addressText(sent.destination)} behind it`;
    return ended(start, 'yes', way.at ?? hostOrigin(from), says, { host: from, beyond: true, sent });
  }
  let best: Travelled | null = null;
  for (const node of from.interfaces) {
    for (const { peer } of deviceOf(node).peers.values()) {
      const found = linked(start, node, peer, 0, true);
      if (found.answer === 'yes') return found;
      if (!best || (found.answer === 'unknown' && best.answer === 'no')) best = found;
    }
  }
  return best ?? ended(start, 'no', hostOrigin(from), `${from.name} has no peers`);
}

/** A peer of `node` whose own file is not here sends, once it is taken: nobody knows what that file would hold back. */
export function travelFromPeer(model: MeshModel, node: MeshInterface, peer: Peer, sent: Sent): Travelled {
  const start: Travel = { model, sent, hops: [], doubt: null, passed: [] };
  const entry = entryFor(node, sent.source);
  const source = addressText(sent.source);
  if (entry?.peer !== peer) {
    const says = `${node.host.name} takes ${source} from ${entry ? `${entry.peer.label} alone` : 'nobody'}`;
    return ended(start, 'no', entry?.at ?? { uri: node.uri, ...peer.facts.at }, says);
  }
  return arrived(went(sureOf(start, node), entry.at, `${node.host.name} takes ${source} from ${peer.label}`), node, 1);
}

function deviceIn(way: WayOut): string | null {
  return way.to === 'interface' ? way.node.name : way.to === 'beyond' ? way.device : null;
}

/** Past a host's rules, which may have changed it: to itself, to the next host, or out of the mesh. `iif` is null at the host that sends. */
function goesOn(on: Travel, host: Host, iif: MeshInterface | null, before: WayOut, destination: Address, depth: number): Travelled {
  const { sent } = on;
  const to = addressText(sent.destination);
  const asking: Asking = { source: iif ? sent.source : null, iif: iif?.name ?? null };
  const way = sameAddress(sent.destination, destination) ? before : wayOut(host, sent.destination, asking);
  if (way.to === 'here') {
    // what a host sends to itself comes in again by its loopback
    const lets = iif ? null : isLetTo(host, null, sent.source, sent.destination, flushesRuleset(on.model, host));
    if (lets?.is === 'no') return ended(on, 'no', lets.at, lets.says);
    const within = lets?.is === 'unknown' ? doubted(on, lets.at, lets.says) : on;
    const inside = iif ? on : throughHost(within, host, 'input', { iif: 'lo', oif: null, asking: {} });
    if ('answer' in inside) return inside;
    return ended(inside, 'yes', originOf(way.node), `${host.name} has ${to}`, { host, beyond: false, sent: inside.sent });
  }
  let relayed = on;
  if (iif) {
    const forwards = forwarding(host, sent.destination.version, iif);
    if (forwards.is === 'off') return ended(on, 'no', forwards.at, `${host.name} does not forward`);
    if (forwards.is === 'unknown') relayed = doubted(on, forwards.at ?? originOf(iif), `whether ${host.name} forwards is not written`);
    else if (!forwards.at) relayed = went(on, originOf(iif), `${host.name} is assumed to forward, since others are behind it`);
  }
  switch (way.to) {
    case 'interface':
      return sentBy(relayed, way.node, depth);
    case 'nowhere':
      return ended(relayed, 'no', way.at, `${host.name} throws away what is for ${to}`);
    case 'unknown':
      return ended(relayed, 'unknown', way.at, `the routes of ${host.name} are not known here`);
    case 'beyond': {
      const says = `${host.name} hands it on to the network behind it, which is stated to hold ${to}`;
      return ended(relayed, 'yes', way.at ?? hostOrigin(host), says, { host, beyond: true, sent });
    }
    case 'elsewhere': {
      if (!iif) return withoutWay(relayed, host);
      const says = `${to} is not an address of ${host.name}, and what lies behind it is not written`;
      return ended(relayed, 'unknown', originOf(iif), says);
    }
  }
}

/** Whoever sends has no way through the mesh: to an address of nobody here there may be another. */
function withoutWay(on: Travel, host: Host): Travelled {
  const { destination } = on.sent;
  const says = `${host.name} has no route to ${addressText(destination)} through WireGuard`;
  return ended(on, isForeign(host, destination) ? 'unknown' : 'no', hostOrigin(host), says);
}

/** By `node`, to the peer that its AllowedIPs give the destination to. */
function sentBy(travelling: Travel, node: MeshInterface, depth: number): Travelled {
  const { destination } = travelling.sent;
  const on = sureOf(travelling, node);
  const entry = entryFor(node, destination);
  if (!entry) {
    const says = `no peer of ${node.host.name} ${node.name} has ${addressText(destination)}`;
    return ended(on, deviceOf(node).changedAt ? 'unknown' : 'no', originOf(node), says);
  }
  return linked(went(on, entry.at, `${node.host.name} sends it to ${entry.peer.label}`), node, entry.peer, depth, false);
}

/** Hooks may give peers other AllowedIPs than the file does. */
function sureOf(on: Travel, node: MeshInterface): Travel {
  const { changedAt } = deviceOf(node);
  return changedAt ? doubted(on, changedAt, `the AllowedIPs of ${node.host.name} are changed here`) : on;
}

/** Over the link to `peer`, if it can live, and past the look-up of the source there. */
function linked(travelling: Travel, node: MeshInterface, peer: Peer, depth: number, taken: boolean): Travelled {
  const link = linkTo(travelling.model, node, peer, taken);
  const { remote, back } = peer;
  if (link.is === 'no' || !remote || !back) return ended(travelling, link.is === 'yes' ? 'unknown' : link.is, link.at, link.says);
  if (remote.host === travelling.taken?.host) {
    // as it was sent it could have been sent elsewhere at once; what rules have made of it may be news
    const isNews = !sameEnds(travelling.sent, travelling.taken.sent) || isForeign(remote.host, travelling.sent.destination);
    return ended(travelling, isNews ? 'unknown' : 'no', originOf(remote), `it comes back to ${remote.host.name}, which is taken`);
  }
  const over = link.is === 'unknown' ? doubted(travelling, link.at, link.says) : assuming(travelling, link.assumed);
  const on = sureOf(over, remote);
  const { source, sourceKnown } = on.sent;
  if (sourceKnown === false) return ended(on, 'unknown', link.at, `the source that ${remote.host.name} would see is not known here`);
  const entry = entryFor(remote, source);
  if (!entry || entry.peer !== devicePeer(remote, back)?.peer) {
    const who = entry ? `takes ${addressText(source)} from ${entry.peer.label} alone` : `takes ${addressText(source)} from nobody`;
    const at = entry?.at ?? { uri: remote.uri, ...back.at };
    return ended(on, deviceOf(remote).changedAt ? 'unknown' : 'no', at, `${remote.host.name} ${who}`);
  }
  return arrived(went(on, entry.at, `${remote.host.name} takes ${addressText(source)} from ${node.host.name}`), remote, depth + 1);
}

function arrived(travelling: Travel, node: MeshInterface, depth: number): Travelled {
  const { host } = node;
  const { model, sent } = travelling;
  const { source, destination } = sent;
  if (depth > MOST_HOSTS) return ended(travelling, 'no', originOf(node), 'it goes round in a ring until its hop limit ends');
  const taken = isTaken(node, source, destination, flushesRuleset(model, host));
  if (taken.is === 'no') return ended(travelling, 'no', taken.at, taken.says);
  const on = taken.is === 'unknown' ? doubted(travelling, taken.at, taken.says) : travelling;
  const asking: Asking = { source, iif: node.name };
  const way = wayOut(host, destination, asking);
  if (way.to !== 'here' && !mayTranslate(model, host, 'prerouting')) {
    const { is, at } = forwarding(host, destination.version, node);
    if (is === 'off') return ended(on, 'no', at, `${host.name} does not forward`);
    if (way.to === 'nowhere') return ended(on, 'no', way.at, `${host.name} throws away what is for ${addressText(destination)}`);
  }
  const through = throughHost(on, host, way.to === 'here' ? 'input' : 'forward', { iif: node.name, oif: deviceIn(way), asking });
  return 'answer' in through ? through : goesOn(through, host, node, way, destination, depth);
}
