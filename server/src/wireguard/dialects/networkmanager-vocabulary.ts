// The keys of a WireGuard profile of NetworkManager, as nm-settings-keyfile(5) writes them.
import type { KeyRow } from '../vocabulary.ts';
import type { HeaderRow } from './header.ts';

type Row = Omit<KeyRow, 'section' | 'tool' | 'header' | 'repeated'>;

function rows(header: string, section: KeyRow['section'], list: readonly Row[]): readonly KeyRow[] {
  return list.map((row) => ({ repeated: 'replaces', ...row, header, section, tool: 'NetworkManager' }));
}

const yesNo = [
  { text: 'true', says: 'Yes' },
  { text: 'false', says: 'No' },
] as const;
const flags = [
  { text: '0', says: 'The secret stands in this file' },
  { text: '1', says: 'The user’s own agent keeps it' },
  { text: '2', says: 'Asked for at each start' },
  { text: '4', says: 'There is none' },
] as const;

function addresses(name: 'ipv4' | 'ipv6', example: string): HeaderRow {
  return {
    name,
    is: null,
    says: `The ${name === 'ipv4' ? 'IPv4' : 'IPv6'} addresses and routes of the interface.`,
    complete: false,
    keys: rows(name, 'Interface', [
      {
        name: 'address1',
        value: 'addresses',
        says: 'An address of this host in the tunnel, with the length of its network. Further ones are address2, address3 and so on.',
        example: `address1=${example}`,
      },
      {
        name: 'method',
        value: 'word',
        says: 'Where addresses come from.',
        example: 'method=manual',
        values: [
          { text: 'manual', says: 'From this file' },
          { text: 'disabled', says: 'No such addresses' },
        ],
      },
    ]),
  };
}

export const networkManagerHeaders: readonly HeaderRow[] = [
  {
    name: 'connection',
    is: null,
    says: 'The profile: its name, its type, and the interface it makes.',
    complete: false,
    keys: rows('connection', 'Interface', [
      { name: 'id', value: 'word', says: 'The profile’s name, for people.', example: 'id=mesh' },
      {
        name: 'type',
        value: 'word',
        says: 'What kind of connection it is.',
        example: 'type=wireguard',
        values: [{ text: 'wireguard', says: 'A WireGuard interface' }],
      },
      { name: 'interface-name', value: 'device', says: 'The interface’s name.', example: 'interface-name=wg0' },
    ]),
  },
  {
    name: 'wireguard',
    is: 'Interface',
    says: 'This host’s end of the tunnel: its private key and its port. Its addresses stand in [ipv4] and [ipv6].',
    complete: true,
    keys: rows('wireguard', 'Interface', [
      {
        name: 'private-key',
        value: 'private-key',
        says: 'This host’s identity, 32 bytes in base64 (`wg genkey`). It stands in this file, which only root may read (mode 0600), unless `private-key-flags` says otherwise.',
        example: 'private-key=<wg genkey>',
      },
      { name: 'private-key-flags', value: 'word', says: 'Where the private key is kept.', example: 'private-key-flags=0', values: flags },
      {
        name: 'listen-port',
        as: 'ListenPort',
        value: 'port',
        says: 'The UDP port this host waits on. Without it a free port is chosen, so nobody can dial in.',
        example: 'listen-port=51820',
        values: [{ text: '51820', says: 'The usual port' }],
      },
      { name: 'fwmark', value: 'count', says: 'A 32-bit mark on the encrypted packets; 0 sets none.', example: 'fwmark=0' },
      { name: 'mtu', value: 'count', says: 'The largest packet inside the tunnel, in bytes; 0 for the usual one.', example: 'mtu=1420' },
      {
        name: 'peer-routes',
        value: 'word',
        says: 'Whether AllowedIPs become routes; they do unless this is false.',
        example: 'peer-routes=true',
        values: yesNo,
      },
      {
        name: 'ip4-auto-default-route',
        value: 'word',
        says: 'Whether a peer with 0.0.0.0/0 gets the special routing that a default route through the tunnel needs; it does unless this is 0.',
        example: 'ip4-auto-default-route=1',
      },
      {
        name: 'ip6-auto-default-route',
        value: 'word',
        says: 'Whether a peer with ::/0 gets the special routing that a default route through the tunnel needs; it does unless this is 0.',
        example: 'ip6-auto-default-route=1',
      },
    ]),
  },
  {
    name: 'wireguard-peer.',
    is: 'Peer',
    keyed: true,
    says: 'One other host. Its public key is a part of this header.',
    complete: true,
    keys: rows('wireguard-peer.…', 'Peer', [
      {
        name: 'endpoint',
        value: 'endpoint',
        says: 'Where to send to reach this peer: an address or a name, a colon, a UDP port; IPv6 in brackets.',
        example: 'endpoint=hub.example.net:51820',
      },
      {
        name: 'preshared-key',
        value: 'preshared-key',
        says: 'A secret that both ends mix into the handshake (`wg genpsk`). Without `preshared-key-flags=0` beside it NetworkManager drops it without a word.',
        example: 'preshared-key=<wg genpsk>',
      },
      {
        name: 'preshared-key-flags',
        value: 'secret-flags',
        says: 'Where the preshared key is kept. Unless written it is 4, there is none: a `preshared-key` in this file counts only with 0.',
        example: 'preshared-key-flags=0',
        values: flags,
      },
      {
        name: 'persistent-keepalive',
        as: 'PersistentKeepalive',
        value: 'keepalive',
        says: 'Send an empty packet every so many seconds, so that a NAT on the way keeps the path open.',
        example: 'persistent-keepalive=25',
        values: [{ text: '25', says: 'For a host behind NAT' }],
      },
      {
        name: 'allowed-ips',
        value: 'allowed-ips',
        says: 'Which addresses this peer may be, with `;` between them. A packet from it is taken only if its source is in here, and a packet to an address in here is sent to it.',
        example: 'allowed-ips=10.10.0.7/32;',
      },
    ]),
  },
  addresses('ipv4', '10.10.0.1/24'),
  addresses('ipv6', 'fd00:10::1/64'),
];
