// The tree of a ruleset: one row for each construct, compared in a compact printed form (print.ts).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { printed, printedRule, problems } from './print.ts';

const rules: readonly (readonly [rule: string, tree: string])[] = [
  ['accept', '[accept]'],
  ['drop', '[drop]'],
  ['continue', '[continue]'],
  ['return', '[return]'],
  ['jump web', '[jump web]'],
  ['goto $target', '[goto $target]'],
  ['jump { ip saddr 10.0.0.1 accept; drop; }', '[jump {[<ip saddr:ipv4_addr> ~ address4:10.0.0.1] [accept]; [drop]}]'],
  ['tcp dport 22', '[<tcp dport:inet_service> ~ number:22]'],
  ['tcp dport != 22', '[<tcp dport:inet_service> != number:22]'],
  ['tcp dport ne 22', '[<tcp dport:inet_service> ne number:22]'],
  ['tcp dport >= 1024', '[<tcp dport:inet_service> >= number:1024]'],
  ['tcp dport lt 1024', '[<tcp dport:inet_service> lt number:1024]'],
  ['tcp flags ! syn', '[<tcp flags:tcp_flag> ! syn]'],
  ['tcp dport 22-25', '[<tcp dport:inet_service> ~ range(number:22 number:25)]'],
  ['tcp dport { 22, 80-90, http }', '[<tcp dport:inet_service> ~ {number:22, range(number:80 number:90), http}]'],
  ['tcp dport ssh,http', '[<tcp dport:inet_service> ~ list(ssh, http)]'],
  ['ip saddr 10.0.0.0/8', '[<ip saddr:ipv4_addr> ~ prefix(address4:10.0.0.0 number:8)]'],
  ['ip saddr 10.0.0.1-10.0.0.9', '[<ip saddr:ipv4_addr> ~ range(address4:10.0.0.1 address4:10.0.0.9)]'],
  ['ip saddr @blocked', '[<ip saddr:ipv4_addr> ~ @blocked]'],
  ['ip saddr != @blocked', '[<ip saddr:ipv4_addr> != @blocked]'],
  ['ip saddr $lan', '[<ip saddr:ipv4_addr> ~ $lan]'],
  [
    'ip saddr . tcp dport { 10.0.0.1 . 22, 10.0.0.0/8 . 80-90 }',
    '[concat(<ip saddr:ipv4_addr> . <tcp dport:inet_service>) ~ {concat(address4:10.0.0.1 . number:22), concat(prefix(address4:10.0.0.0 number:8) . range(number:80 number:90))}]',
  ],
  ['ip6 saddr fd00::/64', '[<ip6 saddr:ipv6_addr> ~ prefix(address6:fd00:: number:64)]'],
  ['ether saddr 00:11:22:33:44:55', '[<ether saddr:ether_addr> ~ mac:00:11:22:33:44:55]'],
  ['iifname "wg0"', '[<meta iifname:ifname> ~ string:"wg0"]'],
  ['iifname wg*', '[<meta iifname:ifname> ~ wildcard:wg*]'],
  ['iifname { "wg0", eth0 }', '[<meta iifname:ifname> ~ {string:"wg0", eth0}]'],
  ['oif lo', '[<meta oif:iface_index> ~ lo]'],
  ['meta iifname wg0', '[<meta iifname:ifname> ~ wg0]'],
  ['meta l4proto { tcp, udp }', '[<meta l4proto:inet_proto> ~ {tcp, udp}]'],
  ['meta priority 1:10', '[<meta priority:classid> ~ class:1:10]'],
  ['meta time "2026-01-01 10:00"', '[<meta time:time> ~ string:"2026-01-01 10:00"]'],
  ['hour "08:00"-"18:00"', '[<meta hour:hour> ~ range(string:"08:00" string:"18:00")]'],
  ['ct state established,related', '[<ct state:ct_state> ~ list(established, related)]'],
  ['ct state { new, established }', '[<ct state:ct_state> ~ {new, established}]'],
  ['ct state vmap { established : accept, invalid : drop }', '[<ct state:ct_state> vmap {established: accept, invalid: drop}]'],
  ['ct original ip saddr 10.0.0.1', '[<ct saddr:ipv4_addr> ~ address4:10.0.0.1]'],
  ['ct reply proto-dst 22', '[<ct proto-dst:inet_service> ~ number:22]'],
  ['ct original zone 1', '[<ct zone:integer> ~ number:1]'],
  ['ct status dnat', '[<ct status:ct_status> ~ dnat]'],
  ['ct label "x"', '[<ct label:ct_label> ~ string:"x"]'],
  ['tcp flags syn', '[<tcp flags:tcp_flag> ~ syn]'],
  ['tcp flags == syn', '[<tcp flags:tcp_flag> == syn]'],
  ['tcp flags & (fin | syn | rst) == syn', '[(<tcp flags:tcp_flag> & ((fin | syn) | rst)) == syn]'],
  ['tcp flags syn / syn,ack', '[<tcp flags:tcp_flag> ~ syn / list(syn, ack)]'],
  ['tcp flags syn,ack / fin,syn,rst,ack', '[<tcp flags:tcp_flag> ~ list(syn, ack) / list(fin, syn, rst, ack)]'],
  ['meta mark & 0xff == 0x1', '[(<meta mark:mark> & number:0xff) == number:0x1]'],
  ['meta mark and 0xff or 1 == 2', '[((<meta mark:mark> and number:0xff) or number:1) == number:2]'],
  ['mark << 2 == 8', '[(<meta mark:mark> << number:2) == number:8]'],
  ['ip dscp set cs3', '[<ip dscp:dscp> := cs3]'],
  ['tcp dport set 22', '[<tcp dport:inet_service> := number:22]'],
  ['meta mark set ct mark', '[<meta mark:mark> := <ct mark:mark>]'],
  ['ct mark set meta mark or 0x10', '[<ct mark:mark> := (<meta mark:mark> or number:0x10)]'],
  ['ct event set new,destroy', '[<ct event:ct_event> := list(new, destroy)]'],
  [
    'meta mark set ip saddr map { 10.0.0.1 : 1, 10.0.0.2 : 2 }',
    '[<meta mark:mark> := map(<ip saddr:ipv4_addr> {address4:10.0.0.1: number:1, address4:10.0.0.2: number:2})]',
  ],
  ['meta mark set tcp dport map @marks', '[<meta mark:mark> := map(<tcp dport:inet_service> @marks)]'],
  ['@th,16,16 set 5', '[@th,16,16 := number:5]'],
  ['@ih,0,8 0x80-0x85', '[@ih,0,8 ~ range(number:0x80 number:0x85)]'],
  ['tcp option maxseg size set rt mtu', '[<tcp option:integer> := <rt mtu:integer>]'],
  ['tcp option sack0 left 1', '[<tcp option:integer> ~ number:1]'],
  ['tcp option 254 length 4', '[<tcp option:integer> ~ number:4]'],
  ['tcp option @34,4,1 1', '[<tcp option:integer> ~ number:1]'],
  ['tcp option sack-perm missing', '[<tcp option:integer> ~ missing]'],
  ['reset tcp option sack-perm', '[reset]'],
  ['ip option ra value 1', '[<ip option:integer> ~ number:1]'],
  ['exthdr frag exists', '[<exthdr frag:boolean> ~ exists]'],
  ['rt0 addr[1] fd00::1', '[<rt0 addr:ipv6_addr> ~ address6:fd00::1]'],
  ['srh sid[1] fd00::1', '[<srh sid:ipv6_addr> ~ address6:fd00::1]'],
  ['sctp chunk data tsn 23', '[<sctp chunk:integer> ~ number:23]'],
  ['sctp chunk init exists', '[<sctp chunk:integer> ~ exists]'],
  ['dccp option 2 missing', '[<dccp option:integer> ~ missing]'],
  ['dccp type request', '[<dccp type:dccp_pkttype> ~ request]'],
  ['arp operation request', '[<arp operation:arp_op> ~ request]'],
  ['arp saddr ip 10.0.0.1', '[<arp saddr:ipv4_addr> ~ address4:10.0.0.1]'],
  ['vlan id 4', '[<vlan id:integer> ~ number:4]'],
  ['icmp type { echo-request, redirect }', '[<icmp type:icmp_type> ~ {echo-request, redirect}]'],
  ['icmpv6 type nd-neighbor-solicit', '[<icmpv6 type:icmpv6_type> ~ nd-neighbor-solicit]'],
  ['icmpv6 taddr fd00::1', '[<icmpv6 taddr:ipv6_addr> ~ address6:fd00::1]'],
  ['udp length 8', '[<udp length:integer> ~ number:8]'],
  ['udplite csumcov 1', '[<udplite csumcov:integer> ~ number:1]'],
  ['ah spi 5', '[<ah spi:integer> ~ number:5]'],
  ['esp sequence 1', '[<esp sequence:integer> ~ number:1]'],
  ['comp cpi 2', '[<comp cpi:integer> ~ number:2]'],
  ['th dport 53', '[<th dport:inet_service> ~ number:53]'],
  ['vxlan vni 10', '[<vxlan vni:integer> ~ number:10]'],
  ['vxlan ip saddr 10.0.0.1', '[<ip saddr:ipv4_addr> ~ address4:10.0.0.1]'],
  ['gre ip6 daddr fd00::1', '[<ip6 daddr:ipv6_addr> ~ address6:fd00::1]'],
  ['gretap ether saddr 00:11:22:33:44:55', '[<ether saddr:ether_addr> ~ mac:00:11:22:33:44:55]'],
  ['geneve tcp dport 80', '[<tcp dport:inet_service> ~ number:80]'],
  ['fib saddr . iif oif missing', '[<fib oif:iface_index> ~ missing]'],
  ['fib daddr type local', '[<fib type:fib_addrtype> ~ local]'],
  ['rt nexthop 10.0.0.1', '[<rt nexthop:ipv4_addr> ~ address4:10.0.0.1]'],
  ['rt ip6 nexthop fd00::1', '[<rt nexthop:ipv6_addr> ~ address6:fd00::1]'],
  ['rt seg-left 1', '[<rt seg-left:integer> ~ number:1]'],
  ['socket transparent 1', '[<socket transparent:integer> ~ number:1]'],
  ['socket cgroupv2 level 1 "user.slice"', '[<socket cgroupv2:cgroupsv2> ~ string:"user.slice"]'],
  ['osf ttl loose name "Linux"', '[<osf name:string> ~ string:"Linux"]'],
  ['ipsec in spnum 1 ip saddr 10.0.0.1', '[<ipsec in:integer> ~ address4:10.0.0.1]'],
  ['ipsec out reqid 1', '[<ipsec out:integer> ~ number:1]'],
  ['meta ipsec exists', '[<meta ipsec:boolean> ~ exists]'],
  ['tunnel id 5', '[<tunnel id:integer> ~ number:5]'],
  ['tunnel name "far"', '[tunnel "far"]'],
  ['numgen inc mod 4 offset 100 vmap { 100 : accept }', '[<numgen inc:integer> vmap {number:100: accept}]'],
  [
    'meta mark set numgen random mod 2 map { 0 : 1, 1 : 2 }',
    '[<meta mark:mark> := map(<numgen random:integer> {number:0: number:1, number:1: number:2})]',
  ],
  [
    'jhash ip saddr . tcp dport mod 2 seed 0xdeadbeef offset 1 0',
    '[<jhash - concat(<ip saddr:ipv4_addr> . <tcp dport:inet_service>)> ~ number:0]',
  ],
  ['symhash mod 2 0', '[<symhash -> ~ number:0]'],
  ['counter', '[counter]'],
  ['counter packets 1 bytes 2', '[counter]'],
  ['counter name hits', '[counter hits]'],
  [
    'counter name tcp dport map { 22 : "ssh", 80 : "web" }',
    '[counter map(<tcp dport:inet_service> {number:22: string:"ssh", number:80: string:"web"})]',
  ],
  ['limit rate 10/second', '[limit]'],
  ['limit rate over 1 mbytes/minute burst 10 kbytes', '[limit]'],
  ['limit rate 10/hour burst 5 packets', '[limit]'],
  ['limit name slow', '[limit slow]'],
  ['quota over 10 mbytes used 1 kbytes', '[quota]'],
  ['quota name much', '[quota much]'],
  ['last used 5s', '[last]'],
  ['ct count over 10', '[ct count]'],
  ['ct helper set "ftp"', '[<ct helper:string> := string:"ftp"]'],
  ['ct timeout set "quick"', '[ct timeout "quick"]'],
  ['log', '[log]'],
  ['log prefix "a b: " level warn group 2 snaplen 64 queue-threshold 3 flags tcp sequence,options', '[log string:"a b: "]'],
  ['log flags all', '[log]'],
  ['reject', '[reject]'],
  ['reject with tcp reset', '[reject]'],
  ['reject with icmp type host-unreachable', '[reject]'],
  ['reject with icmpx 3', '[reject]'],
  ['snat to 192.0.2.1', '[snat address4:192.0.2.1]'],
  [
    'snat ip to 192.0.2.1-192.0.2.9:1024-65535 random,persistent',
    '[snat range(address4:192.0.2.1 address4:192.0.2.9) port range(number:1024 number:65535)]',
  ],
  ['dnat to [fd00::1]:80', '[dnat address6:fd00::1 port number:80]'],
  ['dnat ip6 to [fd00::1]-[fd00::9]', '[dnat range(address6:fd00::1 address6:fd00::9)]'],
  [
    'dnat ip prefix to ip saddr map { 10.0.0.0/24 : 10.1.0.0/24 }',
    '[dnat map(<ip saddr:ipv4_addr> {prefix(address4:10.0.0.0 number:24): prefix(address4:10.1.0.0 number:24)})]',
  ],
  [
    'dnat ip addr . port to tcp dport map { 80 : 10.0.0.1 . 8080 }',
    '[dnat map(<tcp dport:inet_service> {number:80: concat(address4:10.0.0.1 . number:8080)})]',
  ],
  ['dnat to tcp dport map @m : 80', '[dnat map(<tcp dport:inet_service> @m) port number:80]'],
  ['masquerade', '[masquerade]'],
  ['masquerade to :1024-65535 fully-random', '[masquerade port range(number:1024 number:65535)]'],
  ['redirect to :8080', '[redirect port number:8080]'],
  ['redirect to tcp dport map { 80 : 8080 }', '[redirect port map(<tcp dport:inet_service> {number:80: number:8080})]'],
  ['tproxy ip to 127.0.0.1:3128', '[tproxy address4:127.0.0.1 port number:3128]'],
  ['tproxy to :3128', '[tproxy port number:3128]'],
  ['synproxy mss 1460 wscale 7 timestamp sack-perm', '[synproxy]'],
  ['synproxy name front', '[synproxy front]'],
  ['queue', '[queue]'],
  ['queue num 1-3 bypass,fanout', '[queue range(number:1 number:3)]'],
  ['queue flags bypass to 1-3', '[queue range(number:1 number:3)]'],
  ['queue to numgen inc mod 4', '[queue <numgen inc:integer>]'],
  [
    'queue to oifname map { "eth0" : 0, "eth1" : 2 }',
    '[queue map(<meta oifname:ifname> {string:"eth0": number:0, string:"eth1": number:2})]',
  ],
  ['dup to 10.0.0.1 device eth0', '[dup address4:10.0.0.1 eth0]'],
  ['fwd to eth0', '[fwd eth0]'],
  ['fwd ip to 10.0.0.1 device eth0', '[fwd address4:10.0.0.1 eth0]'],
  ['notrack', '[notrack]'],
  ['flow add @fast', '[flow @fast]'],
  ['add @s { ip saddr }', '[add @s {<ip saddr:ipv4_addr>}]'],
  ['update @s { ip saddr timeout 1m limit rate over 10/second burst 5 packets }', '[update @s {<ip saddr:ipv4_addr>}]'],
  ['add @m { ip saddr : tcp dport }', '[add @m {<ip saddr:ipv4_addr>: <tcp dport:inet_service>}]'],
  ['delete @s { ip saddr . tcp dport }', '[delete @s {concat(<ip saddr:ipv4_addr> . <tcp dport:inet_service>)}]'],
  ['set add ip saddr timeout 10s @s', '[set <ip saddr:ipv4_addr> @s]'],
  ['meter flood size 10 { ip saddr timeout 1m limit rate 10/second }', '[meter <ip saddr:ipv4_addr>]'],
  ['ip saddr 10.0.0.1 counter accept comment "a note"', '[<ip saddr:ipv4_addr> ~ address4:10.0.0.1] [counter] [accept] [comment]'],
  ['iifname . tcp dport vmap @gates', '[concat(<meta iifname:ifname> . <tcp dport:inet_service>) vmap @gates]'],
  ['ip protocol tcp', '[<ip protocol:inet_proto> ~ tcp]'],
];

