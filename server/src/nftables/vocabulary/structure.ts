// What stands around rules: families, chain types, hooks, priorities, policies, blocks, commands, options of sets.
import { byName, type Row, rows } from './row.ts';

export const families = rows({
  ip: 'IPv4 packets. The family of a table that names none',
  ip6: 'IPv6 packets',
  inet: 'IPv4 and IPv6 packets',
  arp: 'ARP packets',
  bridge: 'Frames that a bridge passes on',
  netdev: 'Packets as they come in from, or leave by, one device',
});
export const familyByName = byName(families);

export const chainTypes = rows({
  filter: 'Decides whether packets go on',
  nat: 'Translates addresses: sees only the first packet of each connection',
  route: 'Looks the route up again where a rule changed what it depends on',
});

export const hooks = rows({
  ingress: 'As it arrives from a device, before anything else',
  prerouting: 'Arrived, before the route is looked up: also what will be forwarded',
  input: 'For this host itself',
  forward: 'From one interface to another: what the hub relays between peers passes here, and not through input or output',
  output: 'Sent by this host itself',
  postrouting: 'About to leave, after the route is known: also what was forwarded',
  egress: 'As it is handed to a device',
});

export interface HookRow {
  readonly types: Readonly<Record<string, readonly string[]>>;
}

const five = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const;
const natHooks = ['prerouting', 'input', 'output', 'postrouting'] as const;

/** Which hooks a chain type has in a family (nft(8), CHAINS). */
export const hooksOf: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  ip: { filter: five, nat: natHooks, route: ['output'] },
  ip6: { filter: five, nat: natHooks, route: ['output'] },
  inet: { filter: ['ingress', ...five], nat: natHooks, route: ['output'] },
  arp: { filter: ['input', 'output'] },
  bridge: { filter: five },
  netdev: { filter: ['ingress', 'egress'] },
};

export const priorities = rows({
  raw: '-300: before conntrack',
  mangle: '-150',
  dstnat: '-100 (bridge: -300): where destinations are translated',
  filter: '0 (bridge: -200): the usual place for a filter',
  security: '50',
  out: '100, in bridge output only',
  srcnat: '100 (bridge: 300): where sources are translated',
});

/** Names of priorities by family and hook (nft(8), table of standard priority names). */
export function priorityValue(family: string, hook: string, name: string): number | null {
  if (family === 'bridge') {
    if (name === 'filter') return -200;
    if (name === 'dstnat') return hook === 'prerouting' ? -300 : null;
    if (name === 'out') return hook === 'output' ? 100 : null;
    if (name === 'srcnat') return hook === 'postrouting' ? 300 : null;
    return null;
  }
  if (name === 'filter') return 0;
  if (family === 'arp' || family === 'netdev') return null;
  if (name === 'raw') return -300;
  if (name === 'mangle') return -150;
  if (name === 'security') return 50;
  if (name === 'dstnat') return hook === 'prerouting' || hook === 'output' ? -100 : null;
  if (name === 'srcnat') return hook === 'postrouting' || hook === 'input' ? 100 : null;
  return null;
}

export const policies = rows({
  accept: 'What no rule decides goes on. The policy of a base chain that states none',
  drop: 'What no rule decides is dropped',
});

export const chainWords = rows({
  type: 'Makes this a base chain: `type filter hook forward priority filter; policy drop;`',
  policy: 'What happens to a packet that no rule decides',
  flags: 'Options of the chain',
  comment: 'A note kept with it in the kernel',
  devices: 'The devices of an ingress or egress chain',
});

export const tableFlags = rows({
  dormant: 'Loaded, but its chains see no packets',
  owner: 'Belongs to the process that made it, and goes with it',
  persist: 'Stays when its owner goes',
});

export const tableWords = rows({
  chain: 'A list of rules; with a `type … hook …` line one that the kernel calls',
  set: 'Values to compare with, looked up at once however many they are',
  map: 'Values that belong to other values: addresses to ports, interfaces to verdicts',
  flowtable: 'Connections that skip the rules once they are accepted',
  counter: 'Counts packets and bytes, under a name',
  quota: 'An amount of bytes, under a name',
  limit: 'A rate, under a name',
  ct: 'A conntrack helper, timeout or expectation, under a name',
  secmark: 'A security context, under a name',
  synproxy: 'Settings for answering SYNs in place of a server, under a name',
  tunnel: 'Tunnel metadata, under a name',
  flags: 'Options of the table',
  comment: 'A note kept with it in the kernel',
});

