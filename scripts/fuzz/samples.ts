// What the fuzz run breaks: the files of examples/, and samples of every construct that the parsers know.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { languageOfPath } from '../../server/src/analysis/recognise.ts';
import type { Language } from '../../server/src/text/source-file.ts';

export type Subject = 'nftables' | 'wireguard' | 'networkd' | 'networkmanager' | 'all';
export const subjects: readonly Subject[] = ['nftables', 'wireguard', 'networkd', 'networkmanager', 'all'];

export interface Sample {
  readonly uri: string;
  readonly language: Language;
  readonly text: string;
}

/** Files that are analysed together. */
export interface Mesh {
  readonly name: string;
  readonly samples: readonly Sample[];
}

const root = path.resolve(import.meta.dirname, '../..');

/** The example meshes, and one of constructs that no example needs; only meshes with a file of the subject. */
export function meshes(subject: Subject): readonly Mesh[] {
  const all: Mesh[] = globSync('examples/*', { cwd: root })
    .sort()
    .map((folder) => ({ name: folder, samples: samplesIn(folder) }));
  all.push({ name: 'own', samples: own }, { name: 'networkd', samples: networkd }, { name: 'networkmanager', samples: networkmanager });
  return all.filter(({ samples }) => samples.some(({ language }) => subject === 'all' || language === subject));
}

function samplesIn(folder: string): readonly Sample[] {
  const samples: Sample[] = [];
  for (const file of globSync('**/*', { cwd: path.join(root, folder) }).sort()) {
    const language = languageOfPath(file);
    if (language === null || language === 'maybe') continue;
    samples.push({ uri: `file:///${folder}/${file}`, language, text: readFileSync(path.join(root, folder, file), 'utf8') });
  }
  return samples;
}

const hubKey = 'ELXeXQrrXmqvVIv2mY//VJn3oVElwNGVWpIgyKBgb1k=';
const spokePublic = 'ehJIo84DTK6HpUK4H9w5brH+EtYPaiudWbxm/XSs/H0=';

const wireguard = `# the hub of a mesh that is nobody's
[Interface]
PrivateKey = ${hubKey}
ListenPort = 51820
FwMark = 0xca6c
Address = 10.20.0.1/24, fd20::1/64
DNS = 10.20.0.1, corp.example
MTU = 1420
Table = auto
PreUp = sysctl -q -w net.ipv4.conf.all.rp_filter=1
PostUp = wg set %i private-key /etc/wireguard/%i.key; wg set %i peer ${spokePublic} preshared-key <(cat "/etc/wireguard/a b.psk")
PostUp = nft add table inet ks && nft add chain inet ks out '{ type filter hook output priority 0; policy drop; }' # why
PostDown = nft delete table inet ks || true
SaveConfig = false

### laptop
[Peer] # a laptop
PublicKey = ${spokePublic}
PresharedKey = /etc/wireguard/psk/laptop.psk
AllowedIPs = 10.20.0.7/32, fd20::7/128, 10.21.0.0/16
Endpoint = hub.example.net:51820
PersistentKeepalive = 25
[Peer]
# Name = everything
PublicKey = BS1VxVFFXoqOZbpkhhoM5OrI4HEtruyTtUbDG5a+Mzs=
AllowedIPs = 0.0.0.0/0,::/0 , +10.9.0.1
AllowedIPs = 10.20.0.9/24
Endpoint = [2001:db8::1]:51820
[ peer ]
publickey=<key>
Allowed IPs = -10.0.0.1/33, 010.0.0.1
Endpoint = 2001:db8::1:80
`;

