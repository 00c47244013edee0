// Past one host's own rules: the packet as it is behind them, with what conntrack will know of it, or where it ended.
import type { Host, MeshModel } from '../../mesh/model.ts';
import { type Address, addressText, sameAddress } from '../../net/address.ts';
import type { Origin } from '../../text/origin.ts';
import { isIn, numberIn } from '../walk/bits.ts';
import { openingState } from '../walk/conntrack.ts';
import { interfaceNumber } from '../walk/constants.ts';
import type { Packet, Registers, Translated } from '../walk/packet.ts';
import { type Route, type Walk, type WalkOptions, type Way, walk } from '../walk/walk.ts';
import { otherDevices } from './device-names.ts';
import { doubted, ended, type Passage, type Sent, type Travel, type Travelled, went } from './progress.ts';
import { type Asking, hostOrigin, wayOut } from './routes.ts';
import { rulesetOf } from './ruleset.ts';
import { addressToward } from './source.ts';

export interface Devices {
  /** null at the host that sends. */
  readonly iif: string | null;
  /** null for one that ends here, and for a device that no file names. */
  readonly oif: string | null;
  /** Who asks for its way, should a rule change where it goes. */
  readonly asking: Asking;
}

const words: Readonly<Record<Way, string>> = { input: 'in', forward: 'through', output: 'out' };

/** Whether rules may change where packets go, before their way is chosen. */
export function mayTranslate(model: MeshModel, host: Host, hook: 'prerouting' | 'output'): boolean {
  const ruleset = rulesetOf(model, host);
  if (!ruleset) return false;
  return ruleset.state.tables.some(({ chains }) =>
    chains.some(({ base, rules }) => base?.type === 'nat' && base.hook === hook && rules.length > 0),
  );
}

export function throughHost(on: Travel, host: Host, way: Way, devices: Devices): Travel | Travelled {
  const { model, sent } = on;
  const ruleset = rulesetOf(model, host);
  const hostAt = hostOrigin(host);
  if (!ruleset) {
    const passage: Passage = { host, before: sent, after: sent, tracked: true };
    const assumed = `${host.name} has no ruleset here: it is assumed to accept`;
    return { ...went(on, hostAt, assumed), passed: [...on.passed, passage] };
  }
  const state = stateAt(on, host);
  const own = host.interfaces.map(({ name }) => name);
  const options = optionsOf(host, devices.asking);
  // of a device that no file names every name counts that a rule asks for
  const names = way === 'input' || devices.oif !== null ? [devices.oif] : otherDevices(ruleset.state, own);
  const walks = names.map((oif) =>
    walk(way, ruleset.state, { ...sent, ...state, iif: way === 'output' ? null : devices.iif, oif, mark: 0, linkLayer: false }, options),
  );
  const walked = (walks.find(({ verdict }) => verdict !== walks[0]?.verdict && verdict !== 'drop') ?? walks[0]) as Walk;
  const isSure = walks.every(({ verdict }) => verdict === walked.verdict) && walked.verdict !== 'unknown';
  const decided = withDecisions(on, host, walked, ruleset.place);
  if (isSure && walked.verdict !== 'accept') {
    const at = walked.trace.at(-1);
    const answer = walked.verdict === 'drop' ? 'no' : 'unknown';
    return ended(decided, answer, at ? ruleset.place(at) : hostAt, `${host.name} does not let it ${words[way]}`);
  }
  const reason = walked.reasons[0] ?? walked.trace.at(-1);
  const at = reason ? ruleset.place(reason) : hostAt;
  const doubt = `${host.name} may accept or drop it: this is not known`;
  const passed = isSure ? decided : doubted(decided, at, doubt);
  if (!walked.after) return ended(passed, 'unknown', at, doubt);
  const after = sentAfter(walked.after, sent, host, devices.iif);
  if (!after) return ended(passed, 'unknown', at, `${host.name} changes its addresses in a way that is not known here`);
  const tracked = numberIn(walked.after.tracked, 1);
  const passage: Passage = { host, before: sent, after, tracked: tracked === null ? null : tracked === 1n };
  const changed = sameEnds(after, sent) ? passed : went(passed, at, `${host.name} makes it ${endsText(after)}`);
  return { ...changed, sent: after, passed: [...on.passed, passage] };
}

function withDecisions(on: Travel, host: Host, { trace }: Walk, place: (origin: Origin) => Origin): Travel {
  const shown = trace.filter(({ verdict }) => verdict !== 'return');
  const hops = shown.map(({ chain, verdict, uri, statement }) => ({
    at: place({ uri, statement, item: 0 }),
    says: `${host.name}, chain ${chain}: ${verdict}`,
  }));
  return { ...on, hops: [...on.hops, ...hops] };
}

