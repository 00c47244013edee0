// The matrix beside packets sent one by one: random cells of meshes of each shape.
import { parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { buildMesh } from '../../server/src/mesh/build.ts';
import type { MeshModel } from '../../server/src/mesh/model.ts';
import { type Address, addressText } from '../../server/src/net/address.ts';
import { type AddressSet, setHolds } from '../../server/src/net/address-set.ts';
import { type Cuts, cutsOf } from '../../server/src/reach/matrix/constants.ts';
import { type AccessMatrix, accessMatrix } from '../../server/src/reach/matrix/matrix.ts';
import type { Member } from '../../server/src/reach/matrix/members.ts';
import { EPHEMERAL, openingPacket } from '../../server/src/reach/matrix/packets.ts';
import { sendsAs } from '../../server/src/reach/matrix/sends-as.ts';
import {
  allServices,
  hasNoServices,
  holdsService,
  type ServiceNumber,
  type ServiceSet,
  serviceNumber,
  serviceProtocol,
  serviceValue,
} from '../../server/src/reach/matrix/service-set.ts';
import { exchange } from '../../server/src/reach/way/exchange.ts';
import type { Travelled } from '../../server/src/reach/way/progress.ts';
import { stateOf } from '../../server/src/reach/way/ruleset.ts';
import { travelTaken } from '../../server/src/reach/way/travel.ts';
import { sourceOf, type View } from '../../server/src/reach/way/why.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import { type Random, seeded } from '../bench/random.ts';
import type { Files } from './workloads.ts';

export function modelOf(files: Files): MeshModel {
  const parsed = Object.entries(files).map(([path, text]) => {
    const uri = `file:///mesh/${path}`;
    const language = path.endsWith('.jsonc') ? 'policy' : path.endsWith('nftables.conf') ? 'nftables' : 'wireguard';
    return { uri, facts: parsedFile(sourceFile(uri, 1, language, text)).facts };
  });
  return buildMesh(parsed).model;
}

type Answer = 'yes' | 'no' | 'unknown';

export interface CellReport {
  readonly cells: number;
  readonly yes: number;
  readonly no: number;
  /** Where one of the two is sure, or neither. */
  readonly packetAlone: number;
  readonly matrixAlone: number;
  readonly unsure: number;
  readonly difference: string | null;
}

interface Question {
  readonly from: number;
  readonly to: number;
  readonly source: Address;
  readonly destination: Address;
  readonly service: ServiceNumber;
}

/** Ends at the first difference. */
export function compareCells(files: Files, seed: number, cells: number, views: readonly View[] = ['access', 'blast-radius']): CellReport {
  const random = seeded(seed);
  const model = modelOf(files);
  const states = model.links.hosts.flatMap((host) => stateOf(model, host) ?? []);
  const cuts = cutsOf(model, states);
  const numbers = [...cuts.numbers, 1, 8, 22, 443, 40000].filter((number) => number < 65536);
  const matrices = views.map((view) => accessMatrix(model, view));
  const counts = { cells: 0, yes: 0, no: 0, packetAlone: 0, matrixAlone: 0, unsure: 0 };
  for (let tries = 0; counts.cells < cells && tries < cells * 20; tries++) {
    const matrix = random.pick(matrices);
    const asked = randomQuestion(random, matrix, cuts, numbers);
    if (!asked) continue;
    counts.cells++;
    const packet = byPacket(matrix, asked, cuts);
    const cell = byCell(matrix, asked);
    const elsewhere = packet.end === null || packet.end === asked.to ? null : byCell(matrix, { ...asked, to: packet.end });
    const pairs = [
      ['arrives', packet.arrives, cell.arrives],
      ['oneWay', packet.oneWay, cell.oneWay],
      ['elsewhere', elsewhere ? 'yes' : null, elsewhere?.arrives ?? null],
    ] as const;
    for (const [part, one, other] of pairs) {
      if (one === null || other === null) continue;
      if (one === 'unknown' || other === 'unknown') {
        if (part === 'arrives') counts[one === other ? 'unsure' : one === 'unknown' ? 'matrixAlone' : 'packetAlone']++;
      } else if (one !== other)
        return {
          ...counts,
          difference: `seed ${seed}: ${questionText(matrix, asked)}: ${part}: the packet says ${one}, the matrix ${other}`,
        };
      else if (part === 'arrives') counts[one]++;
    }
  }
  return { ...counts, difference: null };
}

function randomQuestion(random: Random, matrix: AccessMatrix, cuts: Cuts, numbers: readonly number[]): Question | null {
  const { members, view } = matrix;
  const from = random.int(members.length);
  const to = random.int(members.length);
  const sender = members[from];
  const target = members[to];
  if (from === to || !sender || !target || sender.kind !== 'host') return null;
  const destination = randomAddress(random, target.addresses, cuts);
  if (!destination) return null;
  const { version } = destination;
  const source = view === 'access' ? sourceOf(sender.host, destination) : randomSource(random, sender, cuts, version);
  if (!source || source.version !== version) return null;
  const protocol = random.pick([6, 6, 6, 17, 17, version === 4 ? 1 : 58, 132, 47]);
  const service = serviceNumber(
    protocol,
    protocol === 47 ? 0 : Math.max(0, random.pick(numbers) - random.int(2)) % (protocol === 1 || protocol === 58 ? 256 : 65536),
  );
  return holdsService(allServices(view, version), service) ? { from, to, source, destination, service } : null;
}

function randomSource(random: Random, sender: Member, cuts: Cuts, version: 4 | 6): Address | null {
  const sets = sendsAs(sender).filter(({ addresses }) => (version === 4 ? addresses.v4 : addresses.v6).length > 0);
  return sets.length === 0 ? null : randomAddress(random, random.pick(sets).addresses, cuts, version);
}

/** The ends of ranges, and numbers that some file names, more often than others. */
function randomAddress(random: Random, { v4, v6 }: AddressSet, cuts: Cuts, version?: 4 | 6): Address | null {
  const wanted = version ?? (v6.length > 0 && (v4.length === 0 || random.int(2) === 0) ? 6 : 4);
  if (wanted === 4) {
    if (v4.length === 0) return null;
    const { from, to } = random.pick(v4);
    const inside = [...cuts.v4].filter((cut) => cut >= from && cut <= to);
    return { version: 4, value: inside.length > 0 && random.int(3) > 0 ? random.pick(inside) : from + random.int(to - from + 1) };
  }
  if (v6.length === 0) return null;
  const { from, to } = random.pick(v6);
  const inside = [...cuts.v6].filter((cut) => cut >= from && cut <= to);
  return {
    version: 6,
    value:
      inside.length > 0 && random.int(3) > 0
        ? random.pick(inside)
        : from + BigInt(random.int(Number(to - from > 1000000n ? 1000000n : to - from) + 1)),
  };
}

interface Said {
  readonly arrives: Answer;
  /** null where it does not matter. */
  readonly oneWay: Answer | null;
  /** To which member it surely comes. */
  readonly end: number | null;
}

function byPacket({ model, members, view }: AccessMatrix, { from, to, source, destination, service }: Question, cuts: Cuts): Said {
  const sender = members[from];
  const target = members[to];
  if (sender?.kind !== 'host' || !target) throw new Error('no host');
  if (view === 'access') {
    const { there, oneWay } = exchange(model, sender.host, openingPacket(source, destination, service));
    const arrives = arrivalAt(target, there);
    return { arrives, oneWay: arrives !== 'yes' ? null : oneWay === null ? 'unknown' : oneWay ? 'yes' : 'no', end: endOf(members, there) };
  }
  const ports = cuts.sourcePorts ? [EPHEMERAL, ...[...cuts.numbers].filter((number) => number < 65536)] : [EPHEMERAL];
  const all = ports.map((port) => travelTaken(model, sender.host, openingPacket(source, destination, service, port)));
  const answers = all.map((one) => arrivalAt(target, one));
  const ends = all.map((one) => endOf(members, one));
  return {
    arrives: answers.includes('yes') ? 'yes' : answers.includes('unknown') ? 'unknown' : 'no',
    oneWay: null,
    end: ends.find((end) => end !== null) ?? null,
  };
}

function endOf(members: readonly Member[], { answer, end }: Travelled): number | null {
  if (answer !== 'yes' || !end) return null;
  const found = members.findIndex((member) => member.kind === (end.beyond ? 'beyond' : 'host') && member.host === end.host);
  return found < 0 ? null : found;
}

/** What comes to another host is none of this one's. */
function arrivalAt(to: Member, { answer, end }: Travelled): Answer {
  if (answer !== 'yes' || !end) return answer;
  const isThere = to.kind === 'peer' ? false : end.host === to.host && end.beyond === (to.kind === 'beyond');
  return isThere ? 'yes' : 'no';
}

function byCell(matrix: AccessMatrix, { from, to, source, destination, service }: Question): Pick<Said, 'arrives' | 'oneWay'> {
  let arrives: Answer = 'no';
  let oneWay: Answer | null = null;
  const holds = ({ v4, v6 }: ServiceSet): boolean => holdsService(source.version === 4 ? v4 : v6, service);
  for (const flow of matrix.cell(from, to).flows) {
    const { sources, sentTo, destinations, allowed, unknown, answerUnknown } = flow;
    if (!setHolds(sources, source) || !setHolds(sentTo?.destinations ?? destinations, destination)) continue;
    // what is sent elsewhere may come to another port
    const sent = sentTo?.services;
    if (sent && !holds(sent)) continue;
    if (sent ? !hasNoServices(allowed) : holds(allowed)) {
      arrives = 'yes';
      oneWay = holds(flow.oneWay) ? 'yes' : sentTo || holds(answerUnknown) ? 'unknown' : 'no';
    } else if ((sent || holds(unknown)) && arrives === 'no') arrives = 'unknown';
  }
  return { arrives, oneWay };
}

function questionText({ members, view }: AccessMatrix, { from, to, source, destination, service }: Question): string {
  const ends = `${members[from]?.name} as ${addressText(source)} → ${members[to]?.name} at ${addressText(destination)}`;
  return `${view}: ${ends} protocol ${serviceProtocol(service)} ${serviceValue(service)}`;
}
