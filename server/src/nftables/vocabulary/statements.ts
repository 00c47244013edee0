// What a rule can do (nft(8), STATEMENTS and VERDICT STATEMENTS), a row a word that begins a statement.
import { byName, type Row, rows } from './row.ts';

export const verdicts = rows({
  accept: 'Let it go on. Ends this base chain only: later chains at the hook may still drop it',
  drop: 'Drop it, at once and for good',
  continue: 'Go on with the next rule',
  return: 'Back to the chain that jumped here; in a base chain, its policy',
  jump: 'Go through another chain, then come back',
  goto: 'Go through another chain and do not come back',
});
export const verdictByName = byName(verdicts);

export interface StatementRow extends Row {
  /** Decides the packet’s way by itself: nothing may follow but a comment. */
  readonly terminal?: boolean;
}

export const statements: readonly StatementRow[] = [
  { name: 'counter', says: 'Count packets and bytes' },
  { name: 'log', says: 'Write the packet to the kernel’s log, or to a listener' },
  { name: 'limit', says: 'Match only so often: `limit rate 10/second`' },
  { name: 'quota', says: 'Match until so many bytes have passed' },
  { name: 'last', says: 'Remember when it was last met' },
  { name: 'reject', says: 'Drop it and tell the sender', terminal: true },
  { name: 'snat', says: 'Give it another source address' },
  { name: 'dnat', says: 'Send it to another destination' },
  { name: 'masquerade', says: 'Give it the address of the interface it leaves by: whoever is behind no longer sees who sent it' },
  { name: 'redirect', says: 'Send it to this host itself' },
  { name: 'tproxy', says: 'Hand it to a local socket unchanged' },
  { name: 'synproxy', says: 'Answer SYNs in place of a server' },
  { name: 'queue', says: 'Hand it to a program that decides' },
  { name: 'dup', says: 'Send a copy elsewhere' },
  { name: 'fwd', says: 'Send it out by another device' },
  { name: 'notrack', says: 'Keep it from conntrack' },
  { name: 'flow', says: 'Let its connection skip the rules from now on: `flow add @table`' },
  { name: 'add', says: 'Put an element into a set or map' },
  { name: 'update', says: 'Put an element into a set or map, and start its timeout anew' },
  { name: 'delete', says: 'Take an element out of a set or map' },
  { name: 'meter', says: 'A statement for every key by itself (old; use a dynamic set)' },
  { name: 'reset', says: 'Wipe a TCP option: `reset tcp option sack-perm`' },
  { name: 'tunnel', says: 'Attach tunnel metadata' },
  { name: 'xt', says: 'An iptables extension; nft can only print it' },
];
export const statementByName = byName(statements);

export const logLevels = rows({
  emerg: '0',
  alert: '1',
  crit: '2',
  err: '3',
  warn: '4',
  notice: '5',
  info: '6',
  debug: '7',
  audit: 'To the audit system',
});

export const logOptions = rows({
  prefix: 'Text before each line, 127 characters at the most',
  level: 'How urgent it is',
  group: 'Send it to this group’s listener instead',
  snaplen: 'How many bytes of the packet to send',
  'queue-threshold': 'How many packets to gather before sending',
  flags: 'What else to write: tcp sequence,options; ip options; skuid; ether; all',
});

export const natFlags = rows({
  random: 'Choose ports at random',
  'fully-random': 'Choose ports wholly at random',
  persistent: 'The same address for the same client',
});

export const rejectWords = rows({
  with: 'Which message to send',
  icmp: 'An ICMP message (IPv4)',
  icmpv6: 'An ICMPv6 message',
  icmpx: 'The right one of both',
  tcp: 'A TCP reset',
});

export const timeUnits = rows({ second: 'Per second', minute: 'Per minute', hour: 'Per hour', day: 'Per day', week: 'Per week' });
export const byteUnits = rows({ bytes: 'Bytes', kbytes: '1,024 bytes', mbytes: '1,048,576 bytes' });

export const operators = rows({
  '==': 'Equal',
  eq: 'Equal',
  '!=': 'Not equal; not in the set',
  ne: 'Not equal; not in the set',
  '<': 'Less',
  lt: 'Less',
  '>': 'Greater',
  gt: 'Greater',
  '<=': 'Less or equal',
  le: 'Less or equal',
  '>=': 'Greater or equal',
  ge: 'Greater or equal',
  '!': 'None of these bits',
});

export const betweenWords = rows({
  vmap: 'Look the verdict up: `tcp dport vmap { 22 : accept, 23 : drop }`',
  map: 'Look another value up',
  set: 'Change it',
  comment: 'A note kept with the rule in the kernel',
});
