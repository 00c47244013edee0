// What a rule can look at (nft(8), EXPRESSIONS): for each selector its words, its datatype and what it is.
import { byName, type Row } from './row.ts';

export interface Field extends Row {
  /** A datatype’s name. */
  readonly type: string;
  /** Bits, where the datatype does not say: the fields of a header are as wide as they are. */
  readonly bits?: number;
}

export interface Selector extends Row {
  /** `header`: fields of a packet header. `key`: fields of another source. `special`: has a form of its own, read by the parser. */
  readonly kind: 'header' | 'key' | 'special';
  readonly fields: readonly Field[];
  readonly fieldByName: ReadonlyMap<string, Field>;
}

type Fields = Readonly<Record<string, readonly [type: string, says: string, bits?: number]>>;

function selector(kind: Selector['kind'], name: string, says: string, table: Fields): Selector {
  const fields = Object.entries(table).map(([field, [type, what, bits]]) => ({
    name: field,
    type,
    says: what,
    ...(bits === undefined ? {} : { bits }),
  }));
  return { kind, name, says, fields, fieldByName: byName(fields) };
}

/** Fields of `meta`; those that may stand without the word are in `bareMeta`. */
const meta: Fields = {
  length: ['integer', 'The packet’s length in bytes', 32],
  protocol: ['ether_type', 'What the frame carries'],
  priority: ['classid', 'Its traffic class'],
  random: ['integer', 'A random number', 32],
  secmark: ['integer', 'Its security mark', 32],
  nfproto: ['nf_proto', 'IPv4 or IPv6, in an inet table'],
  l4proto: ['inet_proto', 'The protocol above IP, behind any extension headers'],
  iifkind: ['ifname', 'The kind of the interface it came in by'],
  oifkind: ['ifname', 'The kind of the interface it leaves by'],
  ibrpvid: ['integer', 'The VLAN of the bridge port it came in by', 16],
  ibrvproto: ['ether_type', 'The VLAN protocol of the bridge it came in by'],
  ibrhwaddr: ['ether_addr', 'The address of the bridge it came in by'],
  sdif: ['iface_index', 'The slave interface in a VRF'],
  sdifname: ['ifname', 'The name of the slave interface in a VRF'],
  broute: ['integer', 'Routed instead of bridged', 1],
  mark: ['mark', 'Its mark, set by rules or by the sender’s socket'],
  iif: ['iface_index', 'The interface it came in by, by index: must exist when the rule is loaded'],
  iifname: ['ifname', 'The name of the interface it came in by'],
  iiftype: ['iface_type', 'The type of the interface it came in by'],
  oif: ['iface_index', 'The interface it leaves by, by index: must exist when the rule is loaded'],
  oifname: ['ifname', 'The name of the interface it leaves by; nothing in prerouting and input'],
  oiftype: ['iface_type', 'The type of the interface it leaves by'],
  skuid: ['uid', 'The user whose socket sent it'],
  skgid: ['gid', 'The group whose socket sent it'],
  nftrace: ['integer', '1: `nft monitor trace` shows its way', 1],
  rtclassid: ['realm', 'The realm of its route'],
  ibrname: ['ifname', 'The bridge it came in by'],
  ibriport: ['ifname', 'The bridge it came in by (old name)'],
  obrname: ['ifname', 'The bridge it leaves by'],
  obriport: ['ifname', 'The bridge it leaves by (old name)'],
  pkttype: ['pkt_type', 'To whom the link delivers it'],
  cpu: ['integer', 'The processor that handles it', 32],
  iifgroup: ['devgroup', 'The device group it came in by'],
  oifgroup: ['devgroup', 'The device group it leaves by'],
  cgroup: ['integer', 'The control group of its sender', 32],
  ipsec: ['boolean', 'Came through IPsec'],
  secpath: ['boolean', 'Came through IPsec (old name)'],
  time: ['time', 'When it came'],
  day: ['day', 'The day of the week it came on'],
  hour: ['hour', 'The time of day it came at'],
};