const sets = `#!/usr/sbin/nft -f
define lan = { 10.20.0.0/24, 10.21.0.0/16, }
define wan = "eth0"
define ports = 22,80
define none = {}
include "/etc/nftables.d/*.nft"
flush ruleset
table inet filter {
	flags dormant,owner;
	comment "what is in it"
	set blocked { type ipv4_addr; flags interval, timeout; timeout 1h30m; gc-interval 10s; size 65535; auto-merge
		elements = { 10.20.0.66 timeout 5m expires 1m comment "gone",
			# a comment of its own line
			10.20.0.128/25, 192.0.2.1-192.0.2.9 counter packets 1 bytes 40, }
	}
	map gates {
		type ifname . inet_service : verdict
		elements = { "wg0" . 22 : accept, wg* . 80 : jump web, * : drop }
	}
	map marks { typeof ip saddr . tcp dport : meta mark; flags dynamic; counter; limit rate 10/second burst 5 packets; }
	flowtable fast { hook ingress priority filter + 10; devices = { eth0, wg0 }; counter; flags offload; }
	counter hits { packets 1 bytes 2 comment "c" }
	quota much { over 10 mbytes used 1 kbytes }
	limit slow { rate over 400 kbytes/minute burst 1024 bytes }
	ct helper ftp { type "ftp" protocol tcp; l3proto ip; }
	ct timeout quick { protocol tcp; l3proto ip; policy = { established : 120, close : 20s }; }
	ct expectation next { protocol tcp; dport 9876; timeout 2m; size 12; l3proto ip; }
	secmark here { "system_u:object_r:ssh_server_packet_t:s0" }
	synproxy front { mss 1460 wscale 7 timestamp sack-perm }
	tunnel far { id 10; ip saddr 192.0.2.1; ip daddr 192.0.2.2; sport 4789; ttl 64; vxlan { gbp 200; }; }
	chain web { tcp dport { 80, 443 } accept; }
	chain forward {
		type filter hook forward priority filter - 5; policy drop;
		comment "between peers"
		ct state vmap { established : accept, related : accept, invalid : drop }
		iifname "wg0" oifname != wan ip saddr @blocked counter name hits drop comment "no"
		ip saddr 10.20.0.7 ip daddr 10.20.0.9 tcp dport { 22, 8000-8010 } ct state new accept
		ip6 saddr fd20::/64 meta l4proto { tcp, udp } th dport 53 limit rate 10/second burst 20 packets accept
		tcp flags & (fin | syn) == syn / syn,ack log prefix "syn: " level info flags tcp sequence,options
		tcp flags syn tcp option maxseg size set rt mtu
		meta mark set ct mark and 0xff or 0x10 ct mark set meta mark
		ip saddr . tcp dport vmap { 10.20.0.7 . 22 : goto web, }
		iifname . tcp dport vmap @gates
		add @blocked { ip saddr timeout 10m limit rate over 1/second } update @marks { ip saddr . tcp dport : 0x1 }
		meter flood size 1024 { ip saddr limit rate over 10/second } drop
		jump { ip protocol icmp accept; return; }
		@th,16,16 22 numgen inc mod 2 vmap { 0 : accept, 1 : drop } \\
			# goes on behind a comment
			counter
		ct original ip saddr 10.20.0.1 ct count over 10 reject with icmpx type admin-prohibited
		fib saddr . iif oif missing drop
		queue flags bypass,fanout to symhash mod 4
		reject with tcp reset
	}
}
table ip nat {
	chain out {
		type nat hook postrouting priority srcnat
		ip saddr $lan oifname $wan masquerade to :1024-65535 random,persistent
		snat ip to ip saddr map { 10.20.0.7 : 192.0.2.7 }
	}
	chain in {
		type nat hook prerouting priority dstnat; policy accept;
		dnat to 10.20.0.9-10.20.0.12:8080-8090 fully-random
		tcp dport 80 redirect to :8080
		dnat ip addr . port to tcp dport map { 80 : 10.20.0.9 . 8080 }
		meta l4proto tcp tproxy ip to 127.0.0.1:3128
	}
}
add rule inet filter forward index 1 ip daddr 10.20.0.1 drop
insert rule inet filter forward ct state established,related accept
add element inet filter blocked { 10.20.0.67 }
delete element inet filter blocked { 10.20.0.67 }
delete rule inet filter forward handle 4
rename chain inet filter web www
list ruleset
`;

const own: readonly Sample[] = [
  { uri: 'file:///own/etc/wireguard/wg0.conf', language: 'wireguard', text: wireguard },
  { uri: 'file:///own/etc/nftables.conf', language: 'nftables', text: sets },
  { uri: 'file:///own/etc/wireguard/wg1.pub', language: 'public-key', text: `${spokePublic}\n` },
];

const networkd: readonly Sample[] = [
  {
    uri: 'file:///own/etc/systemd/network/wg0.netdev',
    language: 'networkd',
    text: `; nobody's hub
[NetDev]
Name=wg0
Kind=wireguard

[WireGuard]
PrivateKey=${hubKey}
ListenPort=51820
FirewallMark=0xca6c
RouteTable=main

# spoke
[WireGuardPeer]
PublicKey=${spokePublic}
PresharedKeyFile=/etc/systemd/network/spoke.psk
AllowedIPs=10.20.0.7/32, \\
  fd20::7/128
Endpoint=[2001:db8::7]:51820
PersistentKeepalive=25
`,
  },
  {
    uri: 'file:///own/etc/systemd/network/wg0.network',
    language: 'networkd',
    text: '[Match]\nName=wg*\n\n[Network]\nAddress=10.20.0.1/24\nAddress=fd20::1/64\n\n[Route]\nDestination=10.30.0.0/16\n',
  },
];

const networkmanager: readonly Sample[] = [
  {
    uri: 'file:///own/etc/NetworkManager/system-connections/mesh.nmconnection',
    language: 'networkmanager',
    text: `# nobody's spoke
[connection]
id=mesh
type=wireguard
interface-name=wg0

[wireguard]
private-key=${hubKey}
listen-port=51820

[wireguard-peer.${spokePublic}]
endpoint=hub.example.net:51820
preshared-key-flags=1
persistent-keepalive=25
allowed-ips=10.20.0.1/32;fd20::1/128;

[ipv4]
address1=10.20.0.7/24,10.20.0.1
method=manual
`,
  },
];
