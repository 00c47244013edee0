// Which lines of a .netdev the real systemd-networkd ignores, and which cost it the file: exactly those that we tell.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parsedFile, problemsOf } from '../../server/src/analysis/parsed-file.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import { keyPair, presharedKey } from '../support/keys.ts';
import { skipReason } from './support/availability.ts';
import { type Namespace, openNamespace } from './support/namespace.ts';

const daemon = '/lib/systemd/systemd-networkd';
const skip = existsSync(daemon) ? skipReason('nft') : 'systemd-networkd is not installed: apt-get install systemd';

const own = keyPair();
const other = keyPair();
const psk = presharedKey();

const inWireGuard = (...lines: readonly string[]): string =>
  `[NetDev]\nName=IFNAME\nKind=wireguard\n[WireGuard]\nPrivateKey=${own.privateKey}\n${lines.join('\n')}\n`;
const inPeer = (...lines: readonly string[]): string =>
  `${inWireGuard()}[WireGuardPeer]\nPublicKey=${other.publicKey}\n${lines.join('\n')}\n`;

/** Texts by what they show. Where a file is refused, nothing stands behind the line that it is refused for. */
const cases: Readonly<Record<string, string>> = {
  'keys that are none': inPeer(
    `PresharedKey=${psk.slice(1)}`,
    `PresharedKey=${psk} # ours`,
    'PresharedKey=/etc/x.psk',
    `PresharedKey="${psk}"`,
  ),
  'keys that are': inPeer(`PresharedKey=${psk}`, `PresharedKey=${psk.slice(0, 9)} ${psk.slice(9)}`, 'PresharedKey='),
  'private keys': `${inWireGuard()}PrivateKey=x\nPrivateKey=/etc/wg.key\nPrivateKeyFile=wg.key\nPrivateKeyFile=/etc/wg.key\n`,
  'public keys': `${inWireGuard()}[WireGuardPeer]\nPublicKey=PubkeyOfOtherSide\nPublicKey=\nPublicKey=${other.publicKey}\n`,
  'lists of addresses': inPeer(
    'AllowedIPs=10.0.0.1, 10.0.0.2/32 fd00::/64,::/0',
    'AllowedIPs=10.0.0/24',
    'AllowedIPs=10.0.0.1/33',
    'AllowedIPs=a.example',
    'AllowedIPs=',
  ),
  'a list that goes on': inPeer('AllowedIPs=10.0.0.1, \\', '  10.0.0.2 \\', '# between', '; them', '  10.0.0.3', 'Endpoint=x'),
  endpoints: inPeer(
    'Endpoint=hub.example.net:51820',
    'Endpoint=192.0.2.1:51820',
    'Endpoint=[2001:db8::1]:51820',
    'Endpoint=2001:db8::1:51820',
    'Endpoint=hub.example.net',
    'Endpoint=hub.example.net:',
    'Endpoint=hub.example.net:0',
    'Endpoint=hub.example.net:65536',
    'Endpoint=hub.example.net:https',
  ),
  ports: inWireGuard('ListenPort=51820', 'ListenPort=auto', 'ListenPort=65536', 'ListenPort=-1', 'ListenPort=https', 'ListenPort='),
  keepalives: inPeer(
    'PersistentKeepalive=25',
    'PersistentKeepalive=off',
    'PersistentKeepalive=0x10',
    'PersistentKeepalive=25s',
    'PersistentKeepalive=65536',
    'PersistentKeepalive=on',
  ),
  'marks and metrics': inWireGuard(
    'FirewallMark=51820',
    'FwMark=0xca6c',
    'FirewallMark=mark',
    'RouteMetric=100',
    'RouteMetric=low',
    'RouteTable=off',
  ),
  'keys that it does not know': inPeer('Allowedips=10.0.0.1', 'DNS=10.0.0.1', 'AllowedIP=10.0.0.1'),
  'keys in other sections': inWireGuard('Address=10.0.0.1/24', 'PresharedKey=x', '[Match]', 'Host=*'),
  comments: `# a\n; b\n${inWireGuard('  # c', 'ListenPort=1 ; d')}`,
  'lines that are none': `Name=x\n${inWireGuard('ListenPort 51820', '// a note')}`,
  'a byte order mark and CR LF': `\ufeff${inWireGuard('ListenPort=51820')}`.replaceAll('\n', '\r\n'),
  'a section in other letters': `${inWireGuard()}[WireguardPeer]\n`,
  'a header that nothing closes': `${inWireGuard()}[WireGuardPeer\n`,
  'a comment behind a header': `${inWireGuard()}[WireGuardPeer] # web\n`,
};

describe('a .netdev, line by line', { skip }, () => {
  let namespace: Namespace;
  let said = '';
  before(async () => {
    namespace = await openNamespace();
    Object.values(cases).forEach((text, i) => {
      writeFileSync(path.join(namespace.folder, `case${i}.netdev`), text.replace('IFNAME', `wg${i}`));
    });
    const script = `mkdir -p /run/systemd/network; cp "$1"/*.netdev /run/systemd/network/
      SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console timeout 3 ${daemon} 2>&1`;
    said = (await namespace.run(['bash', '--noprofile', '--norc', '-c', script, 'bash', namespace.folder])).stdout;
    assert.match(said, /wg0: loaded "wireguard"/, said.slice(0, 2000));
  });
  after(() => namespace?.close());

  Object.entries(cases).forEach(([name, text], i) => {
    test(name, () => {
      const ignored = [...said.matchAll(new RegExp(`/case${i}\\.netdev:(\\d+): (?!Failed to parse file)`, 'g'))].map(([, line]) =>
        Number(line),
      );
      const file = parsedFile(sourceFile('file:///wg0.netdev', 1, 'networkd', text));
      const told = problemsOf(file).map(({ span }) => text.slice(0, span.start).split('\n').length);
      const unique = (lines: readonly number[]): readonly number[] => [...new Set(lines)].sort((a, b) => a - b);
      const words = [...said.matchAll(new RegExp(`.*/case${i}\\.netdev.*`, 'g'))].join('\n').replace(/[A-Za-z0-9+/]{40,}=*/g, '…');
      assert.deepEqual(unique(told), unique(ignored), words);
      const refused = new RegExp(`/case${i}\\.netdev:\\d+: Failed to parse file`).test(said);
      assert.equal(
        problemsOf(file).some(({ problem }) => problem.refusedBy === 'networkd'),
        refused,
        words,
      );
    });
  });
});
