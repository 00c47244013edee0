// A hub's nftables ruleset of any length: sets, three base chains, a chain for each role, and as many rules as it takes.
import { type BenchDocument, places } from './document.ts';
import { hostName, ipv4, ipv6, role } from './mesh-names.ts';
import { type Random, seeded } from './random.ts';

const hosts = 1600;
const ports = [22, 53, 80, 123, 443, 3000, 5432, 6379, 8080, 8443, 9090, 9100];

/** Exactly `lines` lines (at least 100), which `nft -c` takes. */
export function nftablesText(lines: number, seed = 1): string {
  const random = seeded(seed);
  const members = (count: number, address: (host: number) => string): string[] =>
    random
      .shuffle(Array.from({ length: hosts }, (_, host) => host + 1))
      .slice(0, count)
      .sort((a, b) => a - b)
      .map(address);
  const perSet = lines < 1000 ? 6 : 60;
  const set = (name: string, type: string, elements: readonly string[]): string[] => [
    `    set ${name} {`,
    `        type ${type}`,
    '        elements = {',
    ...elements.map((element, i) => `            ${element}${i + 1 < elements.length ? ',' : ''}`),
    '        }',
    '    }',
    '',
  ];
  const head = [
    '#!/usr/sbin/nft -f',
    '# The mesh hub: what one peer may ask of another.',
    '',
    'flush ruleset',
    '',
    'define uplink = "eth0"',
    'define mesh_v4 = 10.10.0.0/16',
    '',
    'table inet mesh {',
    ...set('admins', 'ipv4_addr', members(perSet, ipv4)),
    ...set('admins_v6', 'ipv6_addr', members(perSet, ipv6)),
    ...set(
      'databases',
      'ipv4_addr . inet_service',
      members(perSet, (host) => `${ipv4(host)} . 5432`),
    ),
    '    chain input {',
    '        type filter hook input priority filter; policy drop;',
    '        ct state vmap { established : accept, related : accept, invalid : drop }',
    '        iifname "lo" accept',
    '        iifname $uplink udp dport 51820 counter accept comment "WireGuard"',
    '        iifname $uplink tcp dport 22 ct state new limit rate 10/minute accept',
    '        iifname "wg0" ip saddr @admins tcp dport 22 accept',
    '        iifname "wg0" ip6 saddr @admins_v6 tcp dport 22 accept',
    '        iifname "wg0" icmp type echo-request accept',
    '        log prefix "hub input: " counter drop',
    '    }',
    '',
    '    chain forward {',
    '        type filter hook forward priority filter; policy drop;',
    '        ct state established,related accept',
    '        ct state invalid counter drop',
    '        iifname "wg0" oifname "wg0" ip saddr $mesh_v4 jump peers',
    '        iifname "wg0" oifname "wg0" meta nfproto ipv6 jump peers',
    '        log prefix "hub forward: " counter drop',
    '    }',
    '',
    '    chain output {',
    '        type filter hook output priority filter; policy drop;',
    '        ct state established,related,new accept',
    '    }',
    '',
  ];
  // what the readers have: most rules in one long chain, the rest by role
  const roleChains = lines < 1000 ? 2 : 6;
  const inRoleChain = Math.floor(lines / 24);
  const foot = ['}'];
  const chains: string[] = [];
  for (let i = 0; i < roleChains; i++) {
    chains.push(`    chain role_${role(i)} {`, ...Array.from({ length: inRoleChain }, () => ruleLine(random)), '    }', '');
  }
  const peersHead = [
    '    chain peers {',
    ...Array.from({ length: roleChains }, (_, i) => `        ip saddr ${ipv4(i + 1)} goto role_${role(i)}`),
  ];
  const peersFoot = ['        return', '    }'];
  const left = lines - head.length - chains.length - peersHead.length - peersFoot.length - foot.length;
  if (left < 1) throw new Error(`an nftables file of ${lines} lines is too short for its frame`);
  const rules = Array.from({ length: left }, () => ruleLine(random));
  return `${[...head, ...chains, ...peersHead, ...rules, ...peersFoot, ...foot].join('\n')}\n`;
}

function ruleLine(random: Random): string {
  const from = 1 + random.int(hosts);
  const to = 1 + random.int(hosts);
  const port = random.pick(ports);
  const v4 = `iifname "wg0" ip saddr ${ipv4(from)} ip daddr ${ipv4(to)}`;
  const kind = random.int(100);
  const rule =
    kind < 56
      ? `${v4} tcp dport ${port} accept`
      : kind < 64
        ? `${v4} tcp dport { 80, 443, ${8000 + random.int(1000)} } accept comment "${hostName(from)} to ${hostName(to)}"`
        : kind < 71
          ? `${v4} udp dport ${port} counter accept`
          : kind < 77
            ? `ip saddr @admins ip daddr ${ipv4(to)} tcp dport 22 ct state new log prefix "ssh: " accept`
            : kind < 82
              ? `iifname "wg0" ip saddr ${ipv4(from)} ip daddr . tcp dport @databases ct state new accept`
              : kind < 88
                ? `iifname "wg0" ip6 saddr ${ipv6(from)} ip6 daddr ${ipv6(to)} tcp dport ${port} accept`
                : kind < 92
                  ? `${v4} meta l4proto { tcp, udp } th dport 53 accept`
                  : kind < 95
                    ? `${v4} counter drop`
                    : `# ${hostName(from)} asks ${hostName(to)}`;
  return `        ${rule}`;
}

/** Where a letter typed into a rule's verdict breaks it: `accept` becomes `accxept`. */
const inVerdict = (line: string): number => {
  const at = /^ {8}i.* (?:accept|drop)(?: comment .*)?$/.test(line) ? line.search(/ (?:accept|drop)(?: comment .*)?$/) : -1;
  return at < 0 ? -1 : at + 4;
};

export function nftablesDocument(lines: number, edits: number): BenchDocument {
  const text = nftablesText(lines);
  return {
    name: `nftables ${lines}`,
    file: `nftables-${lines}/hub.nft`,
    languageId: 'nftables',
    text,
    places: places(text, edits / 2, 'x', inVerdict),
  };
}

/** The same file, and the hardest key to type in it: a brace that is open to the end of the file. */
export function nftablesBraceDocument(lines: number, edits: number): BenchDocument {
  const text = nftablesText(lines);
  return {
    name: `nftables ${lines}, {`,
    file: `nftables-${lines}-brace/hub.nft`,
    languageId: 'nftables',
    text,
    places: places(text, edits / 2, '{', (line) => (/^ {8}i.* accept$/.test(line) ? line.length : -1)),
  };
}
