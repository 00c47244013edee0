// Which interfaces links join to one mesh.
import type { PolicyHost } from '../policy/facts.ts';
import type { StatedHost } from './own.ts';
import type { InterfaceRecord, MeshRecord } from './record.ts';
import type { Identified } from './remotes.ts';

/** For each interface the number of its mesh; numbers go up from 0 in the order of the meshes' first interfaces. */
export type Partition = readonly number[];

export function partitionOf(interfaces: readonly Identified[], places: ReadonlyMap<string, number>): Partition {
  const parent = Int32Array.from(interfaces.keys());
  const find = (start: number): number => {
    let root = start;
    while (parent[root] !== root) root = parent[root] as number;
    for (let at = start; at !== root; ) {
      const up = parent[at] as number;
      parent[at] = root;
      at = up;
    }
    return root;
  };
  interfaces.forEach(({ remotes }, place) => {
    for (const remote of remotes) {
      const other = remote === null ? undefined : places.get(remote);
      if (other !== undefined) parent[find(place)] = find(other);
    }
  });
  const numbers = new Map<number, number>();
  return interfaces.map((_, place) => {
    const root = find(place);
    const number = numbers.get(root) ?? numbers.size;
    numbers.set(root, number);
    return number;
  });
}

/** The meshes of a partition. `old` gives the mesh that an interface was in, which is kept where it is the same. */
export function meshesOf(
  records: readonly InterfaceRecord[],
  partition: Partition,
  stated: readonly StatedHost[],
  old: (uri: string) => MeshRecord | undefined,
): readonly MeshRecord[] {
  const groups: InterfaceRecord[][] = [];
  records.forEach((record, place) => {
    const number = partition[place] as number;
    const group = groups[number];
    if (group) group.push(record);
    else groups[number] = [record];
  });
  return groups.map((members) => meshOf(members, stated, old((members[0] as InterfaceRecord).party.own.uri)));
}

function meshOf(members: readonly InterfaceRecord[], stated: readonly StatedHost[], old: MeshRecord | undefined): MeshRecord {
  const hosts = policyHosts(members, stated);
  const same = old?.members.length === members.length && old.members.every((one, i) => one === members[i]);
  const policy = old?.policyHosts.length === hosts.length && old.policyHosts.every((one, i) => one === hosts[i]) ? old.policyHosts : hosts;
  if (same && policy === old.policyHosts) return old;
  const sameParties = old?.parties.length === members.length && old.parties.every((one, i) => one === members[i]?.party);
  return {
    members,
    parties: sameParties ? old.parties : members.map(({ party }) => party),
    policyHosts: policy,
    last: old?.last ?? { known: null, members: [], policyHosts: [], counts: null },
  };
}

/** The hosts of the workspace files that stand above one of the members. */
function policyHosts(members: readonly InterfaceRecord[], stated: readonly StatedHost[]): readonly PolicyHost[] {
  return stated.filter(({ folder }) => members.some(({ party }) => party.own.uri.startsWith(folder))).map(({ host }) => host);
}
