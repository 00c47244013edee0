// The way of one packet that a person asks about: from a host, to a host or an address, with a service.

import { type Address, addressText } from '../../net/address.ts';
import { type AddressSet, setHolds } from '../../net/address-set.ts';
import type { View } from '../../policy/views.ts';
import type { Flow } from '../../reach/matrix/cell.ts';
import type { AccessMatrix } from '../../reach/matrix/matrix.ts';
import type { HostMember } from '../../reach/matrix/members.ts';
import { openingPacket } from '../../reach/matrix/packets.ts';
import { holdsService, type ServiceNumber, type ServiceSet, serviceNumber } from '../../reach/matrix/service-set.ts';
import { questionFrom } from '../../reach/way/question.ts';
import { type Question, sourceOf } from '../../reach/way/why.ts';
import { type Explained, explained } from '../../rules/policy/explain.ts';
import { type PartKind, type PlaceOf, type ShownWay, shownWay } from './explain.ts';
import { memberId } from './who.ts';

/** `from` is a member's id or a host's name. */
export interface TraceAsked {
  readonly from: string;
  readonly to: string;
  readonly service: string;
  readonly view: View;
}

export interface Traced<P> {
  readonly from: string;
  readonly to: string;
  readonly service: string;
  readonly view: View;
  readonly answer: 'yes' | 'no' | 'unknown';
  readonly way: ShownWay<P>;
}

/** A sentence of what is wrong where it cannot be asked. `matrix` is of the view that is asked for; a few of its cells are looked at. */
export function traced<P>(matrix: AccessMatrix, asked: TraceAsked, place: PlaceOf<P>): Traced<P> | { readonly problem: string } {
  const { model, members, view } = matrix;
  const from = senderNamed(matrix, asked.from);
  if (typeof from === 'string') return { problem: from };
  const target = members.find((member) => memberId(member) === asked.to);
  const first = target && firstAddress(target.addresses, from);
  if (target && !first) return { problem: `${target.name} has no address that ${from.name} could send to` };
  const question = questionFrom(model.links.hosts, from.host, {
    to: first ? addressText(first) : asked.to,
    service: asked.service,
    view,
    source: null,
  });
  if (typeof question === 'string') return { problem: question };
  const service = numberOf(question);
  const source = view === 'blast-radius' ? bestSource(matrix, from, question.to, service) : null;
  const own = source ?? sourceOf(from.host, question.to);
  if (!own) return { problem: `${from.name} has no address to send to ${addressText(question.to)} from` };
  const sent = openingPacket(own, question.to, service);
  const found = explained(model, view, from, sent);
  const answer = found?.answer ?? 'unknown';
  const kind = found && view === 'access' ? kindOf(found) : kinds[answer];
  const way = shownWay(matrix, from, kind, '', sent, place);
  const owner = members.find((member) => member.kind === 'host' && setHolds(member.addresses, question.to));
  const to = target?.name ?? owner?.name ?? addressText(question.to);
  return { from: from.name, to, service: asked.service.trim().toLowerCase(), view, answer, way };
}

const kinds = { yes: 'allowed', no: 'denied', unknown: 'maybe' } as const satisfies Record<string, PartKind>;

/** An honest host expects an answer: of what comes through it is told whether one comes back. */
function kindOf({ answer, oneWay }: Explained): PartKind {
  if (oneWay === true) return 'one-way';
  return answer === 'yes' && oneWay === null ? 'answer-unknown' : kinds[answer];
}

function senderNamed({ members }: AccessMatrix, text: string): HostMember | string {
  const hosts = members.filter((member) => member.kind === 'host');
  const byId = hosts.find((member) => memberId(member) === text);
  if (byId) return byId;
  const byName = hosts.filter(({ name }) => name === text);
  const [only] = byName;
  if (only && byName.length === 1) return only;
  const other = members.find((member) => memberId(member) === text || member.name === text);
  if (other && !only) return `the file of ${other.name} is not here: what it sends, nobody says`;
  return only ? `${byName.length} hosts are called “${text}”` : `there is no host “${text}”`;
}

function firstAddress({ v4, v6 }: AddressSet, { addresses }: HostMember): Address | null {
  if (v4[0] && addresses.v4.length > 0) return { version: 4, value: v4[0].from };
  return v6[0] && addresses.v6.length > 0 ? { version: 6, value: v6[0].from } : null;
}

/** The destination port, or the request of ICMP. */
function numberOf({ protocol, port }: Question): ServiceNumber {
  return serviceNumber(protocol, port ?? (protocol === 1 ? 8 : protocol === 58 ? 128 : 0));
}

/** What a taken host would send as: an address that gets it through, else one of which it is not known. */
function bestSource(matrix: AccessMatrix, from: HostMember, to: Address, service: ServiceNumber): Address | null {
  const row = matrix.members.indexOf(from);
  const holds = ({ v4, v6 }: ServiceSet): boolean => holdsService(to.version === 4 ? v4 : v6, service);
  for (const part of ['allowed', 'unknown'] as const) {
    for (const [column, member] of matrix.members.entries()) {
      if (column === row || !setHolds(member.addresses, to)) continue;
      const flows = matrix.cell(row, column).flows.filter((flow) => setHolds(flow.destinations, to) && holds(flow[part]));
      const source = ownFirst(flows, from) ?? flows.map(({ sources }) => sourceIn(sources, to.version)).find((one) => one !== null);
      if (source) return source;
    }
  }
  return null;
}

/** Its own address where that gets through: a person tries it first. */
function ownFirst(flows: readonly Flow[], { host }: HostMember): Address | null {
  const own = host.interfaces.flatMap(({ addresses }) => addresses);
  return own.find((address) => flows.some(({ sources }) => setHolds(sources, address))) ?? null;
}

function sourceIn({ v4, v6 }: AddressSet, version: 4 | 6): Address | null {
  if (version === 4) return v4[0] ? { version, value: v4[0].from } : null;
  return v6[0] ? { version, value: v6[0].from } : null;
}
