// What the parser tells of each line of a WireGuard config: exactly this, exactly there, and nothing else.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { parsedFile, problemsOf } from '../../server/src/analysis/parsed-file.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';

const key = () => randomBytes(32).toString('base64');
const publicKey = 'I19fcUwvVEXSdRSdfylkRMvOLqeHdzbmrcCRgPtiY2k=';

interface Told {
  readonly rule: string;
  readonly text: string;
  readonly by: string | null;
}

function told(text: string): readonly (Told & { readonly message: string; readonly suggest: readonly string[]; readonly start: number })[] {
  const file = parsedFile(sourceFile('file:///wg0.conf', 1, 'wireguard', text));
  return problemsOf(file).map(({ problem, span }) => ({
    rule: problem.rule,
    text: text.slice(span.start, span.end),
    by: problem.refusedBy ?? (problem.failsAt ? `at ${problem.failsAt}` : null),
    message: problem.message,
    suggest: problem.suggest ?? [],
    start: span.start,
  }));
}

/** `«…»` marks where the problem stands. */
function expectOne(marked: string, rule: string, by: string | null, mend: RegExp, suggest: readonly string[] = []): void {
  const start = marked.indexOf('«');
  const end = marked.indexOf('»') - 1;
  const text = marked.replace(/[«»]/g, '');
  const found = told(text);
  assert.deepEqual(
    found.map(({ message: _, ...rest }) => rest),
    [{ rule: `wireguard/${rule}`, text: text.slice(start, end), by, suggest: [...suggest], start }],
    JSON.stringify(found),
  );
  assert.match(found[0]?.message ?? '', mend);
}

const inInterface = (line: string) => `[Interface]\nListenPort = 51820\n${line}\nAddress = 10.20.0.1/24\n`;
const inPeer = (line: string) => `[Interface]\nListenPort = 51820\n[Peer]\nPublicKey = ${publicKey}\n${line}\nAllowedIPs = 10.20.0.2/32\n`;

describe('a config that the tools take', () => {
  const taken: readonly (readonly [string, string])[] = [
    ['nothing at all', ''],
    ['a comment without an end of line', '# nothing'],
    [
      'every key',
      `[Interface]\nPrivateKey = ${key()}\nListenPort = 51820\nFwMark = 0xca6c\nAddress = 10.20.0.1/24 fd20::1/64\nDNS=10.20.0.1,corp.example\nMTU = 1420\nTable = off\nPreUp = true\nPostUp = true\nPreDown = true\nPostDown = true\nSaveConfig = TRUE\n\n[Peer]\nPublicKey = ${key()}\nPresharedKey = ${key()}\nAllowedIPs = 0.0.0.0/0, ::/0\nEndpoint = 192.0.2.1:51820\nPersistentKeepalive = 25\n`,
    ],
    ['any case, and no spaces', `[interface]\nlistenport=51820\n[PEER]\npublickey=${key()}\n`],
    ['CR LF', `[Interface]\r\nListenPort = 51820\r\nAddress = 10.20.0.1/24\r\n`],
    ['a comment behind a value and a header', '[Interface] # this host\nListenPort = 51820 # the usual one\n'],
    ['a # in a hook', '[Interface]\nPostUp = echo "a # b" # c\n'],
    ['leading zeros in a length', inPeer('AllowedIPs = 10.0.0.0/024')],
    ['host bits, which another rule speaks of', inPeer('AllowedIPs = 10.0.0.1/24')],
    ['IPv6 without brackets', inPeer('Endpoint = 2001:db8::1:51820')],
    ['IPv6 in brackets', inPeer('Endpoint = [2001:db8::1]:51820')],
    ['a key twice, of which the last counts', inInterface('ListenPort = 51821')],
    ['spaces between the parts of a value', inPeer('Endpoint = 192.0.2.1 : 51820\nAllowedIPs = 10.0.0.2 / 32 , 10.0.0.3')],
    ['keepalive off, mark off', '[Interface]\nFwMark = OFF\n[Peer]\nPersistentKeepalive = off\n'],
  ];
  for (const [what, text] of taken) test(what, () => assert.deepEqual(told(text), []));
});

