// systemd-networkd's files: what they say, and each line that networkd would leave out without a word to the person.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { prefixOf, prefixText } from '../../../server/src/net/address.ts';
import { keyPair, presharedKey } from '../../support/keys.ts';
import { expectSameAfterEdits, expectTold, factsOf, opened, shown } from './told.ts';

const own = keyPair();
const other = keyPair();
const psk = presharedKey();

const inWireGuard = (line: string): string => `[NetDev]\nName=wg0\nKind=wireguard\n\n[WireGuard]\n${line}\n`;
const inPeer = (line: string): string => `${inWireGuard('ListenPort=51820')}[WireGuardPeer]\nPublicKey=${other.publicKey}\n${line}\n`;

describe('a .netdev that networkd takes as it is', () => {
  const taken: readonly (readonly [string, string])[] = [
    ['nothing at all', ''],
    [
      'every key',
      `[NetDev]\nName = wg0\nKind = wireguard\nMTUBytes = 1420\nDescription=x # no comment\n[WireGuard]\nPrivateKey=${own.privateKey}\nListenPort=auto\nFirewallMark=0xca6c\nFwMark=1\nRouteTable=main\nRouteMetric=100\n[WireGuardPeer]\nPublicKey=${other.publicKey}\nPresharedKey=${psk}\nAllowedIPs=10.0.0.0/24 fd00::1,::/0\nEndpoint=[2001:db8::1]:51820\nPersistentKeepalive=off\nRouteTable=off\nRouteMetric=1\n`,
    ],
    [
      'comments of both kinds, and lines that go on',
      `# a\n; b\n${inPeer('AllowedIPs=10.0.0.1/32, \\\n  10.0.0.2/32 \\\n# between\n  10.0.0.3/32')}`,
    ],
    ['credentials', inPeer('PresharedKey=@network.wireguard.psk\nEndpoint=@network.wireguard.endpoint')],
    ['a key whose base64 has spaces', inWireGuard(`PrivateKey=${own.privateKey.slice(0, 20)} ${own.privateKey.slice(20)}`)],
    ['IPv6 without brackets, which is looked up as any host', inPeer('Endpoint=2001:db8::1:51820')],
    ['empty values, which take back', inPeer('PresharedKey=\nEndpoint=')],
    ['other kinds of device, other sections', '[NetDev]\nName=br0\nKind=bridge\n[Bridge]\nSTP=yes\n[X-Mine]\nanything=1\n'],
    ['CR LF and a byte order mark', '\ufeff[NetDev]\r\nName=wg0\r\n'],
    ['a .network', '[Match]\nName=wg0 wg1*\n[Network]\nAddress=10.0.0.1/24\nAddress=fd00::1/64\n[Route]\nDestination=::/0\n'],
  ];
  for (const [name, text] of taken) test(name, () => expectTold('networkd', text));
});