const ct: Fields = {
  state: ['ct_state', 'Where the packet stands in its connection'],
  direction: ['ct_dir', 'Whether it goes the way the connection was opened'],
  status: ['ct_status', 'What is known of its connection'],
  mark: ['mark', 'Its connection’s mark'],
  expiration: ['time', 'When its connection is forgotten'],
  helper: ['string', 'The helper of its connection'],
  label: ['ct_label', 'Its connection’s labels'],
  l3proto: ['nf_proto', 'Its connection’s family'],
  protocol: ['inet_proto', 'Its connection’s protocol'],
  saddr: ['ipv4_addr', 'The source of its connection, needs a direction'],
  daddr: ['ipv4_addr', 'The destination of its connection, needs a direction'],
  'proto-src': ['inet_service', 'The source port of its connection'],
  'proto-dst': ['inet_service', 'The destination port of its connection'],
  event: ['ct_event', 'Which events its connection tells'],
  secmark: ['integer', 'Its connection’s security mark', 32],
  id: ['integer', 'Its connection’s number', 32],
  bytes: ['integer', 'How many bytes its connection has seen', 64],
  packets: ['integer', 'How many packets its connection has seen', 64],
  avgpkt: ['integer', 'Its connection’s average packet size', 64],
  zone: ['integer', 'Its conntrack zone', 16],
  count: ['integer', 'How many connections there are with the same key', 32],
};

