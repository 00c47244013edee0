// What the generated files share: the addresses, names and keys of a mesh's hosts.
import type { Random } from './random.ts';

/** Host 0 is the hub, 10.10.0.1. 65,000 hosts fit. */
export const ipv4 = (host: number): string => `10.10.${(host + 1) >> 8}.${(host + 1) & 255}`;

export const ipv6 = (host: number): string => `fd00:10:10::${(host + 1).toString(16)}`;

const roles = ['app', 'database', 'runner', 'metrics', 'bastion', 'laptop', 'cache', 'mail'];

export const role = (host: number): string => roles[host % roles.length]!;

export const hostName = (host: number): string => `${role(host)}-${String(host).padStart(4, '0')}`;

/** Nobody's key: 32 random bytes, which the tools take as a public key. */
export const randomKey = (random: Random): string => Buffer.from(Array.from({ length: 32 }, () => random.int(256))).toString('base64');