describe('a rule', () => {
  for (const [rule, tree] of rules) {
    test(rule, () => {
      assert.deepEqual(problems(`table inet t {\n\tchain c {\n\t\t${rule}\n\t}\n}\n`), []);
      assert.equal(printedRule(rule), tree);
    });
  }

  test('goes on behind a backslash, comment lines between', () => {
    const rule = 'tcp dport 22 \\\n # one\n\t# two\n accept';
    assert.deepEqual(printed(`add rule t c ${rule}\n`), ['add rule t c [<tcp dport:inet_service> ~ number:22] [accept]']);
  });

  test('ends at a semicolon or a new line', () => {
    assert.deepEqual(printed('table t { chain c { accept; drop\n tcp dport 1\n }\n }\n').slice(2), [
      '    rule [accept]',
      '    rule [drop]',
      '    rule [<tcp dport:inet_service> ~ number:1]',
    ]);
  });

  test('has a verdict map with every kind of verdict', () => {
    assert.equal(
      printedRule('tcp dport vmap { 1 : accept, 2-3 : jump c, 4 : goto $x, 5 comment "five" : drop, * : return, }'),
      '[<tcp dport:inet_service> vmap {number:1: accept, range(number:2 number:3): jump c, number:4: goto $x, number:5: drop, star:*: return}]',
    );
  });
});

