// A packet and its answer: the way there, and the way back by the routes and the memory of every host on it.
import type { Host, MeshModel } from '../../mesh/model.ts';
import { sameAddress } from '../../net/address.ts';
import { answeringType } from '../walk/conntrack.ts';
import type { Sent, Travelled } from './progress.ts';
import { travel } from './travel.ts';

export interface Exchange {
  readonly there: Travelled;
  /** null where nothing comes through, or nobody here answers. */
  readonly back: Travelled | null;
  /** Whether no answer comes back to who sent; null where that is not known. */
  readonly oneWay: boolean | null;
}

export function exchange(model: MeshModel, from: Host, sent: Sent): Exchange {
  const there = travel(model, from, sent);
  const { end } = there;
  // of what lies behind a host nobody here knows where it sends
  if (there.answer !== 'yes' || !end || end.beyond || end.sent.sourceKnown === false) return { there, back: null, oneWay: null };
  const answer = answerTo(end.sent);
  const back = travel(model, end.host, answer, there.passed);
  if (back.answer === 'unknown') return { there, back, oneWay: null };
  // it must come to who sent it, and from where he sent it to
  const isAnswer =
    back.answer === 'yes' &&
    back.end?.host === from &&
    !back.end.beyond &&
    sameAddress(back.end.sent.source, sent.destination) &&
    sameAddress(back.end.sent.destination, sent.source) &&
    samePort(back.end.sent.sourcePort, sent.destinationPort);
  return { there, back, oneWay: !isAnswer };
}

function samePort(a: number | null, b: number | null): boolean {
  return a === null || b === null || a === b;
}

/** A SYN's is SYN and ACK, a ping's its echo; of other protocols a packet the other way. */
function answerTo(sent: Sent): Sent {
  const { source, destination, sourcePort, destinationPort, protocol, icmpType } = sent;
  return {
    ...sent,
    source: destination,
    destination: source,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
    tcpFlags: protocol === 6 ? 18 : null,
    icmpType: icmpType === null ? null : (answeringType(protocol, icmpType) ?? icmpType),
    state: 'established',
  };
}
