// The words inside of statements, settings and commands (nft(8)), by what they stand in. Some stand in several and say something else in each.
import { type Row, rows } from './row.ts';

/** Behind a rule's chain in a command, or in a name's place. */
export const placeWords = rows({
  handle: 'The number that the kernel gave it; `nft -a list ruleset` shows it',
  position: 'Behind the rule with this handle, or with `insert` before it (old name of `handle`)',
  index: 'Behind the rule with this number in its chain, counted from 0; with `insert` before it',
});

/** The objects of conntrack that a table can hold. */
export const ctObjects = rows({
  helper: 'Follows a protocol that opens further connections, such as FTP',
  timeout: 'How long connections stay in each of their states',
  expectation: 'A connection that is expected from the one at hand',
});

/** In a chain's line of type, hook and priority, and in flowtables. */
export const baseChainWords = rows({
  hook: 'Where in the packet’s way the kernel calls the chain',
  device: 'The device whose packets it sees',
  priority: 'Its place among the chains at the hook: lower numbers come first',
});

export const chainFlags = rows({ offload: 'Let the network card decide, where it can' });

/** Of counter, limit, quota, last and ct count. */
export const amountWords = rows({
  rate: 'How much, per how long: `rate 10/second`',
  over: 'Matches what exceeds it, instead of what keeps within it',
  until: 'Matches what keeps within it: what it does without the word',
  burst: 'How much more may come at once',
  packets: 'A number of packets',
  used: 'How much of it has passed, or when it was, at the time of loading',
  name: 'The object of the table that counts or limits, by its name or by a map',
  never: 'It has not happened, or does not end',
});

export const queueWords = rows({
  num: 'The number of the queue, or a range of them',
  bypass: 'Let packets pass while no program listens',
  fanout: 'Spread packets over the queues by processor',
});

/** Of snat, dnat, tproxy, redirect, dup and fwd. */
export const translationWords = rows({
  to: 'The new address or port, or where it goes',
  addr: 'The address, in `addr . port to`',
  port: 'The port, in `addr . port to`',
  interval: 'The map gives ranges of addresses (old; nft sees that by itself)',
});

export const synproxyWords = rows({
  mss: 'The largest segment that is announced to clients',
  wscale: 'The scale of the window that is announced',
  timestamp: 'Announce time stamps, as the server does',
  'sack-perm': 'Announce selective acknowledgement, as the server does',
});

/** Behind the key of an element. */
export const elementWords = rows({
  timeout: 'How long it stays',
  expires: 'How long it will still stay',
  comment: 'A note kept with it in the kernel',
});

/** Behind `log flags`. */
export const logFlags = rows({
  tcp: 'Of the TCP header: sequence, options or both',
  ip: 'Of the IP header: options',
  skuid: 'The user whose socket sent it',
  ether: 'The Ethernet addresses',
  all: 'All of these',
});

export const logHeaderFlags = rows({
  sequence: 'Sequence and acknowledgement numbers',
  options: 'The header’s options',
});

/** Of `numgen`, `jhash` and `symhash`. */
export const hashWords = rows({
  mod: 'Numbers from 0 to one less than this',
  seed: 'What the hash begins with, so that nobody can foresee it',
  offset: 'Added to the number',
});

/** Of `osf`, `ipsec` and `socket cgroupv2`. */
export const selectorWords = rows({
  ttl: 'How the TTL is compared: loose or skip',
  spnum: 'Which of several transforms, counted from 0',
  level: 'How many control groups down from the root',
});

export const osfTtl = rows({
  loose: 'The TTL may be smaller than the fingerprint’s',
  skip: 'The TTL is not compared',
});

export const ipsecFields = rows({
  reqid: 'The id that ties policy and state together',
  spi: 'The security parameter index',
  saddr: 'The outer source address',
  daddr: 'The outer destination address',
});

export const ipOptions = rows({
  lsrr: 'Loose source route',
  rr: 'Record route',
  ssrr: 'Strict source route',
  ra: 'Router alert',
});

export const ipOptionFields = rows({
  type: 'Its number',
  length: 'Its length',
  value: 'Its value',
  ptr: 'Where the next address goes',
  addr: 'Its first address',
});

export const tcpOptionFields = rows({
  kind: 'Its number',
  length: 'Its length',
  size: 'The largest segment',
  count: 'How far the window is shifted',
  left: 'Where a received block begins',
  right: 'Where a received block ends',
  tsval: 'The sender’s time',
  tsecr: 'The time that is echoed',
  subtype: 'The kind of Multipath TCP option',
});

/** Behind `@`, before an offset and a length in bits. */
export const rawBases = rows({
  ll: 'From the link-layer header on',
  nh: 'From the network header on',
  th: 'From the transport header on',
  ih: 'From what the transport header carries on',
});

/** Behind the colon of a map's type, where they are no datatype. */
export const mapData: readonly Row[] = rows({
  counter: 'The keys stand for named counters',
  quota: 'The keys stand for named quotas',
  limit: 'The keys stand for named limits',
  synproxy: 'The keys stand for named synproxies',
  secmark: 'The keys stand for security contexts',
});

export const wordOperators = rows({
  and: 'Both bits (&)',
  or: 'Either bit (|)',
  xor: 'Bits that differ (^)',
  not: 'None of these bits (!)',
  lshift: 'Moved towards the higher bits (<<)',
  rshift: 'Moved towards the lower bits (>>)',
});

/** Settings of conntrack helpers, timeouts and expectations. */
export const ctObjectSettings = rows({
  protocol: 'tcp or udp',
  l3proto: 'The family it is for: ip, ip6 or inet',
});

/** Settings of expectations and tunnels that elsewhere are fields: each at the beginning of a statement. */
export const objectSettings = rows({
  dport: 'The destination port',
  sport: 'The source port',
  id: 'The tunnel’s number',
  tos: 'The type of service of the outer header',
  vxlan: 'Settings of a VXLAN tunnel',
  erspan: 'Settings of an ERSPAN tunnel',
  geneve: 'Options of a Geneve tunnel',
});
