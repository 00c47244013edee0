// The way of one packet through a host's ruleset: every base chain at every hook on it, in the kernel's order. Says accept or drop
// only where nothing that is not known can change it.
import type { Address } from '../../net/address.ts';
import type { RulesetState } from '../../nftables/ruleset/state.ts';
import type { Origin } from '../../text/origin.ts';
import { exactly, isIn, noneKnown, numberIn, type Truth, widthMask, zero } from './bits.ts';
import { type Decision, note, scopesOf, throughBaseChain, type Walker } from './chain.ts';
import { isUntracked } from './conntrack.ts';
import { interfaceNumber } from './constants.ts';
import { baseChains, deviceChains, type Hook, hookOrder, type Stop } from './hooks.ts';
import { isSameDestination } from './nat.ts';
import type { MasqueradeAs } from './operands.ts';
import { addressBits, ctStates, joined, orUnknown, type Packet, type Registers, type Translated } from './packet.ts';

/** forward: prerouting, forward, postrouting; input: prerouting, input; output: output, postrouting. */
export type Way = 'forward' | 'input' | 'output';

export const hooksOn: Readonly<Record<Way, readonly Hook[]>> = {
  forward: ['prerouting', 'forward', 'postrouting'],
  input: ['prerouting', 'input'],
  output: ['output', 'postrouting'],
};

export type Verdict = 'accept' | 'drop' | 'other' | 'unknown';

/** Where a destination leads to from this host. */
export type Route = { readonly to: 'here' } | { readonly to: 'interface'; readonly name: string } | { readonly to: 'nowhere' };

export interface WalkOptions {
  /** For packets whose destination a rule has changed; null where the route is not known. */
  readonly routeOf?: (destination: Address) => Route | null;
  /** The way and its interfaces are as the packet says, whatever a rule changes in it: but for what is redirected to this host. */
  readonly routeStands?: boolean;
  readonly masqueradeAs?: MasqueradeAs;
}

export interface Walk {
  readonly verdict: Verdict;
  /** What decided, in order. */
  readonly trace: readonly Decision[];
  /** Of an unknown verdict: the statements that are not known to match, or to be all. */
  readonly reasons: readonly Origin[];
  /** What is known of the packet at the end of its way; null where it surely does not come so far. */
  readonly after: Registers | null;
}

/** What may have become of the packet so far; `alive` null where it surely ended. */
interface Passage {
  readonly alive: Registers | null;
  readonly mayDrop: boolean;
  readonly mayOther: boolean;
}

interface Walking {
  readonly walker: Walker;
  readonly state: RulesetState;
}

export function walk(way: Way, state: RulesetState, packet: Packet, options: WalkOptions = {}): Walk {
  const version = packet.source.version;
  const walker: Walker = {
    packet,
    version,
    trace: [],
    reasons: new Map(),
    scopes: scopesOf(state.tables),
    masqueradeAs: options.masqueradeAs,
    steps: 0,
    sure: true,
  };
  const on: Walking = { walker, state };
  const first = registersOf(packet, way);
  let passage: Passage = { alive: first, mayDrop: false, mayOther: false };
  if (way === 'output') {
    passage = throughHook(on, 'output', passage);
    passage = rerouted(on, passage, first, options);
    passage = throughHook(
      on,
      'postrouting',
      change(passage, (r) => ({ ...r, iif: noneKnown })),
    );
    passage = pastLoopback(on, pastDevice(on, 'egress', packet.oif, passage), first, options);
  } else {
    passage = pastDevice(on, 'ingress', packet.iif, passage);
    passage = throughHook(on, 'prerouting', passage);
    passage = afterRouting(on, way, passage, first, options);
  }
  const verdict = verdictOf(passage);
  return { verdict, trace: walker.trace, reasons: verdict === 'unknown' ? [...walker.reasons.values()] : [], after: passage.alive };
}

function verdictOf({ alive, mayDrop, mayOther }: Passage): Verdict {
  if (alive && !mayDrop && !mayOther) return 'accept';
  if (!alive && mayDrop && !mayOther) return 'drop';
  if (!alive && mayOther && !mayDrop) return 'other';
  return 'unknown';
}

