// A small mesh at random: hosts with keys known in all the ways there are, rulesets, a workspace file, and several hosts in one folder.
import { createHash } from 'node:crypto';
import { secretAt } from '../../server/src/net/key.ts';
import type { Language } from '../../server/src/text/source-file.ts';
import type { Random } from '../bench/random.ts';

export interface MeshText {
  readonly language: Language;
  readonly text: string;
}

/** The same keys in each run, so that a failure can be seen again. Nobody's. */
const pairs = new Map<number, { readonly privateKey: string; readonly publicKey: string }>();

function pairOf(host: number): { readonly privateKey: string; readonly publicKey: string } {
  let pair = pairs.get(host);
  if (!pair) {
    const bytes = createHash('sha256').update(`host ${host}`).digest();
    bytes[0] = (bytes[0] as number) & 248;
    bytes[31] = ((bytes[31] as number) & 127) | 64;
    const privateKey = bytes.toString('base64');
    pair = { privateKey, publicKey: secretAt(privateKey, 0, 44, { start: 0, end: 44 }, true).publicKey ?? '' };
    pairs.set(host, pair);
  }
  return pair;
}

export const publicKeyOf = (host: number): string => pairOf(host).publicKey;

export const privateKeyOf = (host: number): string => pairOf(host).privateKey;

const HOSTS = 7;

export const addressOf = (host: number): string => `10.9.0.${host + 1}`;

export function prefixAt(random: Random): string {
  return random.pick([
    `${addressOf(random.int(HOSTS))}/32`,
    `${addressOf(random.int(HOSTS))}/32`,
    `${addressOf(random.int(HOSTS))}/32, fd09::${1 + random.int(HOSTS)}/128`,
    '10.9.0.0/24',
    '10.9.0.0/28',
    `${addressOf(random.int(HOSTS))}/24`,
    '10.50.0.0/16',
    '0.0.0.0/0',
    '0.0.0.0/1, 128.0.0.0/1',
    '10.9.0.999/32',
  ]);
}

export function peerText(random: Random, host: number): string {
  const lines = ['[Peer]', `PublicKey = ${publicKeyOf(host)}`];
  if (random.int(3) > 0) lines.unshift(`# host-${host}`);
  lines.push(`AllowedIPs = ${random.int(3) > 0 ? `${addressOf(host)}/32` : prefixAt(random)}`);
  if (random.int(3) === 0) lines.push(`Endpoint = 203.0.113.${host}:5182${random.int(3)}`);
  if (random.int(4) === 0) lines.push('PersistentKeepalive = 25');
  if (random.int(6) === 0)
    lines.push(
      `PresharedKey = ${createHash('sha256')
        .update(`psk ${random.int(3)}`)
        .digest('base64')}`,
    );
  return `${lines.join('\n')}\n`;
}

export function configText(random: Random, host: number): string {
  const lines = ['[Interface]'];
  const known = random.int(6);
  if (known === 0) lines.push(`PrivateKey = ${privateKeyOf(host)}`);
  else if (known < 5) lines.push(`# PublicKey = ${publicKeyOf(host)}`);
  lines.push(`Address = ${addressOf(host)}/${random.pick(['24', '24', '32'])}${random.int(4) === 0 ? `, fd09::${host + 1}/64` : ''}`);
  if (random.int(2) === 0) lines.push(`ListenPort = 5182${random.int(3)}`);
  if (random.int(3) === 0) lines.push('PostUp = wg set %i private-key /etc/wireguard/wg0.key');
  if (random.int(5) === 0) lines.push(`PostUp = wg set %i peer ${publicKeyOf(random.int(HOSTS))} preshared-key /etc/wireguard/psk`);
  if (random.int(5) === 0) lines.push('PostUp = nft -f /etc/wireguard/wg.nft');
  const peers = Array.from({ length: HOSTS }, (_, other) => other).filter((other) => other !== host && random.int(2) === 0);
  return `${lines.join('\n')}\n\n${peers.map((other) => peerText(random, other)).join('\n')}`;
}

