// The keys of systemd.netdev(5) and systemd.network(5) that speak of a WireGuard interface. Their case counts.
import type { KeyRow } from '../vocabulary.ts';
import type { HeaderRow } from './header.ts';

type Row = Omit<KeyRow, 'section' | 'tool' | 'header' | 'repeated'> & { readonly repeated?: KeyRow['repeated'] };

function rows(header: string, section: KeyRow['section'], list: readonly Row[]): readonly KeyRow[] {
  return list.map((row) => ({ repeated: 'replaces', ...row, header, section, tool: 'networkd' }));
}

const off = [{ text: 'off', says: 'None' }] as const;

const routeTable: Row = {
  name: 'RouteTable',
  value: 'word',
  says: 'The routing table for the routes that AllowedIPs make: `main`, a number, a name. `off`, which it is unless written, adds none: unlike wg-quick, networkd makes no routes by itself.',
  example: 'RouteTable=main',
  values: [{ text: 'main', says: 'The main table' }, ...off],
};
const routeMetric: Row = {
  name: 'RouteMetric',
  value: 'count',
  says: 'The priority of the routes that AllowedIPs make: the lower one is taken.',
  example: 'RouteMetric=100',
};

export const networkdHeaders: readonly HeaderRow[] = [
  {
    name: 'NetDev',
    is: null,
    says: 'The network device that systemd-networkd makes.',
    complete: false,
    keys: rows('NetDev', 'Interface', [
      {
        name: 'Name',
        value: 'device',
        says: 'The interface’s name; the .network file with the same `Name=` gives it addresses.',
        example: 'Name=wg0',
      },
      {
        name: 'Kind',
        value: 'word',
        says: 'What kind of device it is. The other sections of this file count only for theirs.',
        example: 'Kind=wireguard',
        values: [{ text: 'wireguard', says: 'A WireGuard interface' }],
      },
      { name: 'Description', value: 'word', says: 'A note for people.', example: 'Description=the mesh' },
      { name: 'MTUBytes', value: 'word', says: 'The largest packet inside the tunnel, in bytes.', example: 'MTUBytes=1420' },
    ]),
  },
  {
    name: 'WireGuard',
    is: 'Interface',
    says: 'This host’s end of the tunnel: its private key and its port. Its addresses stand in the .network file.',
    complete: true,
    keys: rows('WireGuard', 'Interface', [
      {
        name: 'PrivateKey',
        value: 'private-key',
        says: 'This host’s identity, 32 bytes in base64 (`wg genkey`), or `@` and the name of a credential. What networkd cannot read it ignores, and the interface comes up without a key. Better kept in a file: `PrivateKeyFile=`.',
        example: 'PrivateKey=@network.wireguard.private.wg0',
      },
      {
        name: 'PrivateKeyFile',
        value: 'private-key-file',
        says: 'The absolute path of a file that holds the private key. networkd does not run as root: the file must be readable for its group, root:systemd-network with mode 0640. It counts before `PrivateKey=`.',
        example: 'PrivateKeyFile=/etc/systemd/network/wg0.key',
      },
      {
        name: 'ListenPort',
        as: 'ListenPort',
        value: 'port',
        says: 'The UDP port this host waits on. Without it, or with `auto`, a free port is chosen, so nobody can dial in.',
        example: 'ListenPort=51820',
        values: [
          { text: '51820', says: 'The usual port' },
          { text: 'auto', says: 'Any free port' },
        ],
      },
      {
        name: 'FirewallMark',
        value: 'count',
        says: 'A 32-bit mark on the encrypted packets, for routing rules and firewalls to tell them from what goes inside.',
        example: 'FirewallMark=51820',
      },
      { name: 'FwMark', value: 'count', says: 'The old name of `FirewallMark=`.', example: 'FirewallMark=51820' },
      routeTable,
      routeMetric,
    ]),
  },
  {
    name: 'WireGuardPeer',
    is: 'Peer',
    says: 'One other host: the key that identifies it, the addresses it may use, and where to find it.',
    complete: true,
    keys: rows('WireGuardPeer', 'Peer', [
      {
        name: 'PublicKey',
        value: 'public-key',
        says: 'Who this peer is: the public half of its private key (`wg pubkey`). A peer without a readable one is left out. No secret.',
        example: 'PublicKey=<wg pubkey>',
      },
      {
        name: 'PublicKeyFile',
        value: 'public-key-file',
        says: 'The absolute path of a file that holds the peer’s public key.',
        example: 'PublicKeyFile=/etc/systemd/network/hub.pub',
      },
      {
        name: 'PresharedKey',
        value: 'preshared-key',
        says: 'A secret that both ends mix into the handshake (`wg genpsk`), or `@` and the name of a credential. What networkd cannot read it ignores, and the peer is loaded without one. Better kept in a file: `PresharedKeyFile=`.',
        example: 'PresharedKey=@network.wireguard.hub.psk',
      },
      {
        name: 'PresharedKeyFile',
        value: 'preshared-key-file',
        says: 'The absolute path of a file that holds the preshared key, readable for systemd-network (root:systemd-network, mode 0640). Where it cannot be read, the peer is left out.',
        example: 'PresharedKeyFile=/etc/systemd/network/hub.psk',
      },
      {
        name: 'AllowedIPs',
        value: 'allowed-ips',
        repeated: 'adds',
        says: 'Which addresses this peer may be; commas or spaces between them. A packet from it is taken only if its source is in here, and a packet to an address in here is sent to it. networkd makes no routes of it unless `RouteTable=` says so.',
        example: 'AllowedIPs=10.10.0.7/32',
      },
      {
        name: 'Endpoint',
        value: 'endpoint',
        says: 'Where to send to reach this peer: an address or a name, a colon, a UDP port; IPv6 in brackets; or `@` and the name of a credential.',
        example: 'Endpoint=hub.example.net:51820',
      },
      {
        name: 'PersistentKeepalive',
        as: 'PersistentKeepalive',
        value: 'keepalive',
        says: 'Send an empty packet every so many seconds, so that a NAT on the way keeps the path open.',
        example: 'PersistentKeepalive=25',
        values: [{ text: '25', says: 'For a host behind NAT' }, ...off],
      },
      routeTable,
      routeMetric,
    ]),
  },
  {
    name: 'Match',
    is: null,
    says: 'Which interfaces this file is for.',
    complete: false,
    keys: rows('Match', 'Interface', [
      { name: 'Name', value: 'device-match', says: 'Their names, with `*` for any text; spaces between them.', example: 'Name=wg0' },
    ]),
  },
  {
    name: 'Network',
    is: null,
    says: 'Addresses and other network settings of the interface.',
    complete: false,
    keys: rows('Network', 'Interface', [
      {
        name: 'Address',
        value: 'addresses',
        repeated: 'adds',
        says: 'An address of this host in the tunnel, with the length of its network; one a line.',
        example: 'Address=10.10.0.1/24',
      },
    ]),
  },
  {
    name: 'Address',
    is: null,
    says: 'One address of the interface.',
    complete: false,
    keys: rows('Address', 'Interface', [
      {
        name: 'Address',
        value: 'addresses',
        says: 'An address of this host in the tunnel, with the length of its network.',
        example: 'Address=10.10.0.1/24',
      },
    ]),
  },
];