describe('a line that networkd ignores', () => {
  test('a path as a preshared key, with the key it belongs to', () =>
    expectTold(
      'networkd',
      inPeer('«PresharedKey=/etc/wireguard/laptop.psk»'),
      'ignored-line',
      /takes no path.*without a preshared key.*PresharedKeyFile=/,
      ['PresharedKeyFile=/etc/wireguard/laptop.psk'],
    ));
  test('a path as a private key', () =>
    expectTold('networkd', inWireGuard('«PrivateKey=/etc/wg.key»'), 'ignored-line', /comes up without a private key/, [
      'PrivateKeyFile=/etc/wg.key',
    ]));
  test('a key too short', () =>
    expectTold('networkd', inPeer(`PresharedKey=«${psk.slice(1)}»`), 'ignored-line', /no key.*this has 43.*wg genpsk/));
  test('a comment behind a key', () => expectTold('networkd', inPeer(`PresharedKey=«${psk} # ours»`), 'ignored-line', /no key/));
  test('a public key that is none', () =>
    expectTold('networkd', `[WireGuardPeer]\nPublicKey=«PubkeyOfOtherSide»\n`, 'ignored-line', /whole peer is left out/));
  test('an address', () =>
    expectTold('networkd', inPeer('AllowedIPs=10.0.0.1/32, «10.0.0/24», ::/0'), 'ignored-line', /“10\.0\.0\/24” is no address/));
  test('an endpoint', () => expectTold('networkd', inPeer('Endpoint=«hub.example.net»'), 'ignored-line', /host:port/));
  test('a port', () => expectTold('networkd', inWireGuard('ListenPort=«65536»'), 'ignored-line', /from 1 to 65535/));
  test('a keepalive', () => expectTold('networkd', inPeer('PersistentKeepalive=«25s»'), 'ignored-line', /number of seconds/));
  test('the path of a key file that does not begin at the root', () =>
    expectTold('networkd', inPeer('PresharedKeyFile=«laptop.psk»'), 'ignored-line', /no absolute path.*without a preshared key/));
  test('a key where its file belongs', () =>
    expectTold('networkd', inPeer(`PresharedKeyFile=«${psk}»`), 'ignored-line', /key stands where the path/));
  test('a key in the wrong case', () =>
    expectTold('networkd', inPeer('«Allowedips»=10.0.0.7/32'), 'ignored-line', /AllowedIPs/, ['AllowedIPs']));
  test('a key of wg-quick', () => expectTold('networkd', inWireGuard('«Address»=10.0.0.1/24'), 'ignored-line', /knows no key “Address”/));
  test('a section misspelt', () =>
    expectTold('networkd', '«[WireguardPeer]»\nx=1\n', 'ignored-line', /WireGuardPeer/, ['[WireGuardPeer]']));
  test('a line before any section', () => expectTold('networkd', '«Name»=wg0\n[NetDev]\n', 'ignored-line', /before any section/));
  test('a line that is none', () => expectTold('networkd', inWireGuard('«ListenPort 51820»'), 'ignored-line', /key=value/));
  test('a header that nothing closes costs the file', () =>
    expectTold('networkd', '«[WireGuard»\nListenPort=1\n', 'syntax', /refuses the whole file/));
  test('an address of a .network', () =>
    expectTold('networkd', '[Match]\nName=wg0\n[Network]\nAddress=«10.0.0»\n', 'ignored-line', /no address/));
});

test('the facts are those of a config of wg-quick', () => {
  const file = opened(
    'networkd',
    `[NetDev]\nName=wg0\nKind=wireguard\n[WireGuard]\nPrivateKey=${own.privateKey}\nListenPort=51820\n# laptop\n[WireGuardPeer]\nPublicKey=${other.publicKey}\nPresharedKey=${psk}\nAllowedIPs=10.0.0.1/32, \\\n  fd00::1\nEndpoint=a.example:1\nPersistentKeepalive=25\n[WireGuardPeer]\nPublicKeyFile=/a.pub\nPresharedKeyFile=/a.psk\n`,
  );
  const facts = factsOf(file);
  assert.deepEqual(facts.device, { tunnel: true, name: 'wg0', match: [] });
  assert.equal(facts.dialect, 'networkd');
  assert.equal(facts.interface.privateKey?.value.publicKey, own.publicKey);
  assert.equal(facts.interface.listenPort?.value, 51820);
  const [first, second] = facts.peers;
  assert.equal(first?.name, 'laptop');
  assert.equal(first?.publicKey?.value, other.publicKey);
  assert.equal(shown(file, first?.publicKey), other.publicKey);
  assert.equal(first?.presharedKey?.value.sound, true);
  assert.deepEqual(
    first?.allowedIps.map(({ value }) => prefixText(prefixOf(value.address, value.length))),
    ['10.0.0.1/32', 'fd00::1/128'],
  );
  assert.equal(shown(file, first?.allowedIps[1]), 'fd00::1');
  assert.deepEqual(first?.endpoint?.value, { host: 'a.example', port: 1 });
  assert.equal(first?.keepalive?.value, 25);
  assert.equal(second?.publicKey?.value, null);
  assert.equal(second?.presharedKeyFile?.value, true);
  const network = factsOf(opened('networkd', '[Match]\nName=wg0 wg1*\n[Network]\nAddress=10.0.0.1/24\n'));
  assert.deepEqual(network.device, { tunnel: false, name: null, match: ['wg0', 'wg1*'] });
  assert.equal(network.interface.addresses.length, 1);
});

test('after any edit it is read as afresh', () => {
  const text = `[WireGuard]\nListenPort=1\n[WireGuardPeer]\nAllowedIPs=10.0.0.1/32 \\\n10.0.0.2\n; x\n`;
  expectSameAfterEdits('networkd', text, ['\\', '\n', '[', ']\n', '#', 'x=']);
});
