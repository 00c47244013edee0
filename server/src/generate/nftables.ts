// The ruleset of a host that lets through what the grants say and nothing else of the mesh: one table, which decides about packets of
// WireGuard interfaces alone and leaves the rest to the other tables.
import type { PolicyFile } from '../mesh/known-hosts.ts';
import type { Host, MeshModel } from '../mesh/model.ts';
import { v4Domain, v6Domain } from '../net/intervals.ts';
import { protocols } from '../net/protocols.ts';
import { rangeText4, rangeText6 } from '../net/ranges.ts';
import { disjoint, type Rectangle } from './elements.ts';
import type { Trouble } from './flows.ts';
import { hasPorts, type Lot, lotsOf } from './lots.ts';

export const TABLE = 'meshwarden';

export interface Generated {
  readonly text: string;
  readonly troubles: readonly Trouble[];
}

/** The table that a host's ruleset must have, by the grants of the workspace files that speak of it. */
export function generateNftables(model: MeshModel, policies: readonly PolicyFile[], host: Host): Generated {
  const { lots, troubles } = lotsOf(model, policies, host);
  const sets = named(lots);
  const interfaces = [...new Set(host.interfaces.map(({ name }) => name))].sort();
  const text = [
    `# Who may reach whom on ${host.name} and through it, made from the grants in meshwarden.jsonc. Loading it again replaces the table.`,
    `table inet ${TABLE}`,
    `delete table inet ${TABLE}`,
    `table inet ${TABLE} {`,
    [...sets.map(setText), chainText('input', sets, interfaces), chainText('forward', sets, interfaces)].join('\n\n'),
    '}',
    '',
  ].join('\n');
  return { text, troubles };
}

interface NamedLot {
  readonly lot: Lot;
  /** Of its set. */
  readonly name: string;
}

const protocolNames = new Map([...protocols].map(([name, number]) => [number, name]));

/** In the order of their names, which are nft's: a letter first, then letters, digits, / \ _ and . */
function named(lots: readonly Lot[]): readonly NamedLot[] {
  const taken = new Set<string>();
  return lots
    .map((lot) => ({ lot, wanted: wantedName(lot) }))
    .sort((a, b) => (a.wanted < b.wanted ? -1 : a.wanted > b.wanted ? 1 : 0))
    .map(({ lot, wanted }) => {
      let name = wanted;
      for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`;
      taken.add(name);
      return { lot, name };
    });
}

function wantedName({ gate: { iif, oif }, version, protocol }: Lot): string {
  const way = oif === null ? ['input', iif] : ['forward', iif || 'outside', oif || 'outside'];
  const service = protocol === null ? 'any' : (protocolNames.get(protocol) ?? `protocol_${protocol}`);
  return [...way, version === 4 ? 'ip' : 'ip6', service].join('_').replace(/[^A-Za-z0-9_.]/g, '_');
}

function chainText(hook: 'input' | 'forward', sets: readonly NamedLot[], interfaces: readonly string[]): string {
  const ours = listText(interfaces);
  const own = sets.filter(({ lot }) => (lot.gate.oif === null) === (hook === 'input'));
  return [
    `\tchain ${hook} {`,
    `\t\ttype filter hook ${hook} priority filter; policy drop;`,
    `\t\tiifname != ${ours}${hook === 'forward' ? ` oifname != ${ours}` : ''} accept comment "not of the mesh: other tables decide"`,
    '\t\tct state established,related accept',
    '\t\tct state invalid drop',
    ...own.map((one) => `\t\t${ruleText(one, ours)}`),
    `\t\tlimit rate 10/minute log prefix "${TABLE} ${hook}: "`,
    '\t}',
  ].join('\n');
}

function listText(interfaces: readonly string[]): string {
  return interfaces.length === 1 ? `"${interfaces[0]}"` : `{ ${interfaces.map((name) => `"${name}"`).join(', ')} }`;
}

function ruleText({ lot, name: set }: NamedLot, ours: string): string {
  const { gate, version, protocol } = lot;
  const ip = version === 4 ? 'ip' : 'ip6';
  const at = (word: string, name: string): string => (name === '' ? `${word} != ${ours}` : `${word} "${name}"`);
  const gates = gate.oif === null ? at('iifname', gate.iif) : `${at('iifname', gate.iif)} ${at('oifname', gate.oif)}`;
  const only = protocol !== null && !hasPorts(protocol) ? ` meta l4proto ${valueText(protocol)}` : '';
  const port = hasPorts(protocol) ? ` . ${portName(protocol ?? 0)} dport` : '';
  return `${gates}${only} ${ip} saddr . ${ip} daddr${port} @${set} accept`;
}

/** Of a protocol that has ports, as nft names its header. */
export function portName(protocol: number): string {
  return protocolNames.get(protocol) ?? 'th';
}

/** nft asks /etc/protocols for other names, and not every machine has it. */
export function valueText(protocol: number): string {
  return protocol === 1 ? 'icmp' : protocol === 58 ? 'ipv6-icmp' : String(protocol);
}

function setText({ lot, name }: NamedLot): string {
  const address = lot.version === 4 ? 'ipv4_addr' : 'ipv6_addr';
  const elements =
    lot.version === 4
      ? disjoint(lot.rectangles, v4Domain).flatMap((one) => elementTexts(one, rangeText4))
      : disjoint(lot.rectangles, v6Domain).flatMap((one) => elementTexts(one, rangeText6));
  return [
    `\tset ${name} {`,
    `\t\ttype ${address} . ${address}${hasPorts(lot.protocol) ? ' . inet_service' : ''}`,
    '\t\tflags interval',
    '\t\telements = {',
    elements.map((element) => `\t\t\t${element}`).join(',\n'),
    '\t\t}',
    '\t}',
  ].join('\n');
}

function elementTexts<N>({ from, to, ports, labels }: Rectangle<N>, text: (range: Rectangle<N>['from']) => string): readonly string[] {
  const pair = `${text(from)} . ${text(to)}`;
  const comment = `comment "${commentText(labels)}"`;
  if (!ports) return [`${pair} ${comment}`];
  return ports.map((range) => `${pair} . ${range.from === range.to ? range.from : `${range.from}-${range.to}`} ${comment}`);
}

/** nft takes comments below 128 bytes (NFTNL_UDATA_COMMENT_MAXLEN). */
const LONGEST = 127;
const bytes = new TextEncoder();

/** The grants that an element is of; those that find no room are left out, and `...` says so. */
export function commentText(labels: readonly string[]): string {
  let text = '';
  for (const [i, label] of labels.entries()) {
    const plain = label.replace(/[\x00-\x1f\x7f]/g, ' ').replace(/["\\]/g, "'");
    const next = text === '' ? plain : `${text}; ${plain}`;
    const rest = i === labels.length - 1 ? '' : '; ...';
    if (bytes.encode(next + rest).length <= LONGEST) text = next;
    else return text === '' ? `${shortened(plain)}...` : `${text}; ...`;
  }
  return text;
}

function shortened(text: string): string {
  let short = text;
  while (bytes.encode(short).length > LONGEST - 3) short = [...short].slice(0, -1).join('');
  return short;
}
