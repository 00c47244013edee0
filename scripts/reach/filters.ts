// Rulesets looked at for all packets at once beside the walk of one: random rulesets over the whole language, random packets.
import { type Address, addressText } from '../../server/src/net/address.ts';
import type { RulesetState } from '../../server/src/nftables/ruleset/state.ts';
import { filterOf, outcomeOfClass } from '../../server/src/reach/filter/filter.ts';
import type { Direction } from '../../server/src/reach/filter/symbolic.ts';
import { newWorkshop, type Workshop } from '../../server/src/reach/filter/workshop.ts';
import { answeringPacket, openingPacket } from '../../server/src/reach/matrix/packets.ts';
import { allServices, holdsService, serviceNumber } from '../../server/src/reach/matrix/service-set.ts';
import { isIn, numberIn } from '../../server/src/reach/walk/bits.ts';
import { openingState } from '../../server/src/reach/walk/conntrack.ts';
import type { ConnectionState, Packet } from '../../server/src/reach/walk/packet.ts';
import { type Walk, type Way, walk } from '../../server/src/reach/walk/walk.ts';
import type { Sent } from '../../server/src/reach/way/progress.ts';
import { type Random, seeded } from '../bench/random.ts';
import { randomRuleset, textOf } from '../kernel/generate.ts';
import { addressOf, routeOf } from '../kernel/network.ts';
import { stateOf } from '../kernel/ruleset.ts';

export interface FilterReport {
  readonly rulesets: number;
  readonly packets: number;
  /** Answers of which neither the walk nor the filter is sure, one of them, or none. */
  readonly sure: number;
  readonly walkAlone: number;
  readonly filterAlone: number;
  readonly unsure: number;
  readonly difference: string | null;
}

const addresses = {
  4: [
    '10.0.0.2',
    '10.0.0.3',
    '10.0.0.130',
    '10.9.0.5',
    '10.9.0.77',
    '10.1.0.2',
    '192.168.1.10',
    '172.16.3.4',
    '10.0.0.1',
    '192.168.1.1',
    '8.8.8.8',
    '10.0.0.201',
  ],
  6: ['fd00::2', 'fd00::3', 'fd00::1:7', 'fd02::2', 'fd01::9', 'fd01::20', 'fd00::1', '2001:db8::1'],
} as const;
const values = [0, 1, 8, 13, 21, 22, 23, 53, 80, 81, 128, 135, 443, 1000, 5432, 8080, 40000, 50000, 50001, 65535];
const devices = ['wg0', 'wg1', 'lan0', null];
const PORT = 49152;

interface Tried {
  readonly way: Way;
  readonly iif: string | null;
  readonly oif: string | null;
  readonly direction: Direction;
  readonly packet: Packet;
  readonly source: Address;
  readonly service: number;
}

/** Ruleset `i` has the seed `seed + i`. Ends at the first difference. */
export function compareFilters(seed: number, rulesets: number, packets: number): FilterReport {
  const counts = { packets: 0, sure: 0, walkAlone: 0, filterAlone: 0, unsure: 0 };
  for (let i = 0; i < rulesets; i++) {
    const random = seeded(seed + i);
    const text = textOf(randomRuleset(random));
    const state = stateOf(text);
    // the same workshop for all of one ruleset's questions, as for all hosts of a mesh
    const workshop = newWorkshop();
    for (let at = 0; at < packets; at++) {
      const tried = randomTry(random);
      if (!tried) continue;
      counts.packets++;
      const walked = cameOf(walk(tried.way, state, tried.packet, { routeOf }), tried.packet);
      const seen = filtered(state, tried, workshop);
      if (walked.answer === 'unknown') counts[seen.answer === 'unknown' ? 'unsure' : 'filterAlone']++;
      else if (seen.answer === 'unknown') counts.walkAlone++;
      else if (walked.answer === seen.answer && agree(walked.as, seen.as)) counts.sure++;
      else return { rulesets, ...counts, difference: differenceText(seed + i, text, tried, walked, seen) };
    }
  }
  return { rulesets, ...counts, difference: null };
}