const ruleset = `#!/usr/sbin/nft -f
include "/etc/nftables.d/*.nft"
define lan = { 10.20.0.0/24, 10.21.0.0/16 }
define ports = 22,80
define none = {}
define low = -5
redefine low = 7
undefine low
flush ruleset
table ip old
table inet filter {
	flags dormant,owner;
	comment "what is in it"
	set blocked { type ipv4_addr . inet_service; flags interval, timeout; timeout 1h30m; gc-interval 10s; size 65535; policy memory; auto-merge
		elements = { 10.20.0.66 . 22 timeout 5m expires 1m comment "gone",
			# a comment of its own line
			10.20.0.128/25 . 80-90 counter packets 1 bytes 40, }
	}
	set seen { typeof ip saddr . tcp dport; flags dynamic; counter; limit rate 10/second burst 5 packets; elements = $lan }
	map gates { type ifname : verdict; elements = { "wg0" : accept, wg* : jump web } }
	map marks { typeof ip saddr : meta mark; }
	map hits { type ipv4_addr : counter; }
	map ranges { type inet_service : interval ipv4_addr . inet_service; }
	flowtable fast { hook ingress priority filter + 10; devices = { eth0, "wg0" }; counter; flags offload; }
	counter c1 { packets 1 bytes 2 comment "c" }
	quota q1 { over 10 mbytes used 1 kbytes }
	limit l1 { rate over 400 kbytes/minute burst 1024 bytes; comment "l"; }
	ct helper ftp { type "ftp" protocol tcp; l3proto ip; }
	ct timeout quick { protocol tcp; l3proto ip; policy = { established : 120, close : 20s }; }
	ct expectation next { protocol tcp; dport 9876; timeout 2m; size 12; l3proto ip; }
	secmark here { "system_u:object_r:ssh_server_packet_t:s0" }
	synproxy front { mss 1460 wscale 7 timestamp sack-perm }
	tunnel far { id 10; ip saddr 192.0.2.1; sport 4789; ttl 64; vxlan { gbp 200; }; comment "far" }
	chain forward {
		type filter hook forward priority filter - 5; policy drop;
		comment "between peers"
		accept
	}
	chain in { type filter hook ingress device eth0 priority 0; }
	chain out { type filter hook egress devices = { eth0, $wan } priority -150; flags offload; devices = { eth1 }; policy $p; }
}
add rule inet filter forward index 1 ip daddr 10.20.0.1 drop
insert rule inet filter forward accept
replace rule filter forward handle 4 drop
inet filter forward counter
filter forward counter
add chain inet filter web { type nat hook prerouting priority dstnat; }
add set ip t s { type ipv4_addr; }
create counter ip t c packets 1 bytes 2
add quota t q 10 mbytes
add limit t l rate 10/second
add secmark t s "ctx"
add synproxy t s mss 1460 wscale 7
add element inet filter blocked { 10.20.0.67 . 22 }
delete element inet filter blocked { 10.20.0.67 . 22 }
destroy table ip old
delete chain inet filter handle 7
delete rule inet filter forward handle 4
delete ct helper inet filter ftp
rename chain inet filter web www
flush chain inet filter forward
flush set filter s
list ruleset inet
list tables
list counters table ip t
list ct helpers table t
list hooks netdev device eth0
list flow tables
reset rules inet filter forward
reset counters
get element t s { 10.0.0.1 }
monitor new rules json
export vm json
describe tcp dport
`;

