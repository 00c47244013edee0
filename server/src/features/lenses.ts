// What stands over lines: over a peer what it reaches once it is taken, over the line that is typed what the edit changes. Where they
// stand is told at once; what they say is asked for later, when it is seen.
import type { Analysis } from '../analysis/analysis.ts';
import { placeSpan } from '../analysis/parsed-file.ts';
import type { MeshInterface, Peer } from '../mesh/model.ts';
import type { AccessMatrix } from '../reach/matrix/matrix.ts';
import { ownedBy, ownersAt } from '../reach/matrix/owners.ts';
import { sendsAs } from '../reach/matrix/sends-as.ts';
import type { Span } from '../text/span.ts';
import { counted } from '../text/words.ts';
import { reachedBy, reachedText, reachesOf, reachesText } from './access/counts.ts';
import { senderText } from './access/sender-text.ts';
import { memberOf, placeOfHost } from './access/who.ts';

/** Of an interface's own host, or of the peer of that number in its file. */
export interface HostLens {
  readonly span: Span;
  readonly peer: number | null;
}

export function hostLenses(analysis: Analysis, uri: string): readonly HostLens[] {
  const file = analysis.files.get(uri);
  const node = analysis.mesh.model.links.interfaceOf.get(uri);
  if (!file || !node) return [];
  const lenses: HostLens[] = [];
  const own = node.own.at && placeSpan(file, node.own.at);
  if (own) lenses.push({ span: own, peer: null });
  for (const [peer, { facts }] of node.peers.entries()) {
    const span = placeSpan(file, facts.at);
    if (span) lenses.push({ span, peer });
  }
  return lenses;
}

/** The member that a lens is about; null where the mesh has none such any more. */
export function lensMember({ members }: AccessMatrix, node: MeshInterface, peer: number | null): number | null {
  if (peer === null) return placeOfHost(members, node.host);
  const entry = node.peers[peer];
  return entry ? memberOf(members, entry) : null;
}

/** `reaches app tcp/443 · reachable from hub · may send as itself alone`, of a blast-radius matrix. */
export function hostLensText(matrix: AccessMatrix, node: MeshInterface, peer: number | null): string | null {
  const place = lensMember(matrix, node, peer);
  const member = place === null ? undefined : matrix.members[place];
  if (place === null || !member) return null;
  const reaches = reachesOf(matrix, place);
  const parts = [`reaches ${reachesText(reaches, matrix.view)}`];
  if (reaches.unknown.length > 0)
    parts.push(`perhaps ${counted(reaches.unknown.length, reaches.allowed.length > 0 ? 'more host' : 'host')}`);
  parts.push(`reachable from ${reachedText(reachedBy(matrix, place))}`);
  const entry = peer === null ? null : (node.peers[peer] ?? null);
  const senders = entry ? [takenFromEntry(node, entry)] : sendsAs(member);
  parts.push(`may send as ${senderText(matrix.model, matrix.members, member.addresses, senders)}`);
  return parts.join(' · ');
}

/** What this very entry lets in. */
function takenFromEntry(
  at: MeshInterface,
  entry: Peer,
): { readonly at: MeshInterface; readonly entry: Peer; readonly addresses: ReturnType<typeof ownedBy> } {
  return { at, entry, addresses: ownedBy(ownersAt(at), entry) };
}
