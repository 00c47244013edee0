// Which protocols a rule has settled on by what it looked at: nft adds a test for each header, and refuses two that exclude one another
// (payload.c and proto.c; measured with 1.0.6).
import { listed, quoted } from '../../text/words.ts';
import type { Expression } from '../tree.ts';
import { type Checker, insideVariable, say, textBetween, textOf } from './checker.ts';

export interface Layers {
  /** `ip`, `ip6`, `arp`, `vlan` or another; null while the rule leaves it open. */
  network: string | null;
  /** What `ether type` said the frame carries. */
  carried: string | null;
  /** The protocols above it that are left; null while the rule leaves it open. */
  transport: readonly string[] | null;
}

export function layersOf(family: string): Layers {
  return { network: family === 'ip' || family === 'ip6' || family === 'arp' ? family : null, carried: null, transport: null };
}

const transports = new Set(['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'icmp', 'icmpv6', 'igmp', 'ah', 'esp', 'comp']);
const extensions = new Set(['hbh', 'dst', 'frag', 'mh', 'rt0', 'rt2', 'srh', 'exthdr']);
const routeHeader = new Set(['nexthdr', 'hdrlength', 'type', 'seg-left']);
const tunnels = /^(vxlan|geneve|gre|gretap)\b/;

/** What is inside of a tunnel is a packet of its own: an inner header keeps its own name, and begins with the tunnel’s. */
function isInTunnel(k: Checker, { selector, start, end }: Extract<Expression, { kind: 'selector' }>): boolean {
  const first = textBetween(k, start, start + 1);
  if (first !== 'v' && first !== 'g') return false;
  return textBetween(k, start, start + selector.name.length) !== selector.name && tunnels.test(textBetween(k, start, end));
}

const protocolOfNumber: Readonly<Record<string, string>> = {
  1: 'icmp',
  2: 'igmp',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  50: 'esp',
  51: 'ah',
  58: 'icmpv6',
  108: 'comp',
  132: 'sctp',
  136: 'udplite',
};
const networkOfNumber: Readonly<Record<string, string>> = {
  '0x0800': 'ip',
  '0x800': 'ip',
  '0x86dd': 'ip6',
  '0x0806': 'arp',
  '0x806': 'arp',
};

/** Takes in what an expression looks at; what contradicts the rule so far is told. */
export function meetExpression(k: Checker, layers: Layers, expression: Expression): void {
  switch (expression.kind) {
    case 'selector':
      meetSelector(k, layers, expression);
      return;
    case 'binary':
      meetExpression(k, layers, expression.left);
      meetExpression(k, layers, expression.right);
      return;
    case 'concatenation':
      for (const part of expression.parts) meetExpression(k, layers, part);
      return;
    case 'map':
      meetExpression(k, layers, expression.key);
      return;
    case 'variable':
      insideVariable(k, expression, ({ value }) => value && meetExpression(k, layers, value));
  }
}

function meetSelector(k: Checker, layers: Layers, expression: Extract<Expression, { kind: 'selector' }>): void {
  const { selector, field } = expression;
  for (const argument of expression.arguments) meetExpression(k, layers, argument);
  const { name } = selector;
  if (isInTunnel(k, expression)) return;
  if (name === 'ip' || name === 'ip6' || name === 'arp') meetNetwork(k, layers, expression, name);
  else if (transports.has(name)) meetTransport(k, layers, expression, name);
  else if (extensions.has(name) || (name === 'rt' && routeHeader.has(field?.name ?? ''))) meetExtension(k, layers, expression, name);
  else if (name === 'meta' && field?.name === 'nfproto' && k.family !== 'inet')
    say(
      k,
      'wrong-place',
      expression,
      `meta nfproto tells IPv4 from IPv6 in an inet table; in a table of family ${k.family} there is nothing to tell`,
    );
  else if (name === 'vlan' && layers.carried !== null && layers.carried !== 'vlan') conflict(k, expression, layers.carried, 'vlan');
}

function conflict(k: Checker, expression: Expression, before: string, now: string): void {
  const what = textOf(k, expression);
  say(
    k,
    'protocol-conflict',
    expression,
    `the rule is about ${before} already, and ${quoted(what)} is about ${now}: no packet is both; make it two rules`,
  );
}

function meetNetwork(k: Checker, layers: Layers, expression: Expression, name: string): void {
  if (layers.network === null || layers.network === 'vlan') {
    if (k.family === 'inet' && name === 'arp')
      say(k, 'protocol-conflict', expression, 'an inet table sees IPv4 and IPv6 packets, and no ARP; use a table of family arp');
    layers.network = name;
    return;
  }
  if (layers.network === name) return;
  if (layers.network === k.family) {
    const mend = name === 'arp' ? 'a table of family arp' : 'an inet table';
    say(k, 'protocol-conflict', expression, `a table of family ${k.family} sees no ${name} packets; put the rule into ${mend}`);
  } else conflict(k, expression, layers.network, name);
}

function meetTransport(k: Checker, layers: Layers, expression: Expression, name: string): void {
  if (layers.network === 'arp') {
    conflict(k, expression, 'arp', name);
    return;
  }
  if (layers.transport?.some((one) => one !== name)) {
    conflict(k, expression, listed(layers.transport, 'and'), name);
    return;
  }
  layers.transport = [name];
  // in an inet table each of both has its own kind of ICMP (proto.c, proto_icmp and proto_icmp6)
  if (layers.network === null && (name === 'icmp' || name === 'icmpv6')) layers.network = name === 'icmp' ? 'ip' : 'ip6';
}

function meetExtension(k: Checker, layers: Layers, expression: Expression, name: string): void {
  if (layers.network === null) layers.network = 'ip6';
  else if (layers.network !== 'ip6')
    say(k, 'protocol-conflict', expression, `${quoted(name)} is an extension header of IPv6, and this is about ${layers.network}`);
}

/** The selectors that may say it. */
const settling = new Set(['ip', 'ip6', 'meta', 'ether', 'vlan']);

/** Takes in what a match that holds says of the protocols: `meta l4proto tcp`, `ether type ip`. */
export function settle(k: Checker, layers: Layers, left: Expression, operator: string, right: Expression): void {
  if (operator !== '' && operator !== '==' && operator !== 'eq') return;
  if (left.kind !== 'selector') return;
  const name = left.field?.name ?? '';
  if (settling.has(left.selector.name) && isInTunnel(k, left)) return;
  switch (left.selector.name) {
    case 'ip':
      if (name === 'protocol') settleTransport(k, layers, right);
      break;
    case 'ip6':
      if (name === 'nexthdr') settleTransport(k, layers, right);
      break;
    case 'meta':
      if (name === 'l4proto') settleTransport(k, layers, right);
      else if (name === 'nfproto') settleNetwork(k, layers, right);
      else if (name === 'protocol' && k.family !== 'inet' && k.family !== 'ip') settleNetwork(k, layers, right);
      break;
    case 'ether':
      if (name === 'type') layers.carried = settleNetwork(k, layers, right);
      break;
    case 'vlan':
      layers.carried = null;
      if (name === 'type') settleNetwork(k, layers, right);
  }
}

function valuesOf(k: Checker, expression: Expression): readonly string[] | null {
  switch (expression.kind) {
    case 'literal':
      return [textOf(k, expression).replace(/"/g, '')];
    case 'set': {
      const all: string[] = [];
      for (const { key } of expression.elements) {
        const one = valuesOf(k, key);
        if (!one) return null;
        all.push(...one);
      }
      return all;
    }
    case 'variable': {
      let found: readonly string[] | null = null;
      insideVariable(k, expression, ({ value }) => {
        if (value) found = valuesOf(k, value);
      });
      return found;
    }
    default:
      return null;
  }
}

function settleTransport(k: Checker, layers: Layers, right: Expression): void {
  const values = valuesOf(k, right);
  // a set holds what it holds, and nft takes it for what is needed
  if (right.kind === 'reference') layers.transport = [];
  if (!values || values.length === 0) return;
  layers.transport = values.map((value) => (value === 'ipv6-icmp' ? 'icmpv6' : (protocolOfNumber[Number(value)] ?? value)));
}

function settleNetwork(k: Checker, layers: Layers, right: Expression): string | null {
  const values = valuesOf(k, right);
  if (values?.length !== 1) return null;
  const [value = ''] = values;
  const network =
    value === 'ipv4'
      ? 'ip'
      : value === 'ipv6'
        ? 'ip6'
        : value === '8021q' || value === '8021ad'
          ? 'vlan'
          : (networkOfNumber[value.toLowerCase()] ?? value);
  if (!/^(ip|ip6|arp|vlan)$/.test(network)) return null;
  layers.network = network;
  return network;
}

/** Whether the rule has settled on protocols that have ports. */
export function hasPorts({ transport }: Layers): boolean {
  return transport?.every((name) => /^(tcp|udp|udplite|sctp|dccp)$/.test(name)) ?? false;
}