describe('what the tools take and read otherwise', () => {
  test('spaces inside a word of wg', () => {
    expectOne(inInterface('«Fw Mark» = 1'), 'inner-space', null, /reads FwMark/, ['FwMark']);
    expectOne(inInterface('FwMark = «5 1 8»'), 'inner-space', null, /takes “518”/);
    expectOne(inPeer('AllowedIPs = «10.0.0.1 1/32»'), 'inner-space', null, /takes “10.0.0.11\/32”/);
    const secret = key();
    const text = `[Interface]\nPrivateKey = «${secret.slice(0, 20).replace(/\W/g, 'a')} ${'b'.repeat(20)}eA8=»\n`;
    expectOne(text, 'inner-space', null, /takes the key without them/);
  });
  test('signs before allowed IPs', () => {
    expectOne(inPeer('AllowedIPs = «+10.0.0.1/32»'), 'signed-allowed-ips', null, /adds/, ['10.0.0.1/32']);
    expectOne(inPeer('AllowedIPs = «-10.0.0.1/32»'), 'signed-allowed-ips', null, /takes away/);
  });
  test('hosts in the forms of inet_aton', () => {
    for (const [host, taken] of [
      ['010.0.0.1', '8.0.0.1'],
      ['10.1', '10.0.0.1'],
      ['0x7f.1', '127.0.0.1'],
      ['2130706433', '127.0.0.1'],
    ] as const)
      expectOne(inPeer(`Endpoint = «${host}»:51820`), 'endpoint-reads-otherwise', null, /inet_aton/, [taken]);
  });
  test('values that are not what DNS looks for', () => {
    expectOne(inInterface('DNS = 10.0.0.1, «1.1.1.1/32»'), 'dns-not-a-server', null, /search domain/);
    expectOne(inInterface('DNS = «1.1.1.256»'), 'dns-not-a-server', null, /resolver’s address, and it is none/);
    assert.deepEqual(told(inInterface('DNS = fd00::1 corp.example, 3com.example')), []);
  });
  test('empty values of wg-quick', () => {
    for (const name of ['Address', 'DNS', 'MTU', 'Table', 'PostUp'])
      expectOne(inInterface(`«${name} =»`), 'empty-value', null, /does nothing/);
  });
});

