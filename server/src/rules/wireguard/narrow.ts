// The fix that narrows an AllowedIPs entry to single hosts, where something says to which.
import { narrowingEvidence } from '../../mesh/addresses.ts';
import type { MeshInterface, Peer } from '../../mesh/model.ts';
import { addressText, isHost, masked, sizeText, type WrittenPrefix } from '../../net/address.ts';
import type { Fix } from '../../text/edit.ts';
import type { Origin, Place } from '../../text/origin.ts';
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
  if (!evidence || !span || isHost(prefix)) return [];
  const hosts = evidence.addresses.map((address) => `${addressText(address)}/${address.version === 4 ? 32 : 128}`);
  return [
    {
      title: `Narrow to ${hosts.join(', ')}: ${sizeText(prefix)}, ${evidence.addresses.length} in use (${evidence.why})`,
      safety: 'review',
      preferred: true,
      edits: [{ uri: finding.uri, span, text: hosts.join(', ') }],
    },
  ];
}
