// NetworkManager's profiles: what they say, and what NetworkManager refuses or leaves out.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { prefixOf, prefixText } from '../../../server/src/net/address.ts';
import { keyPair, presharedKey } from '../../support/keys.ts';
import { analysed, findingsIn, fixed, fixesIn } from '../../support/mesh-files.ts';
import { expectSameAfterEdits, expectTold, factsOf, opened, shown } from './told.ts';

const own = keyPair();
const other = keyPair();
const psk = presharedKey();

const head = '[connection]\nid=mesh\ntype=wireguard\ninterface-name=wg0\n\n';
const inWireguard = (line: string): string => `${head}[wireguard]\n${line}\n`;
const inPeer = (line: string): string => `${head}[wireguard]\nprivate-key-flags=1\n\n[wireguard-peer.${other.publicKey}]\n${line}\n`;

describe('a profile that NetworkManager takes as it is', () => {
  const taken: readonly (readonly [string, string])[] = [
    [
      'every key',
      `${head}[wireguard]\nprivate-key=${own.privateKey}\nprivate-key-flags=0\nlisten-port=51820\nfwmark=0\nmtu=1420\npeer-routes=true\nip4-auto-default-route=1\nip6-auto-default-route=-1\n[wireguard-peer.${other.publicKey}]\nendpoint=hub.example.net:51820\npreshared-key=${psk}\npreshared-key-flags=0\npersistent-keepalive=25\nallowed-ips=10.0.0.0/24;fd00::/64;\n[ipv4]\naddress1=10.0.0.2/24,10.0.0.1\naddress2=10.0.1.2/24\nmethod=manual\ndns=10.0.0.1;\n[ipv6]\nmethod=disabled\n[proxy]\n`,
    ],
    ['comments and CR LF', '# mesh\r\n[connection]\r\n  id=mesh\r\n'],
    ['another type of profile', '[connection]\ntype=wifi\n[wifi]\nssid=home\n[wifi-security]\npsk=not a secret of ours\n'],
  ];
  for (const [name, text] of taken) test(name, () => expectTold('networkmanager', text));
});

describe('what GKeyFile cannot read costs the whole file', () => {
  test('a ; comment', () =>
    expectTold('networkmanager', inWireguard('«; a note»'), 'syntax', /refuses the whole file: comments begin with #/));
  test('a line that is none', () => expectTold('networkmanager', inWireguard('«listen-port»'), 'syntax', /key=value/));
  test('a comment behind a header', () => expectTold('networkmanager', '«[connection] # mesh»\n', 'syntax', /behind the bracket/));
  test('a line before any header', () => expectTold('networkmanager', '«id»=mesh\n[connection]\n', 'syntax', /before any section/));
  test('a byte order mark', () => expectTold('networkmanager', '«\ufeff»[connection]\n', 'syntax', /byte order mark/, ['']));
  test('a private key that is none', () =>
    expectTold(
      'networkmanager',
      inWireguard(`private-key=«${own.privateKey.slice(2)}»`),
      'invalid-value',
      /refuses the profile.*wg genkey/,
    ));
});

describe('what NetworkManager leaves out', () => {
  test('a peer whose key is none', () =>
    expectTold(
      'networkmanager',
      `${head}[wireguard-peer.«${other.publicKey.slice(1)}»]\nallowed-ips=10.0.0.1/32;\n`,
      'ignored-line',
      /whole peer is left out/,
    ));
  test('a list with commas', () =>
    expectTold('networkmanager', inPeer('allowed-ips=«10.0.0.1/32,10.0.0.2/32»'), 'ignored-line', /separated by “;”/));
  test('a path as a preshared key', () =>
    expectTold(
      'networkmanager',
      inPeer('preshared-key=«/etc/hub.psk»\npreshared-key-flags=0'),
      'ignored-line',
      /takes no path.*without a preshared key/,
    ));
  test('an endpoint', () => expectTold('networkmanager', inPeer('endpoint=«hub»'), 'ignored-line', /no endpoint/));
  test('a key of wg-quick', () =>
    expectTold('networkmanager', inPeer('«AllowedIPs»=10.0.0.1/32'), 'ignored-line', /allowed-ips/, ['allowed-ips']));
  test('a keepalive', () => expectTold('networkmanager', inPeer('persistent-keepalive=«off»'), 'ignored-line', /seconds/));
  test('flags', () => expectTold('networkmanager', inPeer('preshared-key-flags=«none»'), 'ignored-line', /Write 0/));
});

test('the facts are those of a config of wg-quick', () => {
  const file = opened(
    'networkmanager',
    `${head}[wireguard]\nprivate-key=${own.privateKey}\nlisten-port=51820\n# the hub\n[wireguard-peer.${other.publicKey}]\npreshared-key=${psk}\npreshared-key-flags=0\nallowed-ips=10.0.0.1/32;fd00::1;\nendpoint=[2001:db8::1]:51820\n[ipv4]\naddress1=10.0.0.2/24,10.0.0.1\naddress2=10.0.1.2/24\n`,
  );
  const facts = factsOf(file);
  assert.deepEqual(facts.device, { tunnel: true, name: 'wg0', match: [] });
  assert.equal(facts.interface.privateKey?.value.publicKey, own.publicKey);
  assert.equal(facts.interface.listenPort?.value, 51820);
  assert.deepEqual(
    facts.interface.addresses.map(({ value }) => prefixText(prefixOf(value.address, value.length))),
    ['10.0.0.0/24', '10.0.1.0/24'],
  );
  const [peer] = facts.peers;
  assert.equal(peer?.name, 'the hub');
  assert.equal(peer?.publicKey?.value, other.publicKey);
  assert.equal(shown(file, peer?.publicKey), other.publicKey);
  assert.equal(peer?.presharedKeyFlags, 0);
  assert.equal(peer?.allowedIps.length, 2);
  assert.deepEqual(peer?.endpoint?.value, { host: '2001:db8::1', port: 51820 });
});

describe('a preshared key without its flags', () => {
  const files = (line: string) => ({ 'mesh.nmconnection': inPeer(`preshared-key=${psk}\n${line}allowed-ips=10.0.0.1/32;`) });
  const found = (line: string) => findingsIn(analysed(files(line))).map(({ rule, severity, message }) => `${severity} ${rule} ${message}`);

  test('is dropped: an error, mended by a line', () => {
    const analysis = analysed(files(''));
    const [finding, ...others] = findingsIn(analysis);
    assert.equal(finding?.rule, 'wireguard/dropped-preshared-key');
    assert.deepEqual(others, []);
    const [fix] = fixesIn(analysis, finding);
    assert.deepEqual(fixed(files(''), fix ?? assert.fail()), files('preshared-key-flags=0\n'));
  });
  test('is kept with 0, and unknown with 1', () => {
    assert.deepEqual(found('preshared-key-flags=0\n'), []);
    assert.deepEqual(found('preshared-key-flags=1\n'), []);
  });
  test('is dropped with 4', () =>
    assert.match(found('preshared-key-flags=4\n').join(), /^error wireguard\/dropped.*preshared-key-flags=4 beside it/));
});

test('after any edit it is read as afresh', () => {
  expectSameAfterEdits('networkmanager', `[wireguard]\nlisten-port=1\n[wireguard-peer.x]\nallowed-ips=1.1.1.1;\n`, [
    '\n',
    '[',
    ']\n',
    '#',
    ';',
    'x=',
  ]);
});
