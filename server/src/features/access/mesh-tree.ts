// The meshes of a workspace as a tree: hosts, their interfaces, and the peers of each.
import type { Host, MeshInterface, MeshModel, Peer } from '../../mesh/model.ts';
import { peerRoles } from '../../mesh/roles.ts';
import { addressText } from '../../net/address.ts';
import type { AccessMatrix } from '../../reach/matrix/matrix.ts';
import { membersOf } from '../../reach/matrix/members.ts';
import { counted } from '../../text/words.ts';
import { reachedBy, reachesOf } from './counts.ts';
import type { PlaceOf } from './explain.ts';
import { hostId, hostRole, interfaceAt, placeOfHost, togetherIn } from './who.ts';

export interface MeshNode<P> {
  readonly kind: 'mesh' | 'host' | 'interface' | 'peer';
  /** Of a host the id of its member; of others unique in the tree. */
  readonly id: string;
  readonly name: string;
  readonly detail: string;
  readonly role: string | null;
  readonly place: P | null;
  readonly children: readonly MeshNode<P>[];
}

/** `matrix` of the blast radius, where it is computed: then hosts say how many they reach. One mesh stands without a node of its own. */
export function meshTree<P>(model: MeshModel, matrix: AccessMatrix | null, place: PlaceOf<P>): readonly MeshNode<P>[] {
  const members = membersOf(model);
  const nodes = togetherIn(model, members).map((group) =>
    group.flatMap((at) => {
      const member = members[at];
      return member?.kind === 'host' ? [hostNode(member.host, matrix, place)] : [];
    }),
  );
  const [only] = nodes;
  if (nodes.length <= 1) return only ?? [];
  return nodes.map((children, i) => {
    const hub = children.find(({ role }) => role === 'hub') ?? children[0];
    const detail = counted(children.length, 'host');
    return { kind: 'mesh', id: `mesh ${i}`, name: `mesh of ${hub?.name ?? '?'}`, detail, role: null, place: null, children };
  });
}

function hostNode<P>(host: Host, matrix: AccessMatrix | null, place: PlaceOf<P>): MeshNode<P> {
  const [first] = host.interfaces;
  const several = host.interfaces.length > 1;
  return {
    kind: 'host',
    id: hostId(host),
    name: host.name,
    detail: matrix ? countsText(matrix, host) : '',
    role: hostRole(host),
    place: first ? place(interfaceAt(first)) : null,
    // one interface says nothing that its host does not
    children: several || !first ? host.interfaces.map((node) => interfaceNode(node, place)) : peerNodes(first, place),
  };
}

function countsText(matrix: AccessMatrix, host: Host): string {
  const at = placeOfHost(matrix.members, host);
  if (at === null) return '';
  const reaches = reachesOf(matrix, at);
  const perhaps = reaches.unknown.length > 0 ? `, perhaps ${reaches.unknown.length} more` : '';
  return `reaches ${reaches.allowed.length}${perhaps} · reachable from ${reachedBy(matrix, at).allowed.length}`;
}

function interfaceNode<P>(node: MeshInterface, place: PlaceOf<P>): MeshNode<P> {
  const detail = node.addresses.map(addressText).join(', ');
  return {
    kind: 'interface',
    id: node.uri,
    name: node.name,
    detail,
    role: null,
    place: place(interfaceAt(node)),
    children: peerNodes(node, place),
  };
}

function peerNodes<P>(node: MeshInterface, place: PlaceOf<P>): readonly MeshNode<P>[] {
  return node.peers.map((peer, i) => ({
    kind: 'peer',
    id: `${node.uri} peer ${i}`,
    name: peer.label,
    detail: linkText(peer),
    role: peerRoles(node, peer)[0]?.role ?? null,
    place: place({ uri: node.uri, ...peer.facts.at }),
    children: [],
  }));
}

function linkText({ remote, back }: Peer): string {
  if (!remote) return 'its own file is not here';
  return back ? '' : 'does not list this host';
}