export const selectors: readonly Selector[] = [
  selector('key', 'meta', 'What the kernel knows of the packet beside its bytes', meta),
  selector('special', 'ct', 'What conntrack knows of its connection', ct),
  selector('header', 'ether', 'The Ethernet header', {
    saddr: ['ether_addr', 'The source address'],
    daddr: ['ether_addr', 'The destination address'],
    type: ['ether_type', 'What the frame carries'],
  }),
  selector('header', 'vlan', 'The VLAN tag', {
    id: ['integer', 'The VLAN', 12],
    cfi: ['integer', 'May be dropped', 1],
    dei: ['integer', 'May be dropped', 1],
    pcp: ['integer', 'Its priority', 3],
    type: ['ether_type', 'What the frame carries'],
  }),
  selector('special', 'arp', 'The ARP header', {
    htype: ['integer', 'The kind of link', 16],
    ptype: ['ether_type', 'The protocol asked for'],
    hlen: ['integer', 'The length of a link address', 8],
    plen: ['integer', 'The length of a protocol address', 8],
    operation: ['arp_op', 'What it asks'],
    saddr: ['ipv4_addr', 'The sender: `arp saddr ip` or `arp saddr ether`'],
    daddr: ['ipv4_addr', 'The target: `arp daddr ip` or `arp daddr ether`'],
  }),
  selector('special', 'ip', 'The IPv4 header', {
    saddr: ['ipv4_addr', 'The source address'],
    daddr: ['ipv4_addr', 'The destination address'],
    protocol: ['inet_proto', 'The protocol above (IPv4 only; `meta l4proto` is for both)'],
    ttl: ['integer', 'How many hops are left', 8],
    dscp: ['dscp', 'The class of service'],
    ecn: ['ecn', 'Congestion notification'],
    length: ['integer', 'The packet’s length', 16],
    id: ['integer', 'The number that fragments share', 16],
    'frag-off': ['integer', 'Where the fragment belongs, with its flags', 16],
    version: ['integer', '4', 4],
    hdrlength: ['integer', 'The header’s length in words of 32 bits', 4],
    option: ['integer', 'An IP option: `ip option ra value`'],
    checksum: ['integer', 'The header’s checksum', 16],
  }),
  selector('header', 'ip6', 'The IPv6 header', {
    saddr: ['ipv6_addr', 'The source address'],
    daddr: ['ipv6_addr', 'The destination address'],
    nexthdr: ['inet_proto', 'The next header, which may be an extension (`meta l4proto` looks behind them)'],
    hoplimit: ['integer', 'How many hops are left', 8],
    dscp: ['dscp', 'The class of service'],
    ecn: ['ecn', 'Congestion notification'],
    flowlabel: ['integer', 'The flow label', 20],
    length: ['integer', 'The payload’s length', 16],
    version: ['integer', '6', 4],
  }),
  selector('header', 'icmp', 'The ICMP header', {
    type: ['icmp_type', 'What it says'],
    code: ['icmp_code', 'The reason'],
    checksum: ['integer', 'Its checksum', 16],
    id: ['integer', 'Of a ping', 16],
    sequence: ['integer', 'Of a ping', 16],
    gateway: ['integer', 'The router to use', 32],
    mtu: ['integer', 'The largest packet that fits', 16],
  }),
  selector('header', 'icmpv6', 'The ICMPv6 header', {
    type: ['icmpv6_type', 'What it says'],
    code: ['icmpv6_code', 'The reason'],
    checksum: ['integer', 'Its checksum', 16],
    'param-problem': ['integer', 'Where the bad parameter is', 32],
    mtu: ['integer', 'The largest packet that fits', 32],
    id: ['integer', 'Of a ping', 16],
    sequence: ['integer', 'Of a ping', 16],
    'max-delay': ['integer', 'How long a listener may wait', 16],
    taddr: ['ipv6_addr', 'The target of a neighbour message'],
    daddr: ['ipv6_addr', 'The destination of a redirect'],
  }),
  selector('header', 'igmp', 'The IGMP header', {
    type: ['igmp_type', 'What it says'],
    checksum: ['integer', 'Its checksum', 16],
    mrt: ['integer', 'How long a listener may wait', 8],
    group: ['integer', 'The group', 32],
  }),
  selector('special', 'tcp', 'The TCP header', {
    dport: ['inet_service', 'The destination port'],
    sport: ['inet_service', 'The source port'],
    flags: ['tcp_flag', 'Its flags: `tcp flags syn` asks for that bit, `== syn` for it alone'],
    sequence: ['integer', 'The sequence number', 32],
    ackseq: ['integer', 'The acknowledged number', 32],
    doff: ['integer', 'The header’s length', 4],
    reserved: ['integer', 'Reserved bits', 4],
    window: ['integer', 'The window', 16],
    checksum: ['integer', 'Its checksum', 16],
    urgptr: ['integer', 'Where urgent data ends', 16],
    option: ['integer', 'A TCP option: `tcp option maxseg size`'],
  }),
  selector('header', 'udp', 'The UDP header', {
    dport: ['inet_service', 'The destination port'],
    sport: ['inet_service', 'The source port'],
    length: ['integer', 'Its length', 16],
    checksum: ['integer', 'Its checksum', 16],
  }),
  selector('header', 'udplite', 'The UDP-Lite header', {
    dport: ['inet_service', 'The destination port'],
    sport: ['inet_service', 'The source port'],
    csumcov: ['integer', 'How much the checksum covers', 16],
    checksum: ['integer', 'Its checksum', 16],
  }),
  selector('special', 'sctp', 'The SCTP header', {
    dport: ['inet_service', 'The destination port'],
    sport: ['inet_service', 'The source port'],
    vtag: ['integer', 'The verification tag', 32],
    checksum: ['integer', 'Its checksum', 32],
    chunk: ['integer', 'A chunk: `sctp chunk init exists`'],
  }),
  selector('special', 'dccp', 'The DCCP header', {
    dport: ['inet_service', 'The destination port'],
    sport: ['inet_service', 'The source port'],
    type: ['dccp_pkttype', 'The kind of packet'],
    option: ['integer', 'An option by number'],
  }),
  selector('header', 'th', 'The transport header, whatever protocol it is: it checks none', {
    dport: ['inet_service', 'The destination port'],
    sport: ['inet_service', 'The source port'],
  }),
  selector('header', 'ah', 'The IPsec authentication header', {
    nexthdr: ['inet_proto', 'The next header'],
    hdrlength: ['integer', 'Its length', 8],
    reserved: ['integer', 'Reserved bits', 16],
    spi: ['integer', 'The security association', 32],
    sequence: ['integer', 'The sequence number', 32],
  }),
  selector('header', 'esp', 'The IPsec encapsulation header', {
    spi: ['integer', 'The security association', 32],
    sequence: ['integer', 'The sequence number', 32],
  }),
  selector('header', 'comp', 'The IPComp header', {
    nexthdr: ['inet_proto', 'The next header'],
    flags: ['integer', 'Its flags', 8],
    cpi: ['integer', 'The compression index', 16],
  }),
  selector('special', 'vxlan', 'The VXLAN header, or a header inside it: `vxlan ip saddr`', {
    vni: ['integer', 'The network', 24],
    flags: ['integer', 'Its flags', 8],
    type: ['integer', 'What it carries'],
  }),
  selector('special', 'geneve', 'The Geneve header, or a header inside it', {
    vni: ['integer', 'The network', 24],
    type: ['ether_type', 'What it carries'],
  }),
  selector('special', 'gre', 'The GRE header, or a header inside it', {
    version: ['integer', 'Its version', 3],
    flags: ['integer', 'Its flags', 5],
    protocol: ['ether_type', 'What it carries'],
  }),
  selector('special', 'gretap', 'A header inside GRE with Ethernet', {}),
  selector('header', 'hbh', 'The hop-by-hop options header', {
    nexthdr: ['inet_proto', 'The next header'],
    hdrlength: ['integer', 'Its length', 8],
  }),
  selector('header', 'dst', 'The destination options header', {
    nexthdr: ['inet_proto', 'The next header'],
    hdrlength: ['integer', 'Its length'],
  }),
  selector('header', 'frag', 'The fragment header', {
    nexthdr: ['inet_proto', 'The next header'],
    reserved: ['integer', 'Reserved bits', 8],
    'frag-off': ['integer', 'Where the fragment belongs', 13],
    reserved2: ['integer', 'Reserved bits', 2],
    'more-fragments': ['integer', 'Whether more follow', 1],
    id: ['integer', 'The number that fragments share', 32],
  }),
  selector('header', 'mh', 'The mobility header', {
    nexthdr: ['inet_proto', 'The next header'],
    hdrlength: ['integer', 'Its length', 8],
    type: ['mh_type', 'What it says'],
    reserved: ['integer', 'Reserved bits', 8],
    checksum: ['integer', 'Its checksum', 16],
  }),
  selector('special', 'rt', 'The packet’s route, or the routing extension header', {
    classid: ['realm', 'The route’s realm'],
    nexthop: ['ipv4_addr', 'The next hop'],
    mtu: ['integer', 'The route’s largest TCP segment', 16],
    ipsec: ['boolean', 'The route goes through IPsec'],
    nexthdr: ['inet_proto', 'The next header (extension)'],
    hdrlength: ['integer', 'Its length (extension)'],
    type: ['integer', 'Its type (extension)', 8],
    'seg-left': ['integer', 'How many segments are left (extension)', 8],
    ip: ['ipv4_addr', '`rt ip nexthop`'],
    ip6: ['ipv6_addr', '`rt ip6 nexthop`'],
  }),
  selector('special', 'rt0', 'Routing header type 0', { addr: ['ipv6_addr', 'An address: `rt0 addr[1]`'] }),
  selector('special', 'rt2', 'Routing header type 2', { addr: ['ipv6_addr', 'The address'] }),
  selector('special', 'srh', 'The segment routing header', {
    'last-entry': ['integer', 'Its last entry', 8],
    flags: ['integer', 'Its flags', 8],
    tag: ['integer', 'Its tag', 16],
    sid: ['ipv6_addr', 'A segment: `srh sid[1]`'],
  }),
  selector('special', 'exthdr', 'Whether an IPv6 extension header is there: `exthdr frag exists`', {
    hbh: ['boolean', 'Hop-by-hop options'],
    rt: ['boolean', 'Routing'],
    frag: ['boolean', 'Fragment'],
    dst: ['boolean', 'Destination options'],
    mh: ['boolean', 'Mobility'],
  }),
  selector('special', 'socket', 'The local socket that will get it', {
    transparent: ['integer', '1: the socket is transparent', 1],
    mark: ['mark', 'The socket’s mark'],
    wildcard: ['integer', '1: the socket listens on any address', 1],
    cgroupv2: ['cgroupsv2', 'The control group: `socket cgroupv2 level 2`'],
  }),
  selector('special', 'osf', 'A guess at the sender’s operating system', {
    name: ['string', 'The system’s name'],
    version: ['string', 'The name with its version'],
    ttl: ['integer', 'How to treat the TTL: loose or skip'],
  }),
  selector('special', 'fib', 'What the routing table says: `fib saddr . iif oif`, `fib daddr type`', {
    saddr: ['integer', 'Look the source up'],
    daddr: ['integer', 'Look the destination up'],
    mark: ['integer', 'With the mark'],
    iif: ['integer', 'With the interface it came in by'],
    oif: ['iface_index', 'The interface of the route'],
    oifname: ['ifname', 'The name of the interface of the route'],
    type: ['fib_addrtype', 'What the address is'],
    check: ['boolean', 'Whether there is a route'],
  }),
  selector('special', 'ipsec', 'The IPsec state it goes by', {
    in: ['integer', 'It came by', 32],
    out: ['integer', 'It leaves by', 32],
  }),
  selector('special', 'numgen', 'A number of our own: `numgen inc mod 2`', {
    inc: ['integer', 'One after the other', 32],
    random: ['integer', 'At random', 32],
  }),
  selector('special', 'jhash', 'A hash of an expression: `jhash ip saddr mod 2`', {}),
  selector('special', 'symhash', 'A hash of the connection, the same both ways: `symhash mod 2`', {}),
  selector('special', 'tunnel', 'Metadata of the tunnel it came by', {
    id: ['integer', 'The tunnel’s id', 32],
    path: ['boolean', 'Came by a tunnel'],
  }),
];

