// Carries all packets of one source through a host's ruleset at once: every hook on their way, in the kernel's order, as walk.ts does
// with one packet. Which of them may be where is a set of flows; those of which something is not known are in several sets.
import type { Chain } from '../../nftables/ruleset/state.ts';
import { isIn, noneKnown, zero } from '../walk/bits.ts';
import { baseChains, deviceChains, type Hook, hookOrder, type Stop } from '../walk/hooks.ts';
import { ctStates, joined, type Packet, type Registers } from '../walk/packet.ts';
import { interfaceBits, type Route, seenByConntrack } from '../walk/walk.ts';
import { type Carrier, effectsBehind, effectsFrom } from './carrier.ts';
import type { Act } from './effects.ts';
import { meetsSource, moveInto } from './flat-effects.ts';
import { activate, addAll, emptySet, type FlowSet, isEmpty, release, reset } from './flow-sets.ts';
import type { AddressNumber } from './ranges.ts';
import { type Rules, rulesOfBlock, rulesOfChain } from './rules.ts';
import { symbolicPacket } from './symbolic.ts';
import { addressIn, type Translation, translationKey, translationOf } from './translation.ts';

/** Flows that are alike in all that rules look at but for their destinations and services. */
interface Piece {
  readonly registers: Registers;
  readonly set: FlowSet;
}

/** Where the flows of one source end. What is in one of these alone surely does so. */
export interface Carried {
  /** They come out as they were. */
  readonly accepted: FlowSet;
  readonly dropped: FlowSet;
  /** They go another way than by a verdict, or nobody knows. */
  readonly other: FlowSet;
  readonly changes: readonly { readonly translation: Translation; readonly set: FlowSet }[];
}

/** More than any ruleset has on the way of one source; what still goes on then may become anything. */
const MOST_STEPS = 4_000_000;
/** nft_validate: NFT_JUMP_STACK_SIZE. */
const MOST_JUMPS = 16;
/** Packets that differ in marks and the like are told apart up to so many kinds. */
const MOST_PIECES = 24;

/** What one row keeps while it is carried. */
interface Row {
  readonly carrier: Carrier;
  /** Its atom, and an address in it. */
  readonly source: number;
  readonly address: AddressNumber;
  readonly dropped: FlowSet;
  readonly other: FlowSet;
  hook: Hook;
  steps: number;
}

/** `source` is the atom of `address`. */
export function carry(carrier: Carrier, source: number, address: AddressNumber): Carried {
  const { sets, bench } = carrier;
  const { situation, first } = bench;
  reset(sets);
  const row: Row = { carrier, source, address, dropped: emptySet(sets), other: emptySet(sets), hook: 'prerouting', steps: 0 };
  const whole = emptySet(sets);
  whole.bits.set(carrier.lines.all);
  activate(whole, 0);
  const start: readonly Piece[] = [{ registers: first, set: whole }];
  const ends = situation.way === 'output' ? sentOut(row, start) : comeIn(row, start);
  const accepted = emptySet(sets);
  let changes: Map<string, Carried['changes'][number]> | null = null;
  for (const { registers, set } of ends) {
    const translation = translationOf(registers, first, situation);
    if (!translation) addAll(sets, accepted, set);
    else {
      changes ??= new Map();
      const key = translationKey(translation);
      const same = changes.get(key);
      if (same) addAll(sets, same.set, set);
      else changes.set(key, { translation, set: copied(carrier, set) });
    }
  }
  return { accepted, dropped: row.dropped, other: row.other, changes: changes ? [...changes.values()] : [] };
}

function sentOut(row: Row, start: readonly Piece[]): readonly Piece[] {
  const { oif } = row.carrier.bench.situation;
  let pieces = atHook(row, 'output', start);
  pieces = changeAll(row, pieces, 'rerouted', (registers) => rerouted(row, registers));
  pieces = changeAll(row, pieces, 'sent', (registers) => ({ ...registers, iif: noneKnown }));
  pieces = atHook(row, 'postrouting', pieces);
  pastDevice(row, 'egress', oif, pieces);
  return pieces;
}

