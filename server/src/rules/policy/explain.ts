// One packet of what somebody reaches, or does not, as a person can try it: its way, and the line that decides.
import type { MeshModel } from '../../mesh/model.ts';
import { type Address, addressText } from '../../net/address.ts';
import { protocols } from '../../net/protocols.ts';
import type { View } from '../../policy/views.ts';
import type { Member } from '../../reach/matrix/members.ts';
import { answeringPacket } from '../../reach/matrix/packets.ts';
import { ownInterface } from '../../reach/way/cryptokey.ts';
import { type Hop, type Sent, type Travelled, travel, travelTaken } from '../../reach/way/travel.ts';
import type { Origin } from '../../text/origin.ts';
import type { RelatedPlace } from '../rule.ts';

export interface Explained {
  readonly sent: Sent;
  readonly answer: Travelled['answer'];
  /** Whether it gets there, whatever becomes of the answer. */
  readonly arrives: Travelled['answer'];
  /** The way there, and for access that is given the way of the answer back. */
  readonly hops: readonly Hop[];
  /** The line that lets it through, or stops it; null where no line does. */
  readonly decides: Origin | null;
}

/** Null for what is sent by somebody whose own files are not here. */
export function explained(model: MeshModel, view: View, from: Member, sent: Sent): Explained | null {
  if (from.kind !== 'host') return null;
  if (view === 'blast-radius') return withDecision(model, sent, travelTaken(model, from.host, sent));
  const there = travel(model, from.host, sent);
  if (there.answer !== 'yes') return withDecision(model, sent, there);
  const answer = answeringPacket(sent);
  const target = model.links.hosts.find((host) => host !== from.host && ownInterface(host, sent.destination));
  if (!answer || !target) return withDecision(model, sent, there);
  const back = travel(model, target, answer);
  const all = back.hops.map(({ at, says }) => ({ at, says: `answer: ${says}` }));
  if (back.answer === 'yes') return { ...withDecision(model, sent, there), hops: [...there.hops, ...all] };
  return { ...withDecision(model, sent, { answer: back.answer, hops: [...there.hops, ...all] }), arrives: 'yes' };
}

function withDecision(model: MeshModel, sent: Sent, { answer, hops }: Travelled): Explained {
  const placed = hops.flatMap(({ at }) => (at ? [at] : []));
  const rulesets = new Set(model.rulesets.map(({ uri }) => uri));
  // what lets a packet through is a firewall rule, where there is one; else the entry that takes it
  const decides = answer === 'yes' ? (placed.findLast(({ uri }) => rulesets.has(uri)) ?? placed.at(-1)) : placed.at(-1);
  return { sent, answer, arrives: answer, hops, decides: decides ?? null };
}

export function relatedHops({ hops }: Explained): readonly RelatedPlace[] {
  return hops.flatMap(({ at, says }) => (at ? [{ ...at, message: says }] : []));
}

const names: ReadonlyMap<number, string> = new Map([...protocols].reverse().map(([name, number]) => [number, name]));

/** `10.10.0.7:49152 → 10.10.0.20:22 tcp new`. */
export function packetText({ source, destination, protocol, sourcePort, destinationPort, icmpType, state }: Sent): string {
  const what = `${names.get(protocol) ?? `protocol ${protocol}`}${icmpType === null ? '' : ` type ${icmpType}`}`;
  return `${endText(source, sourcePort)} → ${endText(destination, destinationPort)} ${what}${state === null ? '' : ` ${state}`}`;
}

function endText(address: Address, port: number | null): string {
  const text = addressText(address);
  if (port === null) return text;
  return address.version === 6 ? `[${text}]:${port}` : `${text}:${port}`;
}