export const selectorByName = byName(selectors);

const bareNames = [
  'mark',
  'iif',
  'iifname',
  'iiftype',
  'oif',
  'oifname',
  'oiftype',
  'skuid',
  'skgid',
  'nftrace',
  'rtclassid',
  'ibrname',
  'ibriport',
  'obrname',
  'obriport',
  'pkttype',
  'cpu',
  'iifgroup',
  'oifgroup',
  'cgroup',
  'ipsec',
  'time',
  'day',
  'hour',
];

/** Fields of `meta` that may stand without the word. */
export const bareMeta: ReadonlyMap<string, Field> = byName(
  bareNames.flatMap((name) => selectorByName.get('meta')?.fieldByName.get(name) ?? []),
);

/** Every word that begins a selector. */
export const selectorStarts: readonly Row[] = [...selectors, ...bareMeta.values()];

export const tcpOptions: readonly Row[] = [
  { name: 'eol', says: 'End of options' },
  { name: 'nop', says: 'Nothing' },
  { name: 'maxseg', says: 'The largest segment' },
  { name: 'mss', says: 'The largest segment' },
  { name: 'window', says: 'The window’s scale' },
  { name: 'sack-perm', says: 'Selective acknowledgement is allowed' },
  { name: 'sack-permitted', says: 'Selective acknowledgement is allowed' },
  { name: 'sack', says: 'Selective acknowledgement' },
  { name: 'sack0', says: 'Selective acknowledgement, first block' },
  { name: 'sack1', says: 'Second block' },
  { name: 'sack2', says: 'Third block' },
  { name: 'sack3', says: 'Fourth block' },
  { name: 'timestamp', says: 'Time stamps' },
  { name: 'echo', says: 'Echo' },
  { name: 'fastopen', says: 'Fast open' },
  { name: 'mptcp', says: 'Multipath TCP' },
  { name: 'md5sig', says: 'A signature' },
];