const tree = `include /etc/nftables.d/*.nft
define lan {prefix(address4:10.20.0.0 number:24), prefix(address4:10.21.0.0 number:16)}
define ports list(number:22, number:80)
define none {}
define low number:-5
redefine low number:7
undefine low
flush ruleset
add table ip old
add table inet filter {}
  option flags dormant owner
  option comment
  add set blocked {}
    type ipv4_addr . inet_service
    option flags interval timeout
    option timeout
    option gc-interval
    option size
    option policy
    option auto-merge
    add elements {concat(address4:10.20.0.66 . number:22), concat(prefix(address4:10.20.0.128 number:25) . range(number:80 number:90))}
  add set seen {}
    type <ip saddr:ipv4_addr> . <tcp dport:inet_service>
    option flags dynamic
    rule [counter]
    rule [limit]
    add elements $lan
  add map gates {}
    type ifname : verdict
    add elements {string:"wg0": accept, wildcard:wg*: jump web}
  add map marks {}
    type <ip saddr:ipv4_addr> : <meta mark:mark>
  add map hits {}
    type ipv4_addr : counter
  add map ranges {}
    type inet_service : ipv4_addr . inet_service
  add flowtable fast {}
    option hook
    option devices {eth0, string:"wg0"}
    option counter
    option flags
  add counter c1 {}
    option packets
    option comment
  add quota q1 {}
    option over
  add limit l1 {}
    option rate
    option comment
  add ct ftp {}
    option type
    option l3proto
  add ct quick {}
    option protocol
    option l3proto
    option policy
  add ct next {}
    option protocol
    option dport
    option timeout
    option size
    option l3proto
  add secmark here {}
    option 
  add synproxy front {}
    option mss
  add tunnel far {}
    option id
    option ip
    option sport
    option ttl
    option vxlan
      option gbp
    option comment
  add chain forward {}
    base filter forward filter -5
    policy drop
    option comment
    rule [accept]
  add chain in {}
    base filter ingress number:0 eth0
  add chain out {}
    base filter egress number:-150 {eth0, $wan}
    option flags
    option devices {eth1}
    policy $p
add rule inet filter forward [<ip daddr:ipv4_addr> ~ address4:10.20.0.1] [drop]
insert rule inet filter forward [accept]
replace rule filter forward [drop]
add rule inet filter forward [counter]
add rule filter forward [counter]
add chain inet filter web {}
  base nat prerouting dstnat
add set ip t s {}
  type ipv4_addr
create counter ip t c
add quota t q
add limit t l
add secmark t s
add synproxy t s
add elements inet filter blocked {concat(address4:10.20.0.67 . number:22)}
delete elements inet filter blocked {concat(address4:10.20.0.67 . number:22)}
destroy table ip old
delete chain inet filter
delete rule inet filter
delete ct inet filter ftp
rename chain inet filter web
flush chain inet filter forward
flush set filter s
list ruleset inet
list tables
list counters ip t
list ct t
list hooks netdev
list flow
reset rules inet filter forward
reset counters
get element t s
monitor
export ruleset
describe
`;

describe('a ruleset', () => {
  test('of every block and command', () => {
    assert.deepEqual(problems(ruleset), []);
    assert.deepEqual(printed(ruleset), tree.trimEnd().split('\n'));
  });

  test('on one line is the same', () => {
    const text =
      'table inet t { set s { type ipv4_addr; elements = { 10.0.0.1 } }; chain c { type filter hook input priority 0; accept; }; }\n';
    assert.deepEqual(problems(text), []);
    assert.deepEqual(printed(text), [
      'add table inet t {}',
      '  add set s {}',
      '    type ipv4_addr',
      '    add elements {address4:10.0.0.1}',
      '  add chain c {}',
      '    base filter input number:0',
      '    rule [accept]',
    ]);
  });

  test('of nothing, and one that ends without a new line', () => {
    assert.deepEqual(printed(''), []);
    assert.deepEqual(problems('table ip t {\n}'), []);
    assert.deepEqual(problems('flush ruleset'), []);
    assert.deepEqual(problems('   '), []);
  });
});