export function registersOf(packet: Packet, way: Way): Registers {
  const source = packet.sourceKnown === false ? noneKnown : addressBits(packet.source);
  const destination = packet.destinationKnown === false ? noneKnown : addressBits(packet.destination);
  const sourcePort = orUnknown(packet.sourcePort);
  const destinationPort = orUnknown(packet.destinationPort);
  return {
    source,
    destination,
    sourcePort,
    destinationPort,
    icmpType: orUnknown(packet.icmpType),
    mark: exactly(BigInt(packet.mark)),
    ttl: orUnknown(packet.ttl),
    dscp: orUnknown(packet.dscp),
    // where there is no interface its name is empty (nft_meta.c, nft_meta_store_ifname)
    iif: way === 'output' ? zero : interfaceBits(packet.iif),
    oif: way === 'output' ? interfaceBits(packet.oif) : zero,
    // before conntrack has looked, all are invalid (nft_ct.c, nft_ct_get_eval)
    ctState: exactly(ctStates.invalid),
    tracked: zero,
    untracked: zero,
    ctMark: zero,
    snat: zero,
    dnat: zero,
    firstSource: source,
    firstDestination: destination,
    firstSourcePort: sourcePort,
    firstDestinationPort: destinationPort,
    redirected: zero,
  };
}

export function interfaceBits(name: string | null): Registers['iif'] {
  return name === null ? noneKnown : exactly(interfaceNumber(name));
}

function change(passage: Passage, by: (registers: Registers) => Registers): Passage {
  return passage.alive ? { ...passage, alive: by(passage.alive) } : passage;
}

/** What both may have come to. */
function merged(a: Passage, b: Passage): Passage {
  return { alive: joined(a.alive, b.alive), mayDrop: a.mayDrop || b.mayDrop, mayOther: a.mayOther || b.mayOther };
}

function pastDevice({ walker, state }: Walking, hook: 'ingress' | 'egress', device: string | null, passage: Passage): Passage {
  const chains = deviceChains(state, hook, device);
  for (const { base, at } of chains) note(walker, base?.at ?? at);
  return chains.length > 0 ? { ...passage, mayDrop: true } : passage;
}

/** What a rule sends back to this host comes in again by the loopback interface, where chains may drop it. */
function pastLoopback({ walker, state }: Walking, passage: Passage, first: Registers, { routeOf, routeStands }: WalkOptions): Passage {
  const { alive } = passage;
  if (!alive || isSameDestination(alive, first, walker.version) === true) return passage;
  const isRedirected = isIn(alive.redirected, 1n, 1n, 1);
  if (routeStands && isRedirected === false) return passage;
  const route = isRedirected === false ? routeFrom(alive, walker.version, routeOf) : null;
  if (route && route.to !== 'here') return passage;
  const chains = baseChains(state, walker.version).filter(({ base }) => base?.hook === 'prerouting' || base?.hook === 'input');
  for (const { at } of chains) note(walker, at);
  return chains.length > 0 ? { ...passage, mayDrop: true } : passage;
}

/** From the routing decision to the end of the way. */
function afterRouting(
  on: Walking,
  way: 'forward' | 'input',
  passage: Passage,
  first: Registers,
  { routeOf, routeStands }: WalkOptions,
): Passage {
  const { alive } = passage;
  if (!alive) return passage;
  const { packet, version } = on.walker;
  const input = (): Passage =>
    throughHook(
      on,
      'input',
      change(passage, (r) => ({ ...r, oif: zero })),
    );
  const forward = (oif: string | null): Passage => {
    // ip_forward and ip6_forward count the hop before the hook
    const ttl = (r: Registers): Registers['ttl'] => {
      const number = numberIn(r.ttl, 8);
      return number === null || number === 0n ? r.ttl : exactly(number - 1n);
    };
    const forwarded = throughHook(
      on,
      'forward',
      change(passage, (r) => ({ ...r, oif: interfaceBits(oif), ttl: ttl(r) })),
    );
    return pastDevice(on, 'egress', oif, throughHook(on, 'postrouting', forwarded));
  };
  const isRedirected = isIn(alive.redirected, 1n, 1n, 1);
  if (isRedirected === true) return input();
  const asSaid = (): Passage => (way === 'input' ? input() : forward(packet.oif));
  if (isRedirected === false && (routeStands || isSameDestination(alive, first, version) === true)) return asSaid();
  if (routeStands) return merged(input(), asSaid());
  const route = isRedirected === false ? routeFrom(alive, version, routeOf) : null;
  if (!route) return merged(input(), forward(null));
  if (route.to === 'here') return input();
  if (route.to === 'interface') return forward(route.name);
  return { alive: null, mayDrop: true, mayOther: passage.mayOther };
}

