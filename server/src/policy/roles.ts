// What a host is in a mesh. A role can be inferred or stated; how severe a wide AllowedIPs entry is depends on it.

export interface RoleRow {
  readonly name: string;
  /** What it means, in a sentence. */
  readonly says: string;
}

export const roles = [
  { name: 'hub', says: 'Other hosts meet here: it takes what they send and hands it on, so its AllowedIPs decide who may be whom.' },
  { name: 'spoke', says: 'It talks through one hub and forwards nothing.' },
  { name: 'exit-gateway', says: 'Others send through it to the internet: it may send as any address.' },
  { name: 'subnet-router', says: 'A network behind it is reached through it.' },
  { name: 'mesh-node', says: 'It peers with several hosts directly and forwards nothing between them.' },
] as const satisfies readonly RoleRow[];

export type Role = (typeof roles)[number]['name'];

export function roleNamed(name: string): Role | null {
  return roles.find((role) => role.name === name)?.name ?? null;
}
