// A hub with three spokes, and questions about it.
import assert from 'node:assert/strict';
import { addressOf } from '../../scripts/kernel/network.ts';
import { type Answer, type View, why } from '../../server/src/reach/way/why.ts';
import { keyPair } from './keys.ts';
import { analysed, type TextFiles } from './mesh-files.ts';

export const keys = { hub: keyPair(), laptop: keyPair(), app: keyPair(), db: keyPair() };
export type Name = keyof typeof keys;

interface PeerLines {
  readonly of: Name;
  readonly lines: string;
}

export function config(own: Name, lines: string, ...peers: readonly PeerLines[]): string {
  const parts = peers.map(({ of, lines: more }) => `[Peer]\nPublicKey = ${keys[of].publicKey}\n${more}\n`);
  return `[Interface]\nPrivateKey = ${keys[own].privateKey}\n${lines}\n\n${parts.join('\n')}`;
}

export const toHub = (allowed: string): PeerLines => ({ of: 'hub', lines: `Endpoint = 192.0.2.1:51820\nAllowedIPs = ${allowed}` });

/** A hub with three spokes. */
function files(changes: TextFiles = {}): TextFiles {
  return {
    'hub/etc/wireguard/wg0.conf': config(
      'hub',
      'Address = 10.0.0.1/24\nListenPort = 51820',
      { of: 'laptop', lines: 'AllowedIPs = 10.0.0.2/32' },
      { of: 'app', lines: 'AllowedIPs = 10.0.0.3/32' },
      { of: 'db', lines: 'AllowedIPs = 10.0.0.4/32' },
    ),
    'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/24', toHub('10.0.0.0/24')),
    'app/etc/wireguard/wg0.conf': config('app', 'Address = 10.0.0.3/24', toHub('10.0.0.0/24')),
    'db/etc/wireguard/wg0.conf': config('db', 'Address = 10.0.0.4/24', toHub('10.0.0.0/24')),
    ...changes,
  };
}

interface Asked {
  readonly from?: Name;
  readonly source?: string;
  readonly to?: string;
  readonly port?: number;
  readonly view?: View;
}

export function ask(changes: TextFiles, { from = 'laptop', source, to = '10.0.0.3', port = 443, view = 'access' }: Asked = {}): Answer {
  const { model } = analysed(files(changes)).mesh;
  const host = model.links.hosts.find(({ name }) => name === from) ?? assert.fail(from);
  return why(model, { from: host, source: source ? addressOf(source) : null, to: addressOf(to), protocol: 6, port, view });
}

export const last = ({ hops }: Answer): string => hops.at(-1)?.says ?? '';
/** The hub with more lines in its [Interface]. */
export const hubWith = (lines: string): TextFiles => ({
  'hub/etc/wireguard/wg0.conf': config(
    'hub',
    `Address = 10.0.0.1/24\nListenPort = 51820\n${lines}`,
    { of: 'laptop', lines: 'AllowedIPs = 10.0.0.2/32' },
    { of: 'app', lines: 'AllowedIPs = 10.0.0.3/32' },
    { of: 'db', lines: 'AllowedIPs = 10.0.0.4/32' },
  ),
});
export const hubRules = (forward: string): TextFiles => ({
  'hub/etc/nftables.conf': `flush ruleset\ntable inet f {\n chain forward {\n type filter hook forward priority 0; policy drop;\n${forward}\n }\n}\n`,
});
