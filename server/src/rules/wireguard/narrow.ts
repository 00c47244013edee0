// The fix that narrows an AllowedIPs entry to single hosts, where something says to which.
import { narrowingEvidence } from '../../mesh/addresses.ts';
import type { MeshInterface, Peer } from '../../mesh/model.ts';
import { addressText, firstOf, isHost, masked, type Prefix, sizeText, type WrittenPrefix } from '../../net/address.ts';
import type { Fix } from '../../text/edit.ts';
import type { Origin, Place } from '../../text/origin.ts';
import type { Span } from '../../text/span.ts';
import type { FixContext } from '../rule.ts';

/** The peer and the entry that a finding speaks of. */
export function entryAt(
  context: FixContext,
  { uri, statement, item }: Origin,
): { readonly node: MeshInterface; readonly peer: Peer; readonly written: WrittenPrefix; readonly at: Place } | null {
  const node = context.model.links.interfaceOf.get(uri);
  for (const peer of node?.peers ?? []) {
    for (const { value, at } of peer.facts.allowedIps) {
      if (node && at.statement === statement && at.item === item) return { node, peer, written: value, at };
    }
  }
  return null;
}

export function narrowingFixes(finding: Origin, context: FixContext): readonly Fix[] {
  const entry = entryAt(context, finding);
  if (!entry) return [];
  const { node, peer, written, at } = entry;
  const prefix = masked(written);
  const evidence = narrowingEvidence(context.model, node, peer, written);
  const span = context.span(finding.uri, at);
  if (!span || isHost(prefix)) return [];
  if (!evidence) return prefix.length > 0 ? [byHand(finding.uri, span, prefix)] : [];
  const hosts = evidence.addresses.map((address) => `${addressText(address)}/${address.version === 4 ? 32 : 128}`);
  return [
    {
      title: `Narrow to ${hosts.join(', ')}: ${sizeText(prefix)}, ${evidence.addresses.length} in use (${evidence.why})`,
      safety: 'review',
      preferred: true,
      edits: [{ uri: finding.uri, span, text: hosts.join(', ') }],
      evident: true,
    },
  ];
}

/** Nothing says which host is meant: the length is cut to one, and the address is left for a person to type. */
function byHand(uri: string, span: Span, prefix: Prefix): Fix {
  const address = addressText(firstOf(prefix));
  return {
    title: `Narrow to one host: type its address (${sizeText(prefix)} now)`,
    safety: 'review',
    edits: [{ uri, span, text: `${address}/${prefix.version === 4 ? 32 : 128}`, select: { start: 0, end: address.length } }],
    typed: true,
  };
}
