// What each app would refuse or drop of a config: exactly this, and nothing else; a config that all of them take has nothing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { shownFindings } from '../../server/src/analysis/analysis.ts';
import { type Target, targets } from '../../server/src/wireguard/targets/target.ts';
import { meshwarden } from '../support/command-line.ts';
import { folderOf } from '../support/folder.ts';
import { keyPair } from '../support/keys.ts';
import { analysed, uriOf } from '../support/mesh-files.ts';
import { startServer } from '../support/server.ts';

const own = keyPair();
const other = keyPair();

const config = (inInterface: string, inPeer = ''): string =>
  `[Interface]\nPrivateKey = ${own.privateKey}\nAddress = 10.0.0.2/32, fd00::2/128\n${inInterface}\n[Peer]\nPublicKey = ${other.publicKey}\nAllowedIPs = 10.0.0.1/32\nEndpoint = 192.0.2.1:51820\n${inPeer}\n`;

/** `refuses` or `drops`, and the text it stands at. */
function told(target: Target, text: string, name = 'wg0.conf'): readonly string[] {
  return shownFindings(analysed({ [name]: text }, { targets: [target] }), uriOf(name))
    .filter(({ rule }) => rule.endsWith('-by-target'))
    .map(({ rule, severity, refusedBy, span }) => {
      assert.deepEqual([severity, refusedBy], rule === 'wireguard/refused-by-target' ? ['error', target] : ['warning', null]);
      return `${refusedBy ? 'refuses' : 'drops'} ${text.slice(span.start, span.end)}`;
    });
}

const apps = targets.filter((target) => target !== 'wg-quick');

test('a plain client config is taken by all', () => {
  for (const target of apps) {
    assert.deepEqual(
      told(target, config('DNS = 10.0.0.1, fd00::1\nMTU = 1420\nListenPort = 51820', 'PersistentKeepalive = 25')),
      [],
      target,
    );
  }
});

describe('what each makes of a line that wg-quick takes', () => {
  const cases: readonly (readonly [name: string, text: string, said: Partial<Record<Target, readonly string[]>>])[] = [
    [
      'a hook',
      config('PostUp = true'),
      { windows: ['drops true'], macos: ['refuses PostUp'], android: ['refuses PostUp'], 'networkmanager-import': ['drops PostUp = true'] },
    ],
    [
      'SaveConfig',
      config('SaveConfig = false'),
      {
        windows: ['refuses SaveConfig'],
        macos: ['refuses SaveConfig'],
        android: ['refuses SaveConfig'],
        'networkmanager-import': ['drops SaveConfig = false'],
      },
    ],
    ['FwMark', config('FwMark = 0xca6c'), { windows: ['refuses FwMark'], macos: ['refuses FwMark'], android: ['refuses FwMark'] }],
    ['Table', config('Table = off'), { macos: ['refuses Table'], android: ['refuses Table'] }],
    [
      'a table by name',
      config('Table = mesh'),
      { windows: ['refuses mesh'], macos: ['refuses Table'], android: ['refuses Table'], 'networkmanager-import': ['refuses mesh'] },
    ],
    ['a keepalive that is off', config('', 'PersistentKeepalive = off'), { macos: ['refuses off'], android: ['refuses off'] }],
    [
      'a port that wg cuts',
      config('ListenPort = 65536'),
      { windows: ['refuses 65536'], macos: ['refuses 65536'], android: ['refuses 65536'], 'networkmanager-import': ['refuses 65536'] },
    ],
    [
      'an IPv6 endpoint without brackets',
      config('', 'Endpoint = 2001:db8::1:51820'),
      {
        windows: ['refuses 2001:db8::1:51820'],
        macos: ['refuses Endpoint = 2001:db8::1:51820'],
        android: ['refuses 2001:db8::1:51820'],
      },
    ],
    [
      'addresses with spaces between',
      config('Address = 10.0.0.3 10.0.0.4'),
      Object.fromEntries(apps.map((app) => [app, ['refuses 10.0.0.3 10.0.0.4']])),
    ],
    ['a resolver that is no host name', config('DNS = my_resolver'), { android: ['refuses my_resolver'] }],
    ['a second port', config('ListenPort = 1\nListenPort = 2'), { macos: ['refuses ListenPort = 2'] }],
    ['a second [Interface]', `${config('')}[Interface]\n`, { macos: ['refuses [Interface]'] }],
    [
      'a peer twice',
      `${config('')}[Peer]\nPublicKey = ${other.publicKey}\nAllowedIPs = 10.0.0.9/32\n`,
      { macos: [`refuses ${other.publicKey}`] },
    ],
    [
      'spaces inside a key',
      config('Listen Port = 51820'),
      Object.fromEntries(apps.slice(0, 3).map((app) => [app, ['refuses Listen Port']])),
    ],
    ['a small MTU', config('MTU = 500'), { windows: ['refuses 500'] }],
  ];
  for (const [name, text, said] of cases) {
    test(name, () => {
      for (const target of apps) {
        assert.deepEqual(told(target, text), said[target] ?? [], target);
      }
    });
  }
});