describe('wireguard/syntax', () => {
  test('a comment of another language', () => {
    expectOne(inInterface('«; the hub»'), 'syntax', 'wg', /comments begin with #/);
    expectOne(inInterface('  «// the hub»  '), 'syntax', 'wg', /comments begin with #/);
  });
  test('a colon in the place of =', () => expectOne(inInterface('«ListenPort: 51820»'), 'syntax', 'wg', /joined by =/));
  test('a line of another kind', () => expectOne(inInterface('«ListenPort» # 51820'), 'syntax', 'wg', /“Key = value”/));
  test('a byte order mark: one problem, and the line is read all the same', () => {
    expectOne(`«\ufeff»[Interface]\nListenPort = 51820\n`, 'syntax', 'wg', /byte order mark/, ['']);
    assert.deepEqual(
      told(`\ufeff[Interface]\nListnPort = 51820\n`).map(({ rule }) => rule),
      ['wireguard/syntax', 'wireguard/unknown-key'],
    );
  });
  test('the key is not told again where a line of one lost its =', () => {
    const secret = key();
    const [found] = told(inInterface(`PrivateKey ${secret.slice(0, 43)}`));
    assert.equal(found?.rule, 'wireguard/syntax');
    assert.ok(!found?.message.includes(secret.slice(0, 12)));
  });
});

describe('wireguard/unknown-section', () => {
  test('with what is meant', () => {
    expectOne('«[Interfaces]»\nListenPort = 51820\n', 'unknown-section', 'wg', /only \[Interface\] and \[Peer\]/, ['[Interface]']);
    expectOne('«[Peers]» # a\nAllowedIPs = 10.0.0.1\n', 'unknown-section', 'wg', /only \[Interface\] and \[Peer\]/, ['[Peer]']);
  });
  test('without a guess; nothing is said of the keys behind it', () =>
    expectOne('«[Socks5]»\nBindAddress = 127.0.0.1:25344\n', 'unknown-section', 'wg', /no section “\[Socks5\]”/));
});

describe('wireguard/unknown-key', () => {
  test('with what is meant', () => {
    expectOne(inInterface('«ListnPort» = 51820'), 'unknown-key', 'wg', /did you mean ListenPort\?/, ['ListenPort']);
    expectOne(inPeer('«AllowedIP» = 10.0.0.1/32'), 'unknown-key', 'wg', /did you mean AllowedIPs\?/, ['AllowedIPs']);
  });
  test('without a guess, what there is', () =>
    expectOne(inPeer('«Name» = laptop'), 'unknown-key', 'wg', /\[Peer\] has PublicKey, PresharedKey/));
  test('spaces in a key of wg-quick', () => expectOne(inInterface('«Post Up» = true'), 'unknown-key', 'wg', /PostUp/, ['PostUp']));
});

describe('wireguard/misplaced-key', () => {
  test('before any section', () => expectOne('«ListenPort» = 51820\n[Interface]\n', 'misplaced-key', 'wg', /put it below \[Interface\]/));
  test('in the other section', () => {
    expectOne(inPeer('«ListenPort» = 51820'), 'misplaced-key', 'wg', /belongs to \[Interface\]; in \[Peer\] wg refuses it/);
    expectOne(inInterface('«AllowedIPs» = 10.0.0.1/32'), 'misplaced-key', 'wg', /belongs to \[Peer\]; in \[Interface\] wg refuses it/);
  });
  test('a key of wg-quick behind a header that only wg reads', () =>
    expectOne('[ Interface ]\nListenPort = 51820\n«Address» = 10.0.0.1/24\n', 'misplaced-key', 'wg', /write \[Interface\] without spaces/));
});

describe('wireguard/key-is-a-path', () => {
  for (const path of ['/etc/wireguard/wg0.key', '~/wg0.key', './k', 'file:///etc/k', '$(cat /k)', '<(cat /k)', '`cat /k`', 'wg0.key'])
    test(`PrivateKey = ${path}`, () =>
      expectOne(inInterface(`PrivateKey = «${path}»`), 'key-is-a-path', 'wg', /wg set %i private-key FILE/));
  test('a preshared key', () =>
    expectOne(
      inPeer('PresharedKey = «/etc/wireguard/psk/laptop.psk» # its own'),
      'key-is-a-path',
      'wg',
      /wg set %i peer <PublicKey> preshared-key FILE/,
    ));
  test('a key that wg does not have', () => {
    expectOne(inInterface('«PrivateKeyFile = /etc/k»'), 'key-is-a-path', 'wg', /wg set %i private-key FILE/);
    expectOne(inPeer('«PresharedKeyFile = /etc/k»'), 'key-is-a-path', 'wg', /preshared-key FILE/);
  });
});

describe('wireguard/invalid-value', () => {
  const secret = key();
  const interfaceLines: readonly (readonly [string, string | null, RegExp, ...string[]])[] = [
    ['«PrivateKey =»', 'wg', /PrivateKey has no value/],
    [`PrivateKey = «${secret.slice(1)}»`, 'wg', /44 characters of base64, this has 43/],
    [`PrivateKey = «${secret.slice(0, 43)}A»`, 'wg', /ends with “=”/],
    [`PrivateKey = «${secret.slice(0, 20)}!${secret.slice(21)}»`, 'wg', /only A–Z, a–z, 0–9, \+ and \//],
    [`PrivateKey = «${secret.slice(0, 42)}B=»`, 'wg', /a character was lost or changed/],
    ['PrivateKey = «<your private key>»', 'wg', /placeholder.*wg genkey/],
    ['PrivateKey = «{{ wg_key }}»', 'wg', /placeholder.*wg genkey/],
    ['PrivateKey = «$KEY»', 'wg', /placeholder.*wg genkey/],
    ['ListenPort = «0x1234»', 'wg', /write a number from 1 to 65535/],
    ['ListenPort = «-1»', 'wg', /write a number from 1 to 65535/],
    ['ListenPort = «auto»', 'wg', /write a number from 1 to 65535/],
    ['ListenPort = «https»', 'at machine', /\/etc\/services.*write the number/],
    ['FwMark = «CA6C»', 'wg', /lower-case 0x number/],
    ['FwMark = «0XCA6C»', 'wg', /lower-case 0x number/],
    ['FwMark = «4294967296»', 'wg', /0xffffffff/],
    ['MTU = «big»', 'at up', /The usual MTU is 1420/],
    ['Table = «AUTO»', 'at up', /only in small letters/, 'auto'],
    ['Table = «Off»', 'at up', /only in small letters/, 'off'],
    ['SaveConfig = «yes»', 'wg-quick', /true or false/, 'true'],
    ['SaveConfig = «0»', 'wg-quick', /true or false/, 'false'],
    ['«SaveConfig =»', 'wg-quick', /true or false/],
    ['PostUp = echo «"a b»', 'at hook', /never closed/],
    ["PostDown = echo «'a b»", 'at hook', /never closed/],
  ];
  for (const [line, by, mend, ...suggest] of interfaceLines)
    test(line, () => expectOne(inInterface(line), 'invalid-value', by, mend, suggest));

  const peerLines: readonly (readonly [string, string | null, RegExp, ...string[]])[] = [
    ['PublicKey = «/etc/wireguard/laptop.pub»', 'wg', /a path; wg takes the key itself/],
    ['PublicKey = «<laptop key>»', 'wg', /placeholder.*wg pubkey/],
    [`PublicKey = «${publicKey.slice(2)}»`, 'wg', /44 characters of base64, this has 42/],
    ['«AllowedIPs =»', 'wg', /AllowedIPs has no value/],
    ['AllowedIPs = 10.0.0.2/32«,»', 'wg', /remove the comma/],
    ['AllowedIPs = 10.0.0.2/32«,,»10.0.0.3/32', 'wg', /remove the comma/],
    ['AllowedIPs = «10.0.0.2/32 10.0.0.3/32»', 'wg', /commas between the entries/],
    ['AllowedIPs = «10.0.0.2/32;10.0.0.3/32»', 'wg', /commas between the entries/],
    ['AllowedIPs = «[fd00::1]»', 'wg', /no brackets here/],
    ['AllowedIPs = «fe80::1%eth0»', 'wg', /no zone/],
    ['AllowedIPs = «10.0.0.0/255.255.255.0»', 'wg', /prefix length instead of a netmask/],
    ['AllowedIPs = «10.0.0.2-10.0.0.9»', 'wg', /write prefixes/],
    ['AllowedIPs = 10.0.0.2/32, «10.0.0/24»', 'wg', /cannot read “10\.0\.0\/24”/],
    ['AllowedIPs = «10.0.0.2/33»', 'wg', /32/],
    ['AllowedIPs = «010.0.0.2»', 'wg', /cannot read “010\.0\.0\.2”/],
    ['Endpoint = «hub.example.net»', 'wg', /write host:port/],
    ['Endpoint = «:51820»', 'wg', /no host before the port/],
    ['Endpoint = «hub.example.net:»', 'wg', /write host:port/],
    ['Endpoint = «[2001:db8::1:51820»', 'wg', /never closed/],
    ['Endpoint = «http://hub:51820»', 'wg', /no host name or address/],
    ['Endpoint = hub:«x!»', 'wg', /write a number from 1 to 65535/],
    ['PersistentKeepalive = «65536»', 'wg', /seconds from 0 to 65535/],
    ['PersistentKeepalive = «-1»', 'wg', /off or seconds/],
    ['PersistentKeepalive = «25s»', 'wg', /off or seconds/],
  ];
  for (const [line, by, mend, ...suggest] of peerLines) test(line, () => expectOne(inPeer(line), 'invalid-value', by, mend, suggest));

  test('addresses, which wg-quick hands on unread', () => {
    expectOne(inInterface('Address = «10.0.0/24»'), 'invalid-value', 'at up', /10\.0\.0\/24/);
    expectOne(inInterface('Address = 10.0.0.1/24, «fd00::1/129»'), 'invalid-value', 'at up', /fd00::1\/129/);
  });
});

describe('wireguard/cut-value', () => {
  test('a port that loses its upper bits', () => {
    expectOne(inInterface('ListenPort = «65536»'), 'cut-value', null, /cut to 0 without a word/);
    expectOne(inPeer('Endpoint = hub.example.net:«99999999999»'), 'cut-value', null, /cut to 59391/);
  });
});

describe('one mistake', () => {
  test('gives one message, of its own line', () => {
    const lines = ['[Interface]', 'ListnPort = 51820', 'MTU = big', '// x', '[Peer]', 'AllowedIPs = 10.0.0.1/33', 'Endpoint = x', ''];
    assert.deepEqual(
      told(lines.join('\n')).map(({ text }) => text),
      ['ListnPort', 'big', '// x', '10.0.0.1/33', 'x'],
    );
  });
});
