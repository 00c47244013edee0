// Questions as people write them: hosts by name, services as `tcp/443`.
import type { Host, MeshModel } from '../../mesh/model.ts';
import { type Address, parseAddress } from '../../net/address.ts';
import { portProtocols, protocols } from '../../net/protocols.ts';
import type { Question, View } from './why.ts';

export interface Asked {
  readonly from: string;
  /** An address or a host. */
  readonly to: string;
  /** `tcp/443`, `icmp`. */
  readonly service: string;
  readonly view: View;
  readonly source: string | null;
}

/** A sentence of what is wrong where it cannot be asked. */
export function questionOf({ links: { hosts } }: MeshModel, { from, to, service, view, source }: Asked): Question | string {
  const sender = hostNamed(hosts, from);
  return typeof sender === 'string' ? sender : questionFrom(hosts, sender, { to, service, view, source });
}

/** The same of a host that is known. */
export function questionFrom(hosts: readonly Host[], sender: Host, asked: Omit<Asked, 'from'>): Question | string {
  const { to, service, view, source } = asked;
  const target = parseAddress(to) ?? addressOfHost(hosts, to, sender);
  if (typeof target === 'string') return target;
  const of = source === null ? null : parseAddress(source);
  if (source !== null && !of) return `“${source}” is no address`;
  if (of && of.version !== target.version) return 'source and destination are of two versions of IP';
  const read = serviceOf(service, target.version);
  if (typeof read === 'string') return read;
  return { from: sender, source: of, to: target, ...read, view };
}

function hostNamed(hosts: readonly Host[], name: string): Host | string {
  const found = hosts.filter((host) => host.name === name);
  const [only] = found;
  if (only && found.length === 1) return only;
  const names = hosts.map((host) => host.name).join(', ');
  return only ? `${found.length} hosts are called “${name}”` : `there is no host “${name}”; there are ${names || 'none'}`;
}

/** An address that the sender shares a version with. */
function addressOfHost(hosts: readonly Host[], name: string, sender: Host): Address | string {
  const host = hostNamed(hosts, name);
  if (typeof host === 'string') return host;
  const versions = new Set(sender.interfaces.flatMap(({ addresses }) => addresses.map(({ version }) => version)));
  const found = host.interfaces.flatMap(({ addresses }) => addresses).find(({ version }) => versions.has(version));
  return found ?? `${name} has no address that ${sender.name} could send to`;
}

/** `version` tells ICMP from ICMPv6. */
export function serviceOf(text: string, version: 4 | 6): Pick<Question, 'protocol' | 'port'> | string {
  const [name = '', portText, ...more] = text.trim().toLowerCase().split('/');
  const named = name === 'icmp' && version === 6 ? 58 : protocols.get(name);
  const protocol = named ?? (/^\d{1,3}$/.test(name) && Number(name) < 256 ? Number(name) : null);
  if (protocol === null || more.length > 0) return `“${text}” is no service; write tcp/443, udp/53 or icmp`;
  const hasPorts = portProtocols.includes(protocol);
  if (!hasPorts) return portText === undefined ? { protocol, port: null } : `${name} has no ports`;
  const port = /^\d{1,5}$/.test(portText ?? '') ? Number(portText) : 0;
  return port > 0 && port < 65536 ? { protocol, port } : `${name} needs a port, as in ${name}/443`;
}