function randomTry(random: Random): Tried | null {
  const version = random.pick([4, 4, 6] as const);
  const source = addressOf(random.pick(addresses[version]));
  const destination = addressOf(random.pick(addresses[version]));
  const protocol = random.pick([6, 6, 6, 17, 17, version === 4 ? 1 : 58, 136, 89, 132]);
  const service = serviceNumber(protocol, protocol === 89 ? 0 : random.pick(values));
  if (!holdsService(allServices('blast-radius', version), service)) return null;
  const opening = openingPacket(source, destination, service, PORT);
  const direction = random.pick(['opening', 'opening', 'answer', 'stray'] as const);
  const isAnswer = direction !== 'opening';
  const answer: Sent | null = isAnswer ? answeringPacket(opening) : opening;
  if (!answer || (isAnswer && opening.state !== 'new')) return null;
  const sent = direction === 'stray' ? { ...answer, state: openingState(answer) } : answer;
  const way = random.pick(['forward', 'forward', 'input', 'output'] as const);
  const iif = way === 'output' ? null : random.pick(devices);
  const oif = way === 'input' ? null : random.pick(devices);
  // what is let in is the host's own: a rule that sends it where it goes anyway changes nothing
  if (way === 'input' && routeOf(sent.destination).to !== 'here') return null;
  const packet: Packet = { ...sent, iif, oif, mark: 0, linkLayer: false, ...(direction === 'answer' ? { translation: null } : {}) };
  return { way, iif, oif, direction, packet, source: sent.source, service };
}

const statesOf = {
  opening: ['new', 'invalid', 'untracked'],
  answer: ['established'],
  stray: ['new', 'invalid', null],
} as const satisfies Readonly<Record<Direction, readonly (ConnectionState | null)[]>>;

/** `changed`: it comes out, with other addresses or another port. */
type Answer = 'yes' | 'changed' | 'no' | 'unknown';

interface Came {
  readonly answer: Answer;
  /** As what it comes out, as far as that is known. */
  readonly as: string;
}

function cameOf({ verdict, after }: Walk, { source, destination, destinationPort }: Packet): Came {
  if (verdict === 'drop') return { answer: 'no', as: '' };
  if (verdict !== 'accept' || !after) return { answer: 'unknown', as: '' };
  const width = source.version === 4 ? 32 : 128;
  const redirected = isIn(after.redirected, 1n, 1n, 1);
  const to = redirected === false ? numberIn(after.destination, width) : null;
  const [from, port] = [numberIn(after.source, width), numberIn(after.destinationPort, 16)];
  const same =
    from === BigInt(source.value) && to === BigInt(destination.value) && (destinationPort === null || port === BigInt(destinationPort));
  return same ? { answer: 'yes', as: '' } : { answer: 'changed', as: `${from} ${to} ${destinationPort === null ? '' : port}` };
}

function filtered(state: RulesetState, { way, iif, oif, direction, packet, source, service }: Tried, workshop: Workshop): Came {
  const { version } = source;
  const destinations = addresses[version].map((text) => addressOf(text).value).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const translating = { key: 'test', masqueradeAs: () => null, redirectTo: null, routeOf };
  const question = { version, way, iif, oif, direction, states: statesOf[direction], port: PORT, translating };
  const filter = filterOf(state, question, destinations, workshop);
  const { asSent, changes } = filter.row(source.value);
  const at = filter.classes[destinations.indexOf(packet.destination.value)] ?? -1;
  const { allowed, possible } = workshop.outcomes.of(outcomeOfClass(asSent, at));
  if (holdsService(allowed, service)) return { answer: 'yes', as: '' };
  for (const { translation, outcomes } of changes) {
    const changed = workshop.outcomes.of(outcomeOfClass(outcomes, at));
    if (!holdsService(changed.possible, service)) continue;
    if (!holdsService(changed.allowed, service)) return { answer: 'unknown', as: '' };
    const value = (one: Address | 'same' | null, before: Address): string =>
      `${one === null ? null : BigInt(one === 'same' ? before.value : one.value)}`;
    const { destinationPort } = packet;
    const port = translation.port === 'same' ? destinationPort : translation.port;
    const as = `${value(translation.source, packet.source)} ${value(translation.destination, packet.destination)} ${destinationPort === null ? '' : port}`;
    // a translation into what it was already
    const isSame =
      as === `${BigInt(packet.source.value)} ${BigInt(packet.destination.value)} ${destinationPort === null ? '' : destinationPort}`;
    return isSame ? { answer: 'yes', as: '' } : { answer: 'changed', as };
  }
  return { answer: holdsService(possible, service) ? 'unknown' : 'no', as: '' };
}

/** What one of the two does not know may be anything. */
function agree(a: string, b: string): boolean {
  const [one, other] = [a.split(' '), b.split(' ')];
  return one.every((part, i) => part === 'null' || other[i] === 'null' || part === other[i]);
}

function differenceText(seed: number, ruleset: string, tried: Tried, walked: Came, seen: Came): string {
  const { way, iif, oif, packet } = tried;
  const { source, destination, protocol, sourcePort, destinationPort, icmpType, state } = packet;
  const ends = `${addressText(source)}:${sourcePort} → ${addressText(destination)}:${destinationPort}`;
  return `seed ${seed}: ${way} ${iif}/${oif} ${ends} protocol ${protocol} type ${icmpType} ${state}: the walk says ${walked.answer} ${walked.as}, the filter ${seen.answer} ${seen.as}\n${ruleset}`;
}
