// The members of a matrix as a person meets them: what tells them apart, where each is written, what each is in the mesh.
import type { Host, Mesh, MeshInterface, MeshModel, Peer } from '../../mesh/model.ts';
import { peerRoles, rolesOf } from '../../mesh/roles.ts';
import { prefixText } from '../../net/address.ts';
import { prefixesOf } from '../../net/ranges.ts';
import type { Role } from '../../policy/roles.ts';
import type { Member } from '../../reach/matrix/members.ts';
import type { Origin } from '../../text/origin.ts';

/** Stable while the files stay, and no part of a key: the names that members have among themselves may hold one. */
export function memberId(member: Member): string {
  switch (member.kind) {
    case 'host':
      return hostId(member.host);
    case 'peer':
      return `${member.node.uri} peer ${member.node.peers.indexOf(member.peer)}`;
    case 'beyond':
      return `${hostId(member.host)} beyond`;
  }
}

export function hostId({ interfaces, name }: Host): string {
  return interfaces[0]?.uri ?? name;
}

export function placeWithId(members: readonly Member[], id: string): number | null {
  const place = members.findIndex((member) => memberId(member) === id);
  return place < 0 ? null : place;
}

/** The member that a peer's entry stands for. */
export function memberOf(members: readonly Member[], peer: Peer): number | null {
  const place = members.findIndex(
    (member) =>
      (member.kind === 'host' && member.host === peer.remote?.host) || (member.kind === 'peer' && !peer.remote && member.peer === peer),
  );
  return place < 0 ? null : place;
}

export function placeOfHost(members: readonly Member[], host: Host): number | null {
  const place = members.findIndex((member) => member.kind === 'host' && member.host === host);
  return place < 0 ? null : place;
}

/** What each is called: where two hosts have one name, with the end of their folder. */
export function shownNames(members: readonly Member[]): readonly string[] {
  const count = new Map<string, number>();
  for (const { name } of members) count.set(name, (count.get(name) ?? 0) + 1);
  return members.map((member) => {
    const where = (count.get(member.name) ?? 0) < 2 ? '' : folderOf(member.kind === 'peer' ? member.node.host : member.host);
    return where ? `${member.name} (${where})` : member.name;
  });
}

function folderOf({ root }: Host): string {
  const parts = root.split('/').slice(-2);
  try {
    return decodeURIComponent(parts.join('/'));
  } catch {
    return parts.join('/');
  }
}

/** Where it is written: its own [Interface], or the entry of whoever lists it. */
export function whereWritten(member: Member): Origin | null {
  if (member.kind === 'peer') return { uri: member.node.uri, ...member.peer.facts.at };
  const [node] = member.host.interfaces;
  return node ? interfaceAt(node) : null;
}

export function interfaceAt({ uri, own }: MeshInterface): Origin {
  return { uri, ...(own.at ?? { statement: 0, item: 0 }) };
}

/** What it is; a network behind a host is none of the roles. */
export function roleOf(member: Member): Role | 'network' | null {
  if (member.kind === 'beyond') return 'network';
  if (member.kind === 'peer') return peerRoles(member.node, member.peer)[0]?.role ?? null;
  return hostRole(member.host);
}

/** Of a host with several interfaces the role that says most. */
export function hostRole({ interfaces }: Host): Role | null {
  const found = new Set(interfaces.flatMap((node) => rolesOf(node).map(({ role }) => role)));
  return mostFirst.find((role) => found.has(role)) ?? null;
}

const mostFirst: readonly Role[] = ['hub', 'exit-gateway', 'subnet-router', 'mesh-node', 'spoke'];

const MOST_PREFIXES = 4;

/** Its addresses in a few words; IPv6 as IPv6. */
export function addressesText({ addresses }: Pick<Member, 'addresses'>): string {
  const texts = prefixesOf(addresses).map((prefix) => prefixText(prefix).replace(/\/(?:32|128)$/, ''));
  return texts.length > MOST_PREFIXES ? `${texts.slice(0, MOST_PREFIXES).join(', ')} …` : texts.join(', ');
}

/** The members that are joined by keys, mesh by mesh, by their places; a host of two meshes joins them. */
export function togetherIn({ links }: MeshModel, members: readonly Member[]): readonly (readonly number[])[] {
  const joined = new Map<Mesh, Mesh>();
  const first = (mesh: Mesh): Mesh => {
    let at = mesh;
    for (let up = joined.get(at); up; up = joined.get(at)) at = up;
    return at;
  };
  for (const { interfaces } of links.hosts) {
    const [one, ...others] = interfaces;
    for (const other of others) {
      if (one && first(one.mesh) !== first(other.mesh)) joined.set(first(other.mesh), first(one.mesh));
    }
  }
  const groups = new Map<Mesh | null, number[]>();
  for (const [place, member] of members.entries()) {
    const mesh = (member.kind === 'peer' ? member.node : member.host.interfaces[0])?.mesh ?? null;
    const key = mesh && first(mesh);
    const group = groups.get(key);
    if (group) group.push(place);
    else groups.set(key, [place]);
  }
  return [...groups.values()];
}