function routeFrom({ destination }: Registers, version: 4 | 6, routeOf: WalkOptions['routeOf']): Route | null {
  const number = numberIn(destination, version === 4 ? 32 : 128);
  if (number === null || !routeOf) return null;
  return routeOf(version === 4 ? { version, value: Number(number) } : { version, value: number });
}

/** A packet of this host is routed anew where a rule changed what its route depends on. */
function rerouted({ state, walker }: Walking, passage: Passage, first: Registers, { routeOf, routeStands }: WalkOptions): Passage {
  const { alive } = passage;
  if (!alive || routeStands) return passage;
  const isSame = isSameDestination(alive, first, walker.version);
  // chains of type route look it up again for another mark, source or class (nf_tables_route.c)
  const routes = baseChains(state, walker.version).some(({ base }) => base?.type === 'route');
  const others: Truth = !routes
    ? true
    : [alive.mark, alive.source, alive.dscp].every((bits, i) => bits === [first.mark, first.source, first.dscp][i]);
  if (isSame === true && others) return passage;
  const route = others && isSame === false ? routeFrom(alive, walker.version, routeOf) : null;
  const oif = route?.to === 'interface' ? interfaceBits(route.name) : noneKnown;
  return change(passage, (r) => ({ ...r, oif }));
}

function throughHook(on: Walking, hook: Hook, passage: Passage): Passage {
  if (!passage.alive) return passage;
  const { walker, state } = on;
  const { orders, unknown } = hookOrder(state, hook, walker.version);
  for (const origin of unknown) note(walker, origin);
  let result: Passage | null = null;
  for (const order of orders) {
    let at: Passage = passage;
    for (const stop of order) at = atStop(on, hook, stop, at);
    result = result ? merged(result, at) : at;
  }
  const through = result ?? passage;
  // what is not known of the ruleset may let through what it drops, and the other way round
  if (unknown.length > 0) return { alive: through.alive ?? passage.alive, mayDrop: true, mayOther: through.mayOther };
  return through;
}

function atStop(on: Walking, hook: Hook, stop: Stop, passage: Passage): Passage {
  const { alive } = passage;
  if (!alive) return passage;
  switch (stop.kind) {
    case 'chain':
      return atChain(on.walker, stop.chain, hook, passage).passage;
    case 'conntrack':
      return { ...passage, alive: seenByConntrack(on.walker.packet, alive) };
    case 'nat':
      return atNat(on, hook, stop, passage);
  }
}

type Chain = Parameters<typeof throughBaseChain>[1];

function atChain(
  walker: Walker,
  chain: Chain,
  hook: Hook,
  passage: Passage,
): { readonly passage: Passage; readonly bound: Registers | null } {
  const { alive } = passage;
  if (!alive) return { passage, bound: null };
  const ends = throughBaseChain(walker, chain, hook, alive);
  const policy = chain.base?.policy ?? null;
  let { accept, drop } = ends;
  if (ends.end) {
    const at = chain.base?.policyAt ?? chain.base?.at ?? chain.at;
    if (policy !== 'accept' && policy !== 'drop') note(walker, at);
    if (policy !== 'drop') accept = joined(accept, ends.end);
    if (policy !== 'accept') drop = true;
    walker.trace.push({ ...at, item: 0, chain: chain.name, verdict: `policy ${policy ?? 'unknown'}`, sure: walker.sure });
  }
  return {
    passage: { alive: accept, mayDrop: passage.mayDrop || drop, mayOther: passage.mayOther || ends.other },
    bound: ends.bound,
  };
}