function comeIn(row: Row, start: readonly Piece[]): readonly Piece[] {
  const { carrier } = row;
  const { way, iif, oif } = carrier.bench.situation;
  pastDevice(row, 'ingress', iif, start);
  const result: Piece[] = [];
  const input = (pieces: readonly Piece[]): void => {
    const at = changeAll(row, pieces, 'input', (registers) => ({ ...registers, oif: zero }));
    for (const piece of atHook(row, 'input', at)) addPiece(carrier, result, piece);
  };
  const forward = (pieces: readonly Piece[], device: string | null): void => {
    const out = interfaceBits(device);
    const at = changeAll(row, pieces, `forward ${device ?? ''}`, (registers) => ({ ...registers, oif: out }));
    const out_ = atHook(row, 'postrouting', atHook(row, 'forward', at));
    pastDevice(row, 'egress', device, out_);
    for (const piece of out_) addPiece(carrier, result, piece);
  };
  for (const piece of atHook(row, 'prerouting', start)) {
    const to = leadsTo(row, piece.registers);
    if (to === 'as sent') {
      if (way === 'input') input([piece]);
      else forward([piece], oif);
    } else if (to === null) {
      const copy = { ...piece, set: copied(carrier, piece.set) };
      input([copy]);
      forward([piece], null);
    } else if (to.to === 'here') input([piece]);
    else if (to.to === 'interface') forward([piece], to.name);
    else addAll(carrier.sets, row.dropped, piece.set);
  }
  return result;
}

/** Where packets go that rules may have sent elsewhere; null where it is not known. */
function leadsTo({ carrier }: Row, { destination, redirected }: Registers): Route | 'as sent' | null {
  const { first, situation } = carrier.bench;
  const isRedirected = isIn(redirected, 1n, 1n, 1);
  if (isRedirected === true) return { to: 'here' };
  if (isRedirected === null) return null;
  if (destination === first.destination) return 'as sent';
  const address = addressIn(destination, situation.version);
  return address && (situation.translating?.routeOf(address) ?? null);
}

/** The same change of all of them, computed once for equal registers. */
function changeAll({ carrier }: Row, pieces: readonly Piece[], name: string, by: (registers: Registers) => Registers): readonly Piece[] {
  return gathered(
    carrier,
    pieces.map(({ registers, set }) => ({ registers: carrier.bench.changed(name, registers, by), set })),
  );
}

/** Pieces with equal registers put together. */
function gathered(carrier: Carrier, pieces: readonly Piece[]): readonly Piece[] {
  if (pieces.length < 2) return pieces;
  const result: Piece[] = [];
  for (const piece of pieces) addPiece(carrier, result, piece);
  return result;
}

function addPiece(carrier: Carrier, pieces: Piece[], { registers, set }: Piece): void {
  const same = pieces.find((piece) => piece.registers === registers);
  if (same) {
    if (same.set !== set) addAll(carrier.sets, same.set, set);
  } else if (pieces.length < MOST_PIECES) pieces.push({ registers, set });
  else {
    // what they have in common is known of all of them
    const last = pieces.pop() as Piece;
    addAll(carrier.sets, last.set, set);
    pieces.push({ registers: carrier.bench.canonical(joined(last.registers, registers) as Registers), set: last.set });
  }
}

function copied({ sets }: Carrier, set: FlowSet): FlowSet {
  const copy = emptySet(sets);
  addAll(sets, copy, set);
  return copy;
}

function pastDevice({ carrier, dropped }: Row, hook: 'ingress' | 'egress', device: string | null, pieces: readonly Piece[]): void {
  if (deviceChains(carrier.program.state, hook, device).length > 0) for (const { set } of pieces) addAll(carrier.sets, dropped, set);
}

/** nf_tables_route.c: for another mark, source or class the route is looked up again. */
function rerouted(row: Row, registers: Registers): Registers {
  const { program, bench } = row.carrier;
  const { first } = bench;
  const looksAgain = baseChains(program.state, program.version).some(({ base }) => base?.type === 'route');
  const isMoved = looksAgain && (registers.mark !== first.mark || registers.source !== first.source || registers.dscp !== first.dscp);
  const to = leadsTo(row, registers);
  if (to === 'as sent' && !isMoved) return registers;
  const out = !isMoved && to !== 'as sent' && to?.to === 'interface' ? interfaceBits(to.name) : noneKnown;
  return { ...registers, oif: out };
}

