// The keys of wg(8) and wg-quick(8): what the parser expects, what hover and completion say, what the grammar colours.

export type SectionName = 'Interface' | 'Peer';

/** How a value is read. */
export type ValueKind =
  | 'private-key'
  | 'preshared-key'
  | 'public-key'
  | 'allowed-ips'
  | 'addresses'
  | 'endpoint'
  | 'port'
  | 'fwmark'
  | 'keepalive'
  | 'mtu'
  | 'table'
  | 'dns'
  | 'boolean'
  | 'hook'
  // of dialects
  | 'private-key-file'
  | 'preshared-key-file'
  | 'public-key-file'
  | 'secret-flags'
  | 'device'
  | 'device-match'
  | 'count'
  | 'word';

export interface KeyRow {
  readonly name: string;
  readonly section: SectionName;
  /** Who reads the line: wg-quick takes its keys out before wg sees the file. */
  readonly tool: 'wg' | 'wg-quick' | 'AmneziaWG' | 'networkd' | 'NetworkManager';
  /** What stands in the brackets above it, where a dialect calls its sections otherwise. */
  readonly header?: string;
  /** The key of wg that it is, where a dialect calls it otherwise. */
  readonly as?: string;
  readonly value: ValueKind;
  /** Whether another line with the same key adds to it, or replaces it. */
  readonly repeated: 'adds' | 'replaces';
  /** What it means, in a sentence or two. */
  readonly says: string;
  readonly example: string;
  /** Values that can be offered. */
  readonly values?: readonly { readonly text: string; readonly says: string }[];
}

export interface SectionRow {
  readonly name: SectionName;
  readonly says: string;
}

export const sections: readonly SectionRow[] = [
  {
    name: 'Interface',
    says: 'This host’s end of the tunnel: its private key, its addresses, and what to do when it comes up or goes down.',
  },
  { name: 'Peer', says: 'One other host: the key that identifies it, the addresses it may use, and where to find it.' },
];

