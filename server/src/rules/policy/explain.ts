// One packet of what somebody reaches, or does not, as a person can try it: its way, and the line that decides.
import type { MeshModel } from '../../mesh/model.ts';
import { type Address, addressText } from '../../net/address.ts';
import { protocols } from '../../net/protocols.ts';
import type { View } from '../../policy/views.ts';
import type { Member } from '../../reach/matrix/members.ts';
import { exchange } from '../../reach/way/exchange.ts';
import type { Hop, Sent, Travelled } from '../../reach/way/progress.ts';
import { travelFromPeer, travelTaken } from '../../reach/way/travel.ts';
import type { Origin } from '../../text/origin.ts';
import type { RelatedPlace } from '../rule.ts';

export interface Explained {
  readonly sent: Sent;
  readonly answer: Travelled['answer'];
  /** Of access whether no answer comes back; null where that is not known, or not asked. */
  readonly oneWay: boolean | null;
  /** The way there, and for access that is given the way of the answer back. */
  readonly hops: readonly Hop[];
  /** The line that lets it through, or stops it; null where no line does. */
  readonly decides: Origin | null;
}

/** Null for what an honest peer sends whose own file is not here, and for what comes from a network behind a host. */
export function explained(model: MeshModel, view: View, from: Member, sent: Sent): Explained | null {
  if (from.kind === 'peer' && view === 'blast-radius') return withDecision(model, sent, travelFromPeer(model, from.node, from.peer, sent));
  if (from.kind !== 'host') return null;
  if (view === 'blast-radius') return withDecision(model, sent, travelTaken(model, from.host, sent));
  const { there, back, oneWay } = exchange(model, from.host, sent);
  const answer = back?.hops.map((hop) => ({ ...hop, says: `answer: ${hop.says}` })) ?? [];
  const hops = [...there.hops, ...answer];
  // what stops the answer stops the access
  if (there.answer === 'yes' && oneWay === true) return { ...withDecision(model, sent, { answer: 'no', hops }), oneWay };
  return { ...withDecision(model, sent, there), hops, oneWay };
}

function withDecision(model: MeshModel, sent: Sent, { answer, hops }: Pick<Travelled, 'answer' | 'hops'>): Explained {
  const placed = hops.flatMap(({ at, ofLink }) => (at && !ofLink ? [at] : []));
  const rulesets = new Set(model.rulesets.map(({ uri }) => uri));
  // what lets a packet through is a firewall rule, where there is one; else the entry that takes it, before the host that has the address
  const lets = placed.findLast(({ uri }) => rulesets.has(uri)) ?? placed.at(-2) ?? placed.at(-1);
  return { sent, answer, oneWay: null, hops, decides: (answer === 'yes' ? lets : placed.at(-1)) ?? null };
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