export function seenByConntrack(packet: Packet, registers: Registers): Registers {
  const kept = { ...registers, ctState: exactly(ctStates.untracked), tracked: zero };
  const isKept = isIn(registers.untracked, 1n, 1n, 1);
  if (isKept === true || isUntracked(packet.protocol, packet.icmpType)) return kept;
  const seen = assumed(packet, registers);
  return isKept === null ? (joined(kept, seen) as Registers) : seen;
}

function assumed(packet: Packet, registers: Registers): Registers {
  const { source, destination, sourcePort, destinationPort } = registers;
  const firsts = { firstSource: source, firstDestination: destination, firstSourcePort: sourcePort, firstDestinationPort: destinationPort };
  switch (packet.state) {
    case 'new':
      return { ...registers, ...firsts, ctState: exactly(ctStates.new), tracked: exactly(1n) };
    case 'invalid':
    case 'untracked':
      return { ...registers, ctState: exactly(ctStates[packet.state]), tracked: zero };
    case null:
      return { ...registers, ctState: { value: 0n, known: ~0xfn & widthMask(128) }, tracked: noneKnown, ctMark: noneKnown };
    default:
      return { ...registers, ctState: exactly(ctStates[packet.state]), tracked: exactly(1n), ctMark: noneKnown };
  }
}

/** The first packet of a connection meets the rules; later ones are translated as it was (nf_nat_core.c, nf_nat_inet_fn). */
function atNat(on: Walking, hook: Hook, stop: Stop & { readonly kind: 'nat' }, passage: Passage): Passage {
  const alive = passage.alive as Registers;
  const isTracked = isIn(alive.tracked, 1n, 1n, 1);
  if (isTracked === false) return passage;
  const isNew = isIn(alive.ctState, ctStates.new, ctStates.new, 7);
  let result: Passage | null = isTracked === null ? passage : null;
  const add = (one: Passage): void => {
    result = result ? merged(result, one) : one;
  };
  // one that was seen here before is bound already
  const isBound = on.walker.packet.state === 'new' && on.walker.packet.translation !== undefined;
  if (isNew !== false)
    add(
      isBound
        ? change(passage, (registers) => translatedAsBefore(on, hook, registers))
        : throughNatChains(on.walker, hook, stop.chains, passage),
    );
  if (isNew !== true) add(change(passage, (registers) => translatedAsBefore(on, hook, registers)));
  return result ?? passage;
}

function throughNatChains(walker: Walker, hook: Hook, chains: readonly Chain[], passage: Passage): Passage {
  let at = passage;
  let bound: Registers | null = null;
  for (const chain of chains) {
    const through = atChain(walker, chain, hook, at);
    at = through.passage;
    bound = joined(bound, through.bound);
  }
  return { ...at, alive: joined(at.alive, bound) };
}

function translatedAsBefore({ walker, state }: Walking, hook: Hook, registers: Registers): Registers {
  const { packet, version } = walker;
  const isSource = hook === 'input' || hook === 'postrouting';
  const { translation } = packet;
  if (translation === null) return registers;
  if (translation === undefined) {
    const translators = baseChains(state, version).filter(({ base, rules }) => base?.type === 'nat' && rules.length > 0);
    if (translators.length === 0) return registers;
    for (const { at } of translators) note(walker, at);
    return isSource
      ? { ...registers, source: noneKnown, sourcePort: noneKnown }
      : { ...registers, destination: noneKnown, destinationPort: noneKnown };
  }
  const given = isSource ? translation.source : translation.destination;
  if (!given) return registers;
  const [address, port] = bitsOf(given);
  return isSource
    ? { ...registers, source: address ?? registers.source, sourcePort: port ?? registers.sourcePort }
    : { ...registers, destination: address ?? registers.destination, destinationPort: port ?? registers.destinationPort };
}

function bitsOf({ address, port }: Translated): readonly [Registers['source'] | null, Registers['source'] | null] {
  return [address && addressBits(address), port === null ? null : exactly(BigInt(port))];
}
