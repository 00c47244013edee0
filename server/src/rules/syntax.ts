// The rules whose findings the parsers tell: a name, a severity and a page for each. What may stand instead comes with the problem.

import { wholeLine } from './lines.ts';
import type { SyntaxRule } from './rule.ts';

export const syntaxRules: readonly SyntaxRule[] = [
  {
    id: 'wireguard/syntax',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A line that wg cannot read.',
      why: 'A WireGuard config has `[Interface]` and `[Peer]` headers, `Key = value` lines and `#` comments, nothing else. wg stops at the first line it cannot read and loads nothing.',
      examples: [
        { bad: '// the hub\n[Interface]\nListenPort = 51820\n', good: '# the hub\n[Interface]\nListenPort = 51820\n' },
        { bad: '[Interface]\nListenPort: 51820\n', good: '[Interface]\nListenPort = 51820\n' },
      ],
    },
  },
  {
    id: 'wireguard/unknown-section',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A section that wg does not know.',
      why: 'There are two sections, `[Interface]` and `[Peer]`, and a `[Peer]` for each peer.',
      examples: [{ bad: '[Interfaces]\nListenPort = 51820\n', good: '[Interface]\nListenPort = 51820\n' }],
    },
  },
  {
    id: 'wireguard/unknown-key',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A key that neither wg nor wg-quick knows.',
      why: 'wg refuses the whole file for one unknown key. Names of peers and notes belong in comments.',
      examples: [{ bad: '[Interface]\nListnPort = 51820\n', good: '[Interface]\nListenPort = 51820\n' }],
    },
  },
  {
    id: 'wireguard/misplaced-key',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A key in a section it does not belong to.',
      why: 'Keys of this host stand in `[Interface]`, keys of another host in its `[Peer]`. wg-quick looks for its own keys (Address, DNS, MTU, Table, hooks, SaveConfig) only below an exact `[Interface]`.',
      examples: [{ bad: 'ListenPort = 51820\n[Interface]\n', good: '[Interface]\nListenPort = 51820\n' }],
    },
  },
  {
    id: 'wireguard/invalid-value',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A value that the tool refuses, or that fails when the interface comes up.',
      why: 'wg refuses the whole file for one value it cannot read. What wg-quick only hands on (an Address, an MTU, a hook) fails when the interface comes up.',
      examples: [
        { bad: '[Interface]\nFwMark = CA6C\n', good: '[Interface]\nFwMark = 0xca6c\n' },
        { bad: '[Interface]\nAddress = 10.10.0/24\n', good: '[Interface]\nAddress = 10.10.0.1/24\n' },
      ],
    },
  },
  {
    id: 'wireguard/cut-value',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A port that does not fit, and is cut without a word.',
      why: 'Ports have 16 bits. wg takes a larger number and keeps its last 16 bits: 65536 becomes 0, which means any free port.',
      examples: [{ bad: '[Interface]\nListenPort = 65536\n', good: '[Interface]\nListenPort = 51820\n' }],
    },
  },
  {
    id: 'wireguard/inner-space',
    severity: 'warning',
    scope: 'syntax',
    docs: {
      summary: 'Spaces inside a word, which wg deletes.',
      why: 'wg deletes all white space of a line before it looks at it (config.c, config_read_line): `Listen Port = 1 2 3 4` is port 1234, and `10.10.0.1 1/32` is 10.10.0.11. wg-quick, NetworkManager and the apps do not.',
      examples: [
        { bad: '[Interface]\nListen Port = 51820\n', good: '[Interface]\nListenPort = 51820\n' },
        { bad: '[Interface]\nListenPort = 518 20\n', good: '[Interface]\nListenPort = 51820\n' },
      ],
    },
    // where the parser has no word to suggest: the spaces go, and what they stand between is left as it is, be it a secret
    fix: (finding, context) =>
      finding.suggest.length > 0
        ? []
        : [
            {
              title: 'Remove the spaces, as wg does',
              safety: 'safe',
              preferred: true,
              edits: [
                ...context
                  .text(finding.uri)
                  .slice(finding.span.start, finding.span.end)
                  .matchAll(/[ \t\v\f\r]+/g),
              ].map((match) => ({
                uri: finding.uri,
                span: { start: finding.span.start + match.index, end: finding.span.start + match.index + match[0].length },
                text: '',
              })),
            },
          ],
  },
  {
    id: 'wireguard/endpoint-reads-otherwise',
    severity: 'warning',
    scope: 'syntax',
    docs: {
      summary: 'An Endpoint’s address that wg reads otherwise than people do.',
      why: 'wg gives the host to getaddrinfo(3), which takes every form of inet_aton(3): `010.0.0.1` is octal and means 8.0.0.1, `10.1` is 10.0.0.1, `0x7f000001` is 127.0.0.1. AllowedIPs refuse all of these.',
      examples: [
        {
          bad: '[Interface]\nPostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /k\n[Peer]\nPublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=\nAllowedIPs = 10.10.0.7/32\nEndpoint = 010.0.0.1:51820\n',
          good: '[Interface]\nPostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /k\n[Peer]\nPublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=\nAllowedIPs = 10.10.0.7/32\nEndpoint = 8.0.0.1:51820\n',
        },
      ],
    },
  },
  {
    id: 'wireguard/signed-allowed-ips',
    severity: 'warning',
    scope: 'syntax',
    docs: {
      summary: 'A + or - before an AllowedIPs entry, which is meant for wg set.',
      why: 'Since 1.0.20250521 wg adds an entry with `+` and takes one away with `-`, for `wg set` on a running interface (config.c, parse_ip_prefix). In a config that is loaded at the start there is nothing to add to or to take from, and older versions refuse the file.',
      examples: [
        {
          bad: '[Interface]\nPostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /k\n[Peer]\nPublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=\nAllowedIPs = +10.10.0.7/32\n',
          good: '[Interface]\nPostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /k\n[Peer]\nPublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=\nAllowedIPs = 10.10.0.7/32\n',
        },
      ],
    },
  },
  {
    id: 'wireguard/dns-not-a-server',
    severity: 'warning',
    scope: 'syntax',
    docs: {
      summary: 'A DNS entry that is taken for something else than it looks like.',
      why: 'wg-quick takes digits and dots, and all that has a colon, for a resolver’s address, and everything else for a search domain (linux.bash, parse_options). `1.1.1.1/32` or `1.1.1.1;8.8.8.8` become search domains, so that no resolver is set; `1.1.1` is handed on as one. Commas or spaces stand between entries.',
      examples: [{ bad: '[Interface]\nDNS = 10.10.0.1/32\n', good: '[Interface]\nDNS = 10.10.0.1\n' }],
    },
  },
  {
    id: 'wireguard/empty-value',
    severity: 'hint',
    scope: 'syntax',
    docs: {
      summary: 'A key of wg-quick without a value, which does nothing.',
      why: 'wg refuses a key without a value, wg-quick takes it as if the line were not there. A generator whose variable was empty leaves such lines.',
      examples: [{ bad: '[Interface]\nDNS =\n', good: '[Interface]\n' }],
    },
    fix: (finding, context) => [
      {
        title: 'Remove this line',
        safety: 'safe',
        preferred: true,
        edits: [{ uri: finding.uri, span: wholeLine(context.text(finding.uri), finding.span.start), text: '' }],
      },
    ],
  },
  {
    id: 'wireguard/hook-cut',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A hook that wg-quick cuts at a #.',
      why: 'Before 1.0.20260223 wg-quick took all that follows a `#` for a comment, also inside a word or quotation marks, and gave bash the rest. Told where `meshwarden.wireguard.version` (`--wg-version`) names such a version.',
      examples: [
        {
          bad: '[Interface]\nPostUp = echo "tunnel #1 is up"\n',
          good: '[Interface]\nPostUp = echo "tunnel 1 is up"\n',
          wgVersion: '1.0.20250521',
        },
      ],
    },
  },
  {
    id: 'wireguard/ignored-line',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A line that systemd-networkd or NetworkManager leaves out without refusing the file.',
      why: [
        'wg refuses a whole file for one wrong value; systemd-networkd and NetworkManager write a warning to their log, leave the line out and bring the interface up without it. So a preshared key that cannot be read is no preshared key, and a peer with an unreadable public key is no peer: nothing fails, and nothing protects.',
        '',
        'In a `.netdev` file `PresharedKey=` takes the key itself or `@credential`; a path belongs to `PresharedKeyFile=`. The case of keys counts, and there are no comments behind a value.',
      ].join('\n'),
      examples: [
        {
          bad: `-- wg0.netdev --
[NetDev]
Name=wg0
Kind=wireguard

[WireGuard]
PrivateKeyFile=/etc/systemd/network/wg0.key

[WireGuardPeer]
PublicKey=7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
PresharedKey=/etc/systemd/network/laptop.psk
AllowedIPs=10.10.0.7/32
`,
          good: `-- wg0.netdev --
[NetDev]
Name=wg0
Kind=wireguard

[WireGuard]
PrivateKeyFile=/etc/systemd/network/wg0.key

[WireGuardPeer]
PublicKey=7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
PresharedKeyFile=/etc/systemd/network/laptop.psk
AllowedIPs=10.10.0.7/32
`,
        },
      ],
    },
  },
  {
    id: 'wireguard/placeholders',
    severity: 'info',
    scope: 'syntax',
    docs: {
      summary: 'A config with something to be filled in.',
      why: '`{{ key }}`, `$KEY` (with or without braces) and `<your key>` are for a program or a person to fill in; wg takes none of them. The lines that hold them are not checked, and the file is told once. A file that is named as a template (`wg0.conf.j2`) gets a hint only.',
      examples: [
        {
          bad: '[Interface]\nPrivateKey = {{ wg_private_key }}\nAddress = 10.10.0.1/24\nListenPort = $WG_PORT\n',
          good: '[Interface]\nPostUp = wg set %i private-key /etc/wireguard/wg0.key\nAddress = 10.10.0.1/24\nListenPort = 51820\n',
        },
      ],
    },
  },
  {
    id: 'nftables/syntax',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'Text that nft cannot read.',
      why: 'nft loads a file as a whole or not at all. A statement ends at a new line or `;`, also before a `}`.',
      examples: [
        {
          bad: 'table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t\ttcp dport 22 acept\n\t}\n}\n',
          good: 'table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t\ttcp dport 22 accept\n\t}\n}\n',
        },
      ],
    },
  },
  {
    id: 'nftables/line-endings',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'Lines end with CR LF, as on Windows, and nft refuses them.',
      why: 'nft takes the carriage return for a part of the text. Save the file with LF line endings.',
      examples: [{ bad: 'table inet filter {\r\n}\r\n', good: 'table inet filter {\n}\n' }],
    },
    fix: (finding, context) => {
      const text = context.text(finding.uri);
      const edits = [...text.matchAll(/\r+(?=\n|$)/g)].map((match) => ({
        uri: finding.uri,
        span: { start: match.index, end: match.index + match[0].length },
        text: '',
      }));
      return [{ title: 'Change all line endings to LF', safety: 'safe', preferred: true, edits }];
    },
  },
];
