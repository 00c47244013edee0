// A hub with three spokes, whose answers a person can tell by heart.
import { type AccessMatrix, accessMatrix } from '../../server/src/reach/matrix/matrix.ts';
import type { View } from '../../server/src/reach/way/why.ts';
import { keyPair } from './keys.ts';
import { analysed, type TextFiles, uriOf } from './mesh-files.ts';

const keys = { hub: keyPair(), laptop: keyPair(), app: keyPair(), db: keyPair(), tablet: keyPair() };
export type Name = keyof typeof keys;

export function publicKeyOf(name: Name): string {
  return keys[name].publicKey;
}

export function config(own: Name, lines: string, ...peers: readonly (readonly [Name, string])[]): string {
  const parts = peers.map(([of, more]) => `[Peer]\nPublicKey = ${keys[of].publicKey}\n${more}\n`);
  return `[Interface]\nPrivateKey = ${keys[own].privateKey}\n${lines}\n\n${parts.join('\n')}`;
}

const toHub: readonly [Name, string] = ['hub', 'Endpoint = 192.0.2.1:51820\nAllowedIPs = 10.0.0.0/24'];

/** What the hub lets the laptop be, and its entries besides. */
export function hubConfig(ofLaptop = '10.0.0.2/32', ...more: readonly (readonly [Name, string])[]): string {
  return config(
    'hub',
    'Address = 10.0.0.1/24\nListenPort = 51820',
    ['laptop', `AllowedIPs = ${ofLaptop}`],
    ['app', 'AllowedIPs = 10.0.0.3/32'],
    ['db', 'AllowedIPs = 10.0.0.4/32'],
    ...more,
  );
}

export const hubPath = 'hub/etc/wireguard/wg0.conf';
export const rulesPath = 'hub/etc/nftables.conf';

/** `forward` stands in the hub's forward chain, whose policy is drop. Its input chain takes nothing from the tunnel. */
export function fourHosts(forward: string, changes: TextFiles = {}): TextFiles {
  return {
    [hubPath]: hubConfig(),
    [rulesPath]: [
      'flush ruleset',
      'table inet f {',
      'chain input {',
      'type filter hook input priority 0; policy drop;',
      'ct state established accept',
      'iifname != "wg0" udp dport 51820 accept',
      '}',
      'chain forward {',
      'type filter hook forward priority 0; policy drop;',
      forward,
      '}',
      '}',
      '',
    ].join('\n'),
    'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/24', toHub),
    'app/etc/wireguard/wg0.conf': config('app', 'Address = 10.0.0.3/24', toHub),
    'db/etc/wireguard/wg0.conf': config('db', 'Address = 10.0.0.4/24', toHub),
    ...changes,
  };
}

/** With a tablet that fares as the laptop does, where the rules say the same of both. */
export function withTablet(forward: string): TextFiles {
  return fourHosts(forward, {
    [hubPath]: hubConfig('10.0.0.2/32', ['tablet', 'AllowedIPs = 10.0.0.5/32']),
    'tablet/etc/wireguard/wg0.conf': config('tablet', 'Address = 10.0.0.5/24', toHub),
  });
}

export const webToApp = 'ct state established accept\nip saddr 10.0.0.2 ip daddr 10.0.0.3 tcp dport { 80, 443 } accept';

export function matrixOf(files: TextFiles, view: View): AccessMatrix {
  return accessMatrix(analysed(files).mesh.model, view);
}

export function idOf(host: string): string {
  return uriOf(`${host}/etc/wireguard/wg0.conf`);
}

/** What a generator comes to. */
export function drained<T>(steps: Generator<unknown, T, void>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