export const keys: readonly KeyRow[] = [
  {
    name: 'PrivateKey',
    section: 'Interface',
    tool: 'wg',
    value: 'private-key',
    repeated: 'replaces',
    says: 'This host’s identity, 32 bytes in base64 (`wg genkey`). Whoever reads it can be this host. wg takes no path here; to keep the key in a file of its own, leave the line out and write `PostUp = wg set %i private-key FILE`.',
    example: 'PrivateKey = <wg genkey>',
  },
  {
    name: 'ListenPort',
    section: 'Interface',
    tool: 'wg',
    value: 'port',
    repeated: 'replaces',
    says: 'The UDP port this host waits on. Without it a free port is chosen at each start, so nobody can dial in.',
    example: 'ListenPort = 51820',
    values: [{ text: '51820', says: 'The usual port' }],
  },
  {
    name: 'FwMark',
    section: 'Interface',
    tool: 'wg',
    value: 'fwmark',
    repeated: 'replaces',
    says: 'A 32-bit mark on the encrypted packets, for routing rules and firewalls to tell them from what goes inside. 0 or `off` sets none.',
    example: 'FwMark = 0xca6c',
    values: [{ text: 'off', says: 'No mark' }],
  },
  {
    name: 'Address',
    section: 'Interface',
    tool: 'wg-quick',
    value: 'addresses',
    repeated: 'adds',
    says: 'This host’s own addresses in the tunnel, each with the length of its network; commas or spaces between them. `/24` makes the whole network a connected route, `/32` only this host.',
    example: 'Address = 10.10.0.1/24, fd00:10::1/64',
  },
  {
    name: 'DNS',
    section: 'Interface',
    tool: 'wg-quick',
    value: 'dns',
    repeated: 'adds',
    says: 'Resolvers (addresses) and search domains (names) to use while the tunnel is up.',
    example: 'DNS = 10.10.0.1, corp.example',
  },
  {
    name: 'MTU',
    section: 'Interface',
    tool: 'wg-quick',
    value: 'mtu',
    repeated: 'replaces',
    says: 'The largest packet inside the tunnel, in bytes. Chosen by itself (the path’s less 80, usually 1420). Below 1280 the kernel takes IPv6 away from the interface.',
    example: 'MTU = 1420',
    values: [
      { text: '1420', says: 'What an Ethernet path gives' },
      { text: '1280', says: 'The least that IPv6 needs' },
    ],
  },
  {
    name: 'Table',
    section: 'Interface',
    tool: 'wg-quick',
    value: 'table',
    repeated: 'replaces',
    says: 'The routing table for the routes that AllowedIPs make. `auto` is the main one, with special rules for a default route; `off` adds none.',
    example: 'Table = off',
    values: [
      { text: 'auto', says: 'The main table, and what a default route needs' },
      { text: 'off', says: 'Add no routes' },
    ],
  },
  {
    name: 'PreUp',
    section: 'Interface',
    tool: 'wg-quick',
    value: 'hook',
    repeated: 'adds',
    says: 'A command that bash runs as root before the interface is there. `%i` stands for its name.',
    example: 'PreUp = sysctl -q -w net.ipv4.conf.all.rp_filter=1',
  },
  {
    name: 'PostUp',
    section: 'Interface',
    tool: 'wg-quick',
    value: 'hook',
    repeated: 'adds',
    says: 'A command that bash runs as root once the interface is up; if it fails, the interface is taken down again. `%i` stands for its name. The place for `wg set %i private-key FILE`.',
    example: 'PostUp = wg set %i private-key /etc/wireguard/%i.key',
  },
  {
    name: 'PreDown',
    section: 'Interface',
    tool: 'wg-quick',
    value: 'hook',
    repeated: 'adds',
    says: 'A command that bash runs as root before the interface is taken down; if it fails, the interface stays up. `%i` stands for its name.',
    example: 'PreDown = nft delete table inet ks',
  },
  {
    name: 'PostDown',
    section: 'Interface',
    tool: 'wg-quick',
    value: 'hook',
    repeated: 'adds',
    says: 'A command that bash runs as root after the interface is gone: the place to undo what PostUp did. `%i` stands for its name.',
    example: 'PostDown = nft delete table inet ks',
  },
  {
    name: 'SaveConfig',
    section: 'Interface',
    tool: 'wg-quick',
    value: 'boolean',
    repeated: 'replaces',
    says: 'With `true`, this file is overwritten with the running state when the interface goes down: comments are lost, and keys that were loaded from files are written into it.',
    example: 'SaveConfig = false',
    values: [
      { text: 'false', says: 'Leave this file alone' },
      { text: 'true', says: 'Overwrite this file at shutdown' },
    ],
  },
  {
    name: 'PublicKey',
    section: 'Peer',
    tool: 'wg',
    value: 'public-key',
    repeated: 'replaces',
    says: 'Who this peer is: the public half of its private key (`wg pubkey`). Every peer needs one. No secret.',
    example: 'PublicKey = <wg pubkey>',
  },
  {
    name: 'PresharedKey',
    section: 'Peer',
    tool: 'wg',
    value: 'preshared-key',
    repeated: 'replaces',
    says: 'A secret that both ends mix into the handshake (`wg genpsk`), so that recorded traffic stays closed even if the curve is broken one day. One for each pair of hosts; on one side only, there is no handshake and no message. wg takes no path here; from a file: `PostUp = wg set %i peer <PublicKey> preshared-key FILE`.',
    example: 'PresharedKey = <wg genpsk>',
  },
  {
    name: 'AllowedIPs',
    section: 'Peer',
    tool: 'wg',
    value: 'allowed-ips',
    repeated: 'adds',
    says: 'Which addresses this peer may be. A packet from it is taken only if its source is in here, and a packet to an address in here is sent to it: the longest prefix of all peers decides, and of two equal ones the last written. Give each host its own `/32` (IPv6 `/128`).',
    example: 'AllowedIPs = 10.10.0.7/32',
    values: [
      { text: '0.0.0.0/0', says: 'Everything in IPv4: for a client whose only peer is its way out' },
      { text: '::/0', says: 'Everything in IPv6' },
    ],
  },
  {
    name: 'Endpoint',
    section: 'Peer',
    tool: 'wg',
    value: 'endpoint',
    repeated: 'replaces',
    says: 'Where to send to reach this peer: an address or a name, a colon, a UDP port; IPv6 in brackets. A name is looked up once, at start. Without it this host waits for the peer to speak first.',
    example: 'Endpoint = hub.example.net:51820',
  },
  {
    name: 'PersistentKeepalive',
    section: 'Peer',
    tool: 'wg',
    value: 'keepalive',
    repeated: 'replaces',
    says: 'Send an empty packet every so many seconds, so that a NAT on the way keeps the path open. 25 behind NAT, otherwise leave it out.',
    example: 'PersistentKeepalive = 25',
    values: [
      { text: '25', says: 'For a host behind NAT' },
      { text: 'off', says: 'Send none' },
    ],
  },
];

const byLength = keys.reduce(
  (rows, row) => {
    rows[row.name.length] = [...(rows[row.name.length] ?? []), row];
    return rows;
  },
  [] as (readonly KeyRow[] | undefined)[],
);

/** The row of a key, whatever its case. */
export function keyRow(name: string): KeyRow | undefined {
  return keyRowAt(name, 0, name.length);
}

/** The row, one of wg's and wg-quick's or of `extra`, of the key that stands at `text[start..end]`. */
export function keyRowAt(text: string, start: number, end: number, extra?: readonly KeyRow[]): KeyRow | undefined {
  for (const row of byLength[end - start] ?? none) if (standsAt(row.name, text, start)) return row;
  return extra?.find(({ name }) => name.length === end - start && standsAt(name, text, start));
}

const none: readonly KeyRow[] = [];

const headers: readonly { readonly name: SectionName; readonly header: string }[] = sections.map(({ name }) => ({
  name,
  header: `[${name}]`,
}));

/** The section that the header at `text[start..end]` begins, whatever its case; null where it is none. */
export function sectionAt(text: string, start: number, end: number): SectionName | null {
  for (const { name, header } of headers) if (header.length === end - start && standsAt(header, text, start)) return name;
  return null;
}

/** As strcasecmp(3) compares, which knows only ASCII letters. */
function standsAt(name: string, text: string, start: number): boolean {
  if (text.startsWith(name, start)) return true;
  for (let i = 0; i < name.length; i++) {
    const unit = text.charCodeAt(start + i);
    const wanted = name.charCodeAt(i);
    if (unit !== wanted && lowerCase(unit) !== lowerCase(wanted)) return false;
  }
  return true;
}

function lowerCase(unit: number): number {
  return unit >= 65 && unit <= 90 ? unit + 32 : unit;
}
