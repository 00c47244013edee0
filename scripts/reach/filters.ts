// Rulesets looked at for all packets at once beside the walk of one: random rulesets over the whole language, random packets.
import { type Address, addressText } from '../../server/src/net/address.ts';
import type { RulesetState } from '../../server/src/nftables/ruleset/state.ts';
import { filterOf } from '../../server/src/reach/filter/filter.ts';
import { newWorkshop } from '../../server/src/reach/filter/workshop.ts';
import { answeringPacket, openingPacket } from '../../server/src/reach/matrix/packets.ts';
import { allServices, holdsService, serviceNumber } from '../../server/src/reach/matrix/service-set.ts';
import { numberIn } from '../../server/src/reach/walk/bits.ts';
import type { Packet } from '../../server/src/reach/walk/packet.ts';
import { type Walk, type Way, walk } from '../../server/src/reach/walk/walk.ts';
import type { Sent } from '../../server/src/reach/way/progress.ts';
import { type Random, seeded } from '../bench/random.ts';
import { randomRuleset, textOf } from '../kernel/generate.ts';
import { addressOf } from '../kernel/network.ts';
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
  readonly isAnswer: boolean;
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
      const walked = answerOf(walk(tried.way, state, tried.packet), tried.packet);
      const filtered = filteredAnswer(state, tried, workshop);
      if (walked === 'unknown') counts[filtered === 'unknown' ? 'unsure' : 'filterAlone']++;
      else if (filtered === 'unknown') counts.walkAlone++;
      else if (walked === filtered) counts.sure++;
      else return { rulesets, ...counts, difference: differenceText(seed + i, text, tried, walked, filtered) };
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
  const isAnswer = random.int(4) === 0;
  const sent: Sent | null = isAnswer ? answeringPacket(opening) : opening;
  if (!sent || (isAnswer && opening.state !== 'new')) return null;
  const way = random.pick(['forward', 'forward', 'input', 'output'] as const);
  const iif = way === 'output' ? null : random.pick(devices);
  const oif = way === 'input' ? null : random.pick(devices);
  const packet: Packet = { ...sent, iif, oif, mark: 0, linkLayer: false, translation: null };
  return { way, iif, oif, isAnswer, packet, source: sent.source, service };
}

type Answer = 'yes' | 'no' | 'unknown';

/** As a packet's way through a mesh takes it: one that comes out as another is not followed. */
function answerOf({ verdict, after }: Walk, { source, destination, destinationPort }: Packet): Answer {
  if (verdict === 'drop') return 'no';
  if (verdict !== 'accept' || !after) return 'unknown';
  const width = source.version === 4 ? 32 : 128;
  const same =
    numberIn(after.source, width) === BigInt(source.value) &&
    numberIn(after.destination, width) === BigInt(destination.value) &&
    (destinationPort === null || numberIn(after.destinationPort, 16) === BigInt(destinationPort));
  return same ? 'yes' : 'unknown';
}

function filteredAnswer(
  state: RulesetState,
  { way, iif, oif, isAnswer, packet, source, service }: Tried,
  workshop: ReturnType<typeof newWorkshop>,
): Answer {
  const { version } = source;
  const destinations = addresses[version].map((text) => addressOf(text).value);
  const direction = isAnswer ? 'answer' : 'opening';
  const states = isAnswer ? (['established'] as const) : (['new', 'invalid', 'untracked'] as const);
  const filter = filterOf(state, { version, way, iif, oif, direction, states, port: PORT }, destinations, workshop);
  const id = filter.row(source.value)[filter.classOf(packet.destination.value)];
  if (id === undefined) throw new Error('no class for a destination');
  const { allowed, possible } = workshop.outcomes.of(id);
  return holdsService(allowed, service) ? 'yes' : holdsService(possible, service) ? 'unknown' : 'no';
}

function differenceText(seed: number, ruleset: string, tried: Tried, walked: Answer, filtered: Answer): string {
  const { way, iif, oif, packet } = tried;
  const { source, destination, protocol, sourcePort, destinationPort, icmpType, state } = packet;
  const ends = `${addressText(source)}:${sourcePort} → ${addressText(destination)}:${destinationPort}`;
  return `seed ${seed}: ${way} ${iif}/${oif} ${ends} protocol ${protocol} type ${icmpType} ${state}: the walk says ${walked}, the filter ${filtered}\n${ruleset}`;
}