function atHook(row: Row, hook: Hook, pieces: readonly Piece[]): readonly Piece[] {
  const { carrier } = row;
  const { sets, program } = carrier;
  const { orders, unknown } = hookOrder(program.state, hook, program.version);
  const [only] = orders;
  if (orders.length === 1 && unknown.length === 0) {
    row.hook = hook;
    return only ? only.reduce((at, stop) => atStop(row, stop, at), pieces) : pieces;
  }
  const result: Piece[] = [];
  for (const order of orders) {
    row.hook = hook;
    const copies = pieces.map(({ registers, set }) => ({ registers, set: copied(carrier, set) }));
    for (const piece of order.reduce<readonly Piece[]>((at, stop) => atStop(row, stop, at), copies)) addPiece(carrier, result, piece);
  }
  if (unknown.length > 0) {
    // what is not known of the ruleset may let through what it drops, and the other way round
    for (const piece of pieces) {
      addAll(sets, row.dropped, piece.set);
      addPiece(carrier, result, piece);
    }
  }
  return result;
}

function atStop(row: Row, stop: Stop, pieces: readonly Piece[]): readonly Piece[] {
  const { carrier } = row;
  switch (stop.kind) {
    case 'chain':
      return atBaseChain(row, stop.chain, pieces).accepted;
    case 'conntrack':
      return changeAll(row, pieces, 'conntrack', (registers) => seenByConntrack(packetOf(carrier), registers));
    case 'nat':
      return atNat(row, stop.chains, pieces);
  }
}

function translates({ program: { state, version } }: Carrier): boolean {
  return baseChains(state, version).some(({ base, rules }) => base?.type === 'nat' && rules.length > 0);
}

/** Only the first packet of a connection meets the rules (nf_nat_core.c, nf_nat_inet_fn); later ones are as their connection is. */
function atNat(row: Row, chains: readonly Chain[], pieces: readonly Piece[]): readonly Piece[] {
  const { carrier } = row;
  const result: Piece[] = [];
  for (const piece of pieces) {
    const isTracked = isIn(piece.registers.tracked, 1n, 1n, 1);
    const isNew = isIn(piece.registers.ctState, ctStates.new, ctStates.new, 7);
    const passes = isTracked !== true || isNew !== true;
    const meets = isTracked !== false && isNew !== false;
    if (passes) addPiece(carrier, result, meets ? { ...piece, set: copied(carrier, piece.set) } : piece);
    // of a connection that may have been there before nobody knows how it is translated
    if (isNew === null && translates(carrier)) {
      addAll(carrier.sets, row.dropped, piece.set);
      addAll(carrier.sets, row.other, piece.set);
    }
    if (!meets) continue;
    let at: readonly Piece[] = [piece];
    for (const chain of chains) {
      const { accepted, bound } = atBaseChain(row, chain, at);
      at = accepted;
      for (const one of bound) addPiece(carrier, result, one);
    }
    for (const one of at) addPiece(carrier, result, one);
  }
  return result;
}

/** One that is like all of them to conntrack. */
function packetOf({ bench, segments }: Carrier): Packet {
  return segments.list[0]?.packet ?? symbolicPacket(bench.situation, 0);
}

/** What comes of the flows of one chain. */
interface Ways {
  readonly accepted: Piece[];
  readonly bound: Piece[];
}

function atBaseChain(row: Row, chain: Chain, pieces: readonly Piece[]): Ways {
  const { carrier, dropped } = row;
  const ways: Ways = { accepted: [], bound: [] };
  const policy = chain.base?.policy ?? null;
  for (const piece of pieces) {
    for (const end of throughChain(row, chain, piece, 0, ways)) {
      if (policy !== 'accept') addAll(carrier.sets, dropped, end.set);
      if (policy !== 'drop') addPiece(carrier, ways.accepted, end);
    }
  }
  return ways;
}

/** The flows that come to the end of the chain, or return from it. */
function throughChain(row: Row, chain: Chain, piece: Piece, depth: number, ways: Ways): readonly Piece[] {
  const { carrier } = row;
  if (chain.unknown.length > 0) return [anything(row, piece, ways)];
  const table = carrier.program.scopes.get(`${chain.family} ${chain.table}`);
  if (!table) return [piece];
  const ends: Piece[] = [];
  throughRules(row, { rules: rulesOfChain(chain, table), chains: table.chains, depth }, piece, null, ends, ways);
  return ends;
}

/** Rules of a chain, or of one without a name. */
interface RulesPlace {
  readonly rules: Rules;
  readonly chains: ReadonlyMap<string, Chain>;
  readonly depth: number;
}