export const setWords = rows({
  type: 'What its elements are, by datatype: `type ipv4_addr . inet_service`',
  typeof: 'What its elements are, by the expressions they are compared with: `typeof ip saddr . tcp dport`',
  flags: 'Options of the set',
  timeout: 'How long an element stays',
  'gc-interval': 'How often old elements are swept',
  size: 'How many elements there may be',
  policy: 'Whether to save memory or time',
  'auto-merge': 'Join elements that touch or overlap',
  elements: 'What is in it',
  counter: 'Count for every element',
  limit: 'A rate for every element',
  quota: 'An amount for every element',
  last: 'When each element was last met',
  ct: 'Count the connections of every element',
  comment: 'A note kept with it in the kernel',
});

export const setFlags = rows({
  constant: 'Cannot change while it is in use',
  interval: 'Holds ranges and prefixes',
  timeout: 'Its elements can expire',
  dynamic: 'Rules may add to it',
});

export const setPolicies = rows({ performance: 'Save time (the default)', memory: 'Save memory' });

export interface CommandRow extends Row {
  /** What may follow. */
  readonly objects: readonly string[];
}

const things = [
  'table',
  'chain',
  'rule',
  'set',
  'map',
  'element',
  'flowtable',
  'counter',
  'quota',
  'limit',
  'ct',
  'secmark',
  'synproxy',
  'tunnel',
];

/** The words of what commands are about. */
export const objectWords: ReadonlySet<string> = new Set(things);

export const commands: readonly CommandRow[] = [
  { name: 'add', says: 'Make it, or leave it where it is there already', objects: things },
  { name: 'create', says: 'Make it; an error where it is there already', objects: things },
  { name: 'insert', says: 'Put a rule first, or before another one', objects: ['rule'] },
  { name: 'replace', says: 'Put a rule in another’s place, by handle', objects: ['rule'] },
  { name: 'delete', says: 'Remove it; an error where it is not there', objects: things },
  { name: 'destroy', says: 'Remove it, if it is there', objects: things },
  { name: 'get', says: 'Ask for elements of a set', objects: ['element'] },
  {
    name: 'list',
    says: 'Show it',
    objects: [
      'ruleset',
      'tables',
      'table',
      'chains',
      'chain',
      'sets',
      'set',
      'maps',
      'map',
      'flowtables',
      'flowtable',
      'counters',
      'counter',
      'quotas',
      'quota',
      'limits',
      'limit',
      'ct',
      'secmarks',
      'secmark',
      'synproxys',
      'synproxy',
      'meters',
      'meter',
      'hooks',
      'tunnels',
      'tunnel',
      'flow',
    ],
  },
  {
    name: 'reset',
    says: 'Show it and set its counts to 0',
    objects: ['counters', 'counter', 'quotas', 'quota', 'rules', 'rule', 'element', 'set', 'map'],
  },
  { name: 'flush', says: 'Empty it', objects: ['ruleset', 'table', 'chain', 'set', 'map', 'meter', 'flow'] },
  { name: 'rename', says: 'Give a chain another name', objects: ['chain'] },
  { name: 'import', says: 'Read a ruleset in another form', objects: ['ruleset', 'vm', 'json', 'xml'] },
  { name: 'export', says: 'Print the ruleset in another form', objects: ['ruleset', 'vm', 'json', 'xml'] },
  {
    name: 'monitor',
    says: 'Print changes as they happen',
    objects: ['new', 'destroy', 'tables', 'chains', 'sets', 'rules', 'elements', 'ruleset', 'trace', 'json', 'xml', 'vm'],
  },
  { name: 'describe', says: 'Say what an expression or datatype is', objects: [] },
];
export const commandByName = byName(commands);

export const preprocessor = rows({
  include: 'Reads another file here; a pattern such as "/etc/nftables.d/*.nft" reads all that match',
  define: 'Gives a value a name, used as $NAME',
  redefine: 'Gives a name another value',
  undefine: 'Forgets a name',
});
