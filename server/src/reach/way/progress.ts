// A packet on its way through a mesh: what it is by now, what let it on, and what is not known of that.
import type { Host, MeshModel } from '../../mesh/model.ts';
import type { Origin } from '../../text/origin.ts';
import type { Packet } from '../walk/packet.ts';

/** What is sent: its addresses and its service, before any interface is known. */
export type Sent = Pick<
  Packet,
  'source' | 'sourceKnown' | 'destination' | 'protocol' | 'sourcePort' | 'destinationPort' | 'tcpFlags' | 'icmpType' | 'icmpCode' | 'state'
>;

/** One thing that let the packet on, or did not. */
export interface Hop {
  readonly at: Origin | null;
  readonly says: string;
  /** Of what is assumed of the link that carries the packet: no rule that saw the packet itself. */
  readonly ofLink?: true;
}

/** Where a packet ended that came through, and as what. */
export interface End {
  readonly host: Host;
  /** Whether it went on into a network behind the host. */
  readonly beyond: boolean;
  readonly sent: Sent;
}

/** What a host made of a packet, which decides what it makes of the answer. */
export interface Passage {
  readonly host: Host;
  readonly before: Sent;
  readonly after: Sent;
  /** Whether conntrack has seen it; null where that is not known. */
  readonly tracked: boolean | null;
}

export interface Travelled {
  readonly answer: 'yes' | 'no' | 'unknown';
  /** All up to the end, which is the reason where the answer is not yes. */
  readonly hops: readonly Hop[];
  /** Where it comes to, if it does; null where it surely does not, or nobody knows where. */
  readonly end: End | null;
  readonly passed: readonly Passage[];
}

/** A packet on its way. */
export interface Travel {
  readonly model: MeshModel;
  readonly sent: Sent;
  readonly hops: readonly Hop[];
  /** The first thing that is not known; null where all is. */
  readonly doubt: Hop | null;
  readonly passed: readonly Passage[];
  /** Where somebody has taken the host that sent it: that host, and what it sent. */
  readonly taken?: { readonly host: Host; readonly sent: Sent };
  /** Of an answer: what hosts made of what it answers. Left out, every host takes it for what `sent` says. */
  readonly answers?: readonly Passage[];
}

export function ended(on: Travel, answer: Travelled['answer'], at: Origin | null, says: string, end: End | null = null): Travelled {
  const { hops, doubt, passed } = on;
  const all = [...hops, { at, says }];
  // a doubt on the way to a definite no changes nothing
  if (answer === 'no' || !doubt) return { answer, hops: all, end, passed };
  return { answer: 'unknown', hops: [...all, doubt], end, passed };
}

export function went(on: Travel, at: Origin | null, says: string): Travel {
  return { ...on, hops: [...on.hops, { at, says }] };
}

/** Over a link of which this is assumed. */
export function assuming(on: Travel, assumed: readonly Hop[]): Travel {
  return assumed.length === 0 ? on : { ...on, hops: [...on.hops, ...assumed.map((hop) => ({ ...hop, ofLink: true as const }))] };
}

export function doubted(on: Travel, at: Origin | null, says: string): Travel {
  return { ...on, doubt: on.doubt ?? { at, says } };
}