/** Any verdict may meet them, and any mark be put on them. */
function anything({ carrier, dropped, other }: Row, { registers, set }: Piece, ways: Ways): Piece {
  const { sets } = carrier;
  const any = carrier.bench.changed('anything', registers, (r) => ({ ...r, mark: noneKnown, ctMark: noneKnown }));
  addAll(sets, dropped, set);
  addAll(sets, other, set);
  addPiece(carrier, ways.accepted, { registers: any, set: copied(carrier, set) });
  addPiece(carrier, ways.bound, { registers: any, set: copied(carrier, set) });
  return { registers: any, set };
}

/** Behind a step of a rule, where flows go on as other ones than they came to it. */
interface Behind {
  readonly rule: number;
  readonly step: number;
}

/** What comes to the end of the rules, or returns, is put into `ends`; the piece's set is taken apart. */
function throughRules(row: Row, place: RulesPlace, piece: Piece, behind: Behind | null, ends: Piece[], ways: Ways): void {
  const { carrier } = row;
  const { sets } = carrier;
  let { registers, set } = piece;
  // the rest of one rule comes first, where the flows begin in the middle of it
  let rest = behind;
  let first = 0;
  for (;;) {
    const effects = rest
      ? effectsBehind(carrier, row.hook, place.rules, rest.rule, rest.step, registers)
      : effectsFrom(carrier, row.hook, place.rules, first, registers, row.address);
    let next: { readonly piece: Piece; readonly behind: Behind } | null = null;
    for (let effect = effects(); effect; effect = effects()) {
      if (!meetsSource(effect, row.source)) continue;
      if (++row.steps > MOST_STEPS) {
        ends.push(anything(row, { registers, set }, ways));
        return;
      }
      const { act } = effect;
      if (act.do === 'drop') moveInto(sets, effect, set, row.dropped);
      else if (act.do === 'other') moveInto(sets, effect, set, row.other);
      else if (act.do === 'accept') moveInto(sets, effect, set, setOf(carrier, ways.accepted, registers));
      else if (act.do === 'return') moveInto(sets, effect, set, setOf(carrier, ends, registers));
      else {
        const taken = emptySet(sets);
        moveInto(sets, effect, set, taken);
        if (isEmpty(sets, taken)) {
          release(sets, taken);
          continue;
        }
        const onward = { rule: effect.rule, step: effect.step + 1 };
        const onwards = carriedOut(row, place, act, { registers, set: taken }, ends, ways);
        for (const end of onwards) if (end.registers === registers) addAll(sets, set, end.set);
        for (const end of onwards) {
          if (end.registers === registers || isEmpty(sets, end.set)) continue;
          // all of them have moved on
          if (!next && isEmpty(sets, set)) next = { piece: end, behind: onward };
          else throughRules(row, place, end, onward, ends, ways);
        }
        if (next || isEmpty(sets, set)) break;
      }
      if (effect.isTotal) break;
    }
    if (next) {
      ({ registers, set } = next.piece);
      rest = next.behind;
    } else if (rest) {
      first = rest.rule + 1;
      rest = null;
    } else break;
  }
  if (!isEmpty(sets, set)) addPiece(carrier, ends, { registers, set });
}

/** What goes on behind it in the rule. */
function carriedOut(row: Row, place: RulesPlace, act: Act, piece: Piece, ends: Piece[], ways: Ways): readonly Piece[] {
  const { carrier } = row;
  switch (act.do) {
    case 'write':
      return [{ registers: act.registers, set: piece.set }];
    case 'bind':
      addPiece(carrier, ways.bound, { registers: act.registers, set: piece.set });
      return [];
    case 'jump':
    case 'goto': {
      const chain = place.chains.get(act.target);
      if (!chain || place.depth >= MOST_JUMPS) return [anything(row, piece, ways)];
      const returned = throughChain(row, chain, piece, place.depth + 1, ways);
      if (act.do === 'jump') return returned;
      // goto leaves nothing to come back to (nf_tables_core.c, NFT_GOTO)
      for (const end of returned) addPiece(carrier, ends, end);
      return [];
    }
    case 'block': {
      const returned: Piece[] = [];
      throughRules(row, { ...place, rules: rulesOfBlock(act.rules) }, piece, null, returned, ways);
      if (act.returns) return returned;
      for (const end of returned) addPiece(carrier, ends, end);
      return [];
    }
    default:
      return [anything(row, piece, ways)];
  }
}

function setOf({ sets }: Carrier, pieces: Piece[], registers: Registers): FlowSet {
  const found = pieces.find((piece) => piece.registers === registers);
  if (found) return found.set;
  const set = emptySet(sets);
  pieces.push({ registers, set });
  return set;
}