/** What conntrack of the host takes the packet for. */
function stateAt({ sent, answers }: Travel, host: Host): Pick<Packet, 'state' | 'translation'> {
  if (!answers) return { state: sent.state };
  const passage = answers.find((one) => one.host === host && isAnswerTo(sent, one.after));
  if (!passage || passage.tracked === false) return { state: openingState(sent) };
  if (passage.tracked === null) return { state: null };
  const { before, after } = passage;
  const source = given([after.destination, after.destinationPort], [before.destination, before.destinationPort]);
  const destination = given([after.source, after.sourcePort], [before.source, before.sourcePort], after.sourceKnown);
  return { state: 'established', translation: source || destination ? { source, destination } : null };
}

function isAnswerTo(sent: Sent, request: Sent): boolean {
  return sameAddress(sent.source, request.destination) && (request.sourceKnown === false || sameAddress(sent.destination, request.source));
}

type AddressAndPort = readonly [Address, number | null];

/** What an answer gets back in place of what the request was given; null where that was nothing. */
function given([address, port]: AddressAndPort, [first, firstPort]: AddressAndPort, known = true): Translated | null {
  return known && sameAddress(address, first) && port === firstPort ? null : { address: first, port: firstPort };
}

function optionsOf(host: Host, asking: Asking): WalkOptions {
  return {
    routeOf: (destination): Route | null => {
      const way = wayOut(host, destination, asking);
      if (way.to === 'here' || way.to === 'nowhere') return { to: way.to };
      if (way.to === 'interface') return { to: 'interface', name: way.node.name };
      return way.to === 'beyond' && way.device !== null ? { to: 'interface', name: way.device } : null;
    },
    masqueradeAs: (oif, destination, version) => masqueradeAs(host, oif, destination, version),
  };
}

/** The address that a host's interface puts in place of a source. Towards any destination it is known where there is but one. */
export function masqueradeAs({ interfaces }: Host, oif: bigint, destination: bigint | null, version: 4 | 6): Address | null {
  const node = interfaces.find(({ name }) => interfaceNumber(name) === oif);
  if (!node) return null;
  if (destination !== null)
    return addressToward(node, version === 4 ? { version, value: Number(destination) } : { version, value: destination }, true);
  const [only, ...others] = node.addresses.filter((address) => address.version === version);
  return others.length === 0 ? (only ?? null) : null;
}

/** The packet as the rules leave it; null where it is not known where that goes. */
function sentAfter(after: Registers, sent: Sent, host: Host, iif: string | null): Sent | null {
  const { version } = sent.source;
  const width = version === 4 ? 32 : 128;
  const address = (number: bigint): Address => (version === 4 ? { version, value: Number(number) } : { version, value: number });
  const source = numberIn(after.source, width);
  let destination = numberIn(after.destination, width);
  if (isIn(after.redirected, 1n, 1n, 1) === true) {
    const to = redirectedTo(host, iif, version);
    destination = to && BigInt(to.value);
  }
  if (destination === null) return null;
  const port = (number: bigint | null): number | null => (number === null ? null : Number(number));
  const hasPorts = sent.sourcePort !== null || sent.destinationPort !== null;
  return {
    ...sent,
    source: source === null ? sent.source : address(source),
    ...(source === null ? { sourceKnown: false } : {}),
    destination: address(destination),
    sourcePort: hasPorts ? port(numberIn(after.sourcePort, 16)) : null,
    destinationPort: hasPorts ? port(numberIn(after.destinationPort, 16)) : null,
  };
}

/** The first address of the interface that a redirected packet came in by (nf_nat_redirect.c). */
export function redirectedTo({ interfaces }: Host, iif: string | null, version: 4 | 6): Address | null {
  const node = interfaces.find(({ name }) => name === iif);
  const own = node?.addresses.filter((address) => address.version === version) ?? [];
  // IPv6 has the latest first
  return (version === 4 ? own[0] : own.at(-1)) ?? null;
}

function sameEnds(a: Sent, b: Sent): boolean {
  return (
    a.sourceKnown === b.sourceKnown &&
    sameAddress(a.source, b.source) &&
    sameAddress(a.destination, b.destination) &&
    a.destinationPort === b.destinationPort
  );
}

function endsText({ source, sourceKnown, destination, destinationPort }: Sent): string {
  const from = sourceKnown === false ? 'an address of its own' : addressText(source);
  return `${from} → ${addressText(destination)}${destinationPort === null ? '' : ` port ${destinationPort}`}`;
}