test('a config whose key a hook loads has none in an app', () => {
  const text = '[Interface]\nPostUp = wg set %i private-key /a\nAddress = 10.0.0.2/32\n';
  assert.deepEqual(told('android', text), ['refuses [Interface]', 'refuses PostUp']);
  assert.deepEqual(told('networkmanager-import', text), ['drops PostUp = wg set %i private-key /a']);
});

test('a resolver without an address of its family is dropped by NetworkManager', () => {
  const text = `[Interface]\nPrivateKey = ${own.privateKey}\nAddress = 10.0.0.2/32\nDNS = 10.0.0.1, fd00::1\n`;
  assert.deepEqual(told('networkmanager-import', text), ['drops fd00::1']);
});

test('the name of the tunnel is checked', () => {
  const name = 'a-tunnel-for-the-office.conf';
  assert.deepEqual(told('android', config(''), name), ['refuses [Interface]']);
  assert.deepEqual(told('windows', config(''), name), []);
});

test('no secret is told', () => {
  for (const target of apps) {
    const text = `[Interface]\nPrivateKey = ${own.privateKey.slice(1)}\nPrivat = ${own.privateKey}\n${own.privateKey}\nListenPort = ${own.privateKey}\nDNS = ${own.privateKey}\nMTU = ${own.privateKey}\n[Peer]\nPresharedKey = /${own.privateKey}\nEndpoint = ${own.privateKey}\nAllowedIPs = ${own.privateKey}\n`;
    const said = JSON.stringify(shownFindings(analysed({ 'wg0.conf': text }, { targets: [target] }), uriOf('wg0.conf')));
    for (let i = 0; i + 12 <= own.privateKey.length; i += 4) assert.ok(!said.includes(own.privateKey.slice(i, i + 12)), target);
  }
});

test('the command line takes --targets', async (t) => {
  const folder = folderOf(t, { 'wg0.conf': config('PostUp = true') });
  const without = await meshwarden(['check', '--fail-on', 'error'], folder);
  assert.equal(without.status, 0, without.out);
  const { status, out } = await meshwarden(['check', '--fail-on', 'error', '--targets', 'android,networkmanager-import'], folder);
  assert.equal(status, 1);
  assert.match(out, /WireGuard for Android knows no key “PostUp”[\s\S]*NetworkManager’s import drops hooks without a word/);
  const wrong = await meshwarden(['check', '--targets', 'amiga'], folder);
  assert.equal(wrong.status, 2);
  assert.match(wrong.err, /--targets takes wg-quick, windows, .*not “amiga”/);
});

test('the settings are heeded as they change', async (t) => {
  const server = await startServer(t, { initializationOptions: { settings: { wireguard: { targets: ['android'] } } } });
  const uri = 'file:///mesh/wg0.conf';
  server.open(uri, 'wireguard', config('PostUp = true\nJc = 4'));
  const codes = (list: readonly { readonly code?: unknown }[]): unknown[] => list.map(({ code }) => code).sort();
  assert.deepEqual(codes(await server.diagnostics(uri)), [
    'wireguard/missing-preshared-key',
    'wireguard/refused-by-target',
    'wireguard/refused-by-target',
    'wireguard/unknown-key',
  ]);
  await server.notify('workspace/didChangeConfiguration', { settings: { meshwarden: { wireguard: { targets: [], amneziawg: true } } } });
  const after = await server.diagnostics(uri, ({ diagnostics }) => !diagnostics.some(({ code }) => code === 'wireguard/unknown-key'));
  assert.deepEqual(codes(after), ['wireguard/inline-private-key', 'wireguard/missing-preshared-key']);
});
