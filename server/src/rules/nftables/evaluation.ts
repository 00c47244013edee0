// What nft refuses once it has read a ruleset and looks at what it means: a name, a severity and a page for each kind (server/src/nftables/check/).
import type { SyntaxRule } from '../rule.ts';

const inChain = (line: string, chain = 'type filter hook input priority filter; policy drop;'): string =>
  `table inet filter {\n\tchain input {\n\t\t${chain}\n\t\t${line}\n\t}\n}\n`;

const once = 'nft loads a file as a whole or not at all, so one such line keeps the old rules, or none.';

export const evaluationRules: readonly SyntaxRule[] = [
  {
    id: 'nftables/undefined-name',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A chain, set, map, object or variable that is not there.',
      why: `What a rule names must stand in the same table, and a variable must be defined above. ${once} Nothing is said of tables that the file does not make, and of files that include others: there the name may be known.`,
      examples: [
        {
          bad: `define allowed = { 22, 443 }\n${inChain('tcp dport $allowed accept\n\t\tudp dport $alowed accept')}`,
          good: `define allowed = { 22, 443 }\n${inChain('tcp dport $allowed accept\n\t\tudp dport $allowed accept')}`,
        },
        {
          bad: 'table inet filter {\n\tset peers {\n\t\ttype ipv4_addr\n\t}\n\tchain forward {\n\t\tip saddr @peer accept\n\t}\n}\n',
          good: 'table inet filter {\n\tset peers {\n\t\ttype ipv4_addr\n\t}\n\tchain forward {\n\t\tip saddr @peers accept\n\t}\n}\n',
        },
      ],
    },
  },
  {
    id: 'nftables/duplicate-name',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A name that stands for something else already.',
      why: `A variable is defined once, sets and maps of a table share their names, and a chain has one hook. Blocks of the same name are joined where they say the same. ${once}`,
      examples: [{ bad: 'define lan = eth0\ndefine lan = eth1\n', good: 'define lan = eth0\nredefine lan = eth1\n' }],
    },
  },
  {
    id: 'nftables/type-mismatch',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A value of another type than the place wants.',
      why: `An address is compared with addresses, a port with ports, and a set is asked for what it holds. ${once}`,
      examples: [
        { bad: inChain('ip saddr fd00::1 accept'), good: inChain('ip6 saddr fd00::1 accept') },
        { bad: inChain('tcp dport 80,443 accept'), good: inChain('tcp dport { 80,443 } accept') },
      ],
    },
  },
  {
    id: 'nftables/invalid-value',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A word that is no value of its type.',
      why: `Most types have names of their own (\`established\`, \`echo-request\`), and nft knows no others. ${once}`,
      examples: [{ bad: inChain('ct state establised accept'), good: inChain('ct state established accept') }],
    },
  },
  {
    id: 'nftables/value-out-of-range',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A number that does not fit, or a range that ends before it begins.',
      why: `Each field of a header has its bits: a port 16, a TTL 8, a class of service 6. ${once}`,
      examples: [
        { bad: inChain('udp dport 518200 accept'), good: inChain('udp dport 51820 accept') },
        { bad: inChain('tcp dport 9000-8000 accept'), good: inChain('tcp dport 8000-9000 accept') },
      ],
    },
  },
  {
    id: 'nftables/protocol-conflict',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A rule about two protocols that no packet has at once.',
      why: `What a rule looks at says what the packet must be: \`tcp dport\` asks for TCP, \`ip saddr\` for IPv4. All of a rule must hold, so a rule that asks for two of a layer can never match. ${once}`,
      examples: [
        { bad: inChain('tcp dport 53 udp dport 53 accept'), good: inChain('meta l4proto { tcp, udp } th dport 53 accept') },
        {
          bad: 'table ip6 filter {\n\tchain c {\n\t\tip saddr 10.10.0.1 accept\n\t}\n}\n',
          good: 'table inet filter {\n\tchain c {\n\t\tip saddr 10.10.0.1 accept\n\t}\n}\n',
        },
      ],
    },
  },
  {
    id: 'nftables/wrong-place',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A statement, hook or priority in a chain or table that has none of it.',
      why: 'The kernel takes some statements only at certain hooks: the source is translated behind the route, the destination before it. `nft -c` of older versions does not notice, and loading the file fails.',
      examples: [
        {
          bad: 'table ip nat {\n\tchain out {\n\t\ttype nat hook prerouting priority dstnat;\n\t\toifname "eth0" masquerade\n\t}\n}\n',
          good: 'table ip nat {\n\tchain out {\n\t\ttype nat hook postrouting priority srcnat;\n\t\toifname "eth0" masquerade\n\t}\n}\n',
        },
        {
          bad: 'table ip nat {\n\tchain out {\n\t\ttype nat hook forward priority 0;\n\t}\n}\n',
          good: 'table ip nat {\n\tchain out {\n\t\ttype nat hook output priority 0;\n\t}\n}\n',
        },
      ],
    },
  },
  {
    id: 'nftables/wrong-kind',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A set where a map is needed, or the other way round.',
      why: `A set says whether something is in it, a map gives something for it: \`vmap\` a verdict, \`map\` a value. ${once}`,
      examples: [
        {
          bad: 'table inet filter {\n\tset peers {\n\t\ttype ipv4_addr\n\t}\n\tchain forward {\n\t\tip saddr vmap @peers\n\t}\n}\n',
          good: 'table inet filter {\n\tmap peers {\n\t\ttype ipv4_addr : verdict\n\t}\n\tchain forward {\n\t\tip saddr vmap @peers\n\t}\n}\n',
        },
      ],
    },
  },
  {
    id: 'nftables/bad-set',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A set that does not say what it holds, or holds what it is not made for.',
      why: `A set has a type, and it holds ranges and prefixes only with \`flags interval\`. ${once}`,
      examples: [
        {
          bad: 'table inet filter {\n\tset peers {\n\t\ttype ipv4_addr\n\t\telements = { 10.10.0.0/24 }\n\t}\n}\n',
          good: 'table inet filter {\n\tset peers {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\telements = { 10.10.0.0/24 }\n\t}\n}\n',
        },
      ],
    },
  },
  {
    id: 'nftables/conflicting-elements',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'Elements that overlap.',
      why: `A map gives one thing for each key, and a set with intervals joins nothing by itself: \`auto-merge\` makes it. ${once}`,
      examples: [
        {
          bad: inChain('tcp dport vmap { 1000-2000 : accept, 1500-2500 : drop }'),
          good: inChain('tcp dport vmap { 1000-1499 : accept, 1500-2500 : drop }'),
        },
      ],
    },
  },
  {
    id: 'nftables/bad-object',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A conntrack object that lacks a setting, or has one its protocol does not know.',
      why: `An expectation needs its protocol, port, timeout and size; a timeout policy names states of its protocol. ${once}`,
      examples: [
        {
          bad: 'table ip filter {\n\tct expectation back {\n\t\tprotocol tcp\n\t\tdport 5060\n\t\ttimeout 30s\n\t}\n}\n',
          good: 'table ip filter {\n\tct expectation back {\n\t\tprotocol tcp\n\t\tdport 5060\n\t\ttimeout 30s\n\t\tsize 8\n\t}\n}\n',
        },
      ],
    },
  },
  {
    id: 'nftables/after-verdict',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A statement behind the one that ends its rule.',
      why: `accept, drop, return, jump, goto, reject, queue and the translations of addresses end a rule; only a comment may follow. ${once}`,
      examples: [{ bad: inChain('tcp dport 22 accept counter'), good: inChain('tcp dport 22 counter accept') }],
    },
  },
  {
    id: 'nftables/jumps',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'Chains that jump in a circle, or too deep.',
      why: 'The kernel follows all jumps from its hooks on as a ruleset is loaded, and refuses a circle and more than 15 jumps one behind the other. `nft -c` of older versions does not notice.',
      examples: [
        {
          bad: 'table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t\tjump a\n\t}\n\tchain a {\n\t\tjump b\n\t}\n\tchain b {\n\t\tjump a\n\t}\n}\n',
          good: 'table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t\tjump a\n\t}\n\tchain a {\n\t\tjump b\n\t}\n\tchain b {\n\t\treturn\n\t}\n}\n',
        },
      ],
    },
  },
  {
    id: 'nftables/conflicting-options',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'Options of a statement that exclude one another.',
      why: `A log line goes to the kernel's log (\`level\`, \`flags\`) or to a listener (\`group\`), not to both. ${once}`,
      examples: [{ bad: inChain('log level info group 2'), good: inChain('log group 2') }],
    },
  },
  {
    id: 'nftables/newer-version',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'Syntax newer than the version of nft that is set.',
      why: 'An older nft refuses the whole file for one word it does not know. `meshwarden.nftables.version`, or `--nft-version` on the command line, says which version the files are written for; without it, it is the newest, and this rule says nothing.',
      examples: [
        {
          nftVersion: '1.0.6',
          bad: 'destroy table inet old\ntable inet filter {\n}\n',
          good: 'table inet old\ndelete table inet old\ntable inet filter {\n}\n',
        },
      ],
    },
  },
  {
    id: 'nftables/depends-on-machine',
    severity: 'info',
    scope: 'syntax',
    docs: {
      summary: 'Something that must be there on the machine when the file is loaded.',
      why: 'nft looks up host names, users and groups once, as it loads a file, and loads nothing if one is missing: at boot that is a host without its rules. A number needs no look-up. The same holds for a table that the file adds to and does not make.',
      examples: [{ bad: inChain('meta skuid "deploy-bot" accept'), good: inChain('meta skuid 998 accept') }],
    },
  },
];