export function ruleText(random: Random): string {
  const address = (): string =>
    random.pick([addressOf(random.int(HOSTS + 2)), '10.9.0.0/24', `{ ${addressOf(random.int(HOSTS))}, ${addressOf(random.int(9))} }`]);
  const iif = random.pick(['', 'iifname "wg0" ', 'iifname "wg1" ']);
  const to = random.int(2) === 0 ? ` ip daddr ${address()}` : '';
  return `${iif}ip saddr ${address()}${to} ${random.pick(['tcp dport 22 ', 'udp dport 53 ', ''])}${random.pick(['accept', 'accept', 'drop'])}`;
}

export function rulesetText(random: Random): string {
  const chain = (hook: string): string => {
    const rules = Array.from({ length: random.int(5) }, () => `\t\t${ruleText(random)}\n`).join('');
    return `\tchain ${hook} {\n\t\ttype filter hook ${hook} priority filter; policy ${random.pick(['accept', 'drop'])};\n\t\tct state established accept\n${rules}\t}\n`;
  };
  const include = random.int(4) === 0 ? 'include "/etc/nftables.d/*.nft"\n' : '';
  return `${include}table ${random.pick(['inet', 'inet', 'ip'])} filter {\n${random.int(4) > 0 ? chain('input') : ''}${random.int(4) > 0 ? chain('forward') : ''}}\n`;
}

export function policyText(random: Random): string {
  const hosts = Array.from({ length: 1 + random.int(3) }, () => {
    const host = random.int(HOSTS);
    const role = random.int(2) === 0 ? `, "role": "${random.pick(['hub', 'spoke', 'exit-gateway', 'mesh-node'])}"` : '';
    return `    "named-${host}": { "publicKey": "${publicKeyOf(host)}", "addresses": ["${addressOf(random.int(HOSTS))}"]${role} }`;
  });
  return `{\n  "hosts": {\n${hosts.join(',\n')}\n  }\n}\n`;
}

/** Files by URI. */
export function randomMesh(random: Random): Map<string, MeshText> {
  const files = new Map<string, MeshText>();
  const add = (path: string, language: Language, text: string): void => {
    files.set(`file:///mesh/${path}`, { language, text });
  };
  for (let host = 0; host < HOSTS; host++) {
    const folder = host < 5 ? `host-${host}/etc/wireguard` : 'shared';
    const name = host < 5 ? 'wg0' : `wg${host}`;
    add(`${folder}/${name}.conf`, 'wireguard', configText(random, host));
    if (random.int(4) === 0) add(`${folder}/${name}.pub`, 'public-key', `${publicKeyOf(host)}\n`);
    if (host < 5 && random.int(2) === 0) add(`host-${host}/etc/nftables.conf`, 'nftables', rulesetText(random));
  }
  add('host-0/etc/wireguard/wg1.conf', 'wireguard', configText(random, 20));
  if (random.int(2) === 0) add('host-0/etc/nftables.d/more.nft', 'nftables', rulesetText(random));
  if (random.int(2) === 0) add('shared/nftables.conf', 'nftables', rulesetText(random));
  if (random.int(2) === 0) add('meshwarden.jsonc', 'policy', policyText(random));
  if (random.int(2) === 0) {
    add(
      'net/etc/systemd/network/wg0.netdev',
      'networkd',
      `[NetDev]\nName=wg0\nKind=wireguard\n\n[WireGuard]\nListenPort=51820\n\n[WireGuardPeer]\nPublicKey=${publicKeyOf(0)}\nAllowedIPs=${addressOf(0)}/32\n`,
    );
    add('net/etc/systemd/network/wg0.network', 'networkd', `[Match]\nName=wg*\n\n[Network]\nAddress=10.9.0.40/24\n`);
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}
