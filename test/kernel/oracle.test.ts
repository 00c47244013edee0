// The helpers themselves: that they say yes, no, where and why as the real tools do, and let no secret through.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { installed, skipReason } from './support/availability.ts';
import { type Namespace, openNamespace } from './support/namespace.ts';
import { judgeNft, judgeNftText } from './support/nft.ts';
import { judgeWg, judgeWgFile, judgeWgMany, resolvedHost, startWgDevice, type WgDevice } from './support/wg.ts';
import { readDump, redact } from './support/wg-dump.ts';

// made for these tests with `wg genkey`; no machine has ever used them
const hubKey = 'yCmVddNgmEGb4WlOXyjcZ1uz2sU+MbkOMYOtUZBtaFA=';
const hubPublic = 'lSsVgFVuTHKKVWvgFTKLX77jCm352DfV3s8nYUYkxxo=';
const spokePublic = 'I19fcUwvVEXSdRSdfylkRMvOLqeHdzbmrcCRgPtiY2k=';
const sharedKey = 'VdKK4mSnA7d0uApHk7EAyx5XzZuYIBrGOZpT4iM4NmM=';

describe('availability', () => {
  test('a tool that is nowhere is not installed', () => {
    assert.equal(installed('meshwarden-no-such-tool'), false);
    assert.equal(installed('sh'), true);
  });
});

describe('a namespace', { skip: skipReason('nft') }, () => {
  test('shares nothing with this machine, and ends with all that runs in it', async () => {
    const one = await openNamespace();
    const two = await openNamespace();
    try {
      const links = await one.run(['ip', '-brief', 'link']);
      assert.equal(links.stdout.trim().split('\n').length, 1, links.stdout);
      await one.run(['sh', '-c', 'echo one >/run/mark']);
      assert.equal((await two.run(['test', '-e', '/run/mark'])).status, 1);
      assert.equal(existsSync('/run/mark'), false);
      // a daemon of the namespace; the next run still finds it, under a process id of the namespace's own
      assert.equal((await one.run(['sh', '-c', 'sleep 600 >/run/null 2>&1 & echo $! >/run/pid'])).status, 0);
      assert.equal((await one.run(['sh', '-c', 'kill -0 "$(cat /run/pid)"'])).status, 0);
      assert.equal((await one.run(['sleep', '60'], { seconds: 1 })).status, 124);
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
    assert.equal(existsSync(one.folder), false);
    await assert.rejects(one.run(['true']), /closed/);
  });
});

describe('nft', { skip: skipReason('nft') }, () => {
  let namespace: Namespace;
  before(async () => {
    namespace = await openNamespace();
  });
  after(() => namespace?.close());

  test('takes a ruleset and shows the tree it understood', async () => {
    const verdict = await judgeNftText(
      namespace,
      'table inet filter {\n  chain input {\n    type filter hook input priority filter; policy drop;\n    tcp dport 022 accept\n  }\n}\n',
    );
    assert.deepEqual(
      { accepted: verdict.accepted, stage: verdict.stage, message: verdict.message },
      { accepted: true, stage: 'ok', message: '' },
    );
    assert.deepEqual(
      verdict.ruleset.map((object) => Object.keys(object)[0]),
      ['table', 'chain', 'rule'],
    );
    // 022 is octal
    assert.match(JSON.stringify(verdict.ruleset), /"right":\s?18\b/);
    const nothing = await judgeNftText(namespace, '');
    assert.deepEqual(nothing.ruleset, [], 'the ruleset before was not flushed');
  });

  test('refuses a syntax error and says the line', async () => {
    const verdict = await judgeNftText(namespace, 'table inet t {\n  chain c {\n    tcp dprt 22 accept\n  }\n}\n');
    assert.equal(verdict.accepted, false);
    assert.equal(verdict.stage, 'check');
    assert.equal(verdict.line, 3);
    assert.equal(verdict.column, 9);
    assert.match(verdict.message, /^syntax error, unexpected string/);
    assert.equal(verdict.crashed, false);
  });

  test('tells a load that fails after a check that passed', async () => {
    const verdict = await judgeNftText(
      namespace,
      'table ip t {\n  chain input {\n    type filter hook input priority filter\n    masquerade\n  }\n}\n',
    );
    assert.equal(verdict.accepted, false);
    assert.equal(verdict.load.accepted, false);
    // a newer nft may check more; what counts is that the load is asked as well, and its line is told
    assert.equal(verdict.stage, verdict.check.accepted ? 'load' : 'check');
    assert.equal(verdict.load.line, 4);
    assert.deepEqual(verdict.ruleset, []);
  });

  test('takes includes from the given working folder, and names the file of an error in one', async () => {
    const folder = path.join(namespace.folder, 'host');
    mkdirSync(path.join(folder, 'rules'), { recursive: true });
    writeFileSync(path.join(folder, 'main.nft'), 'include "./defs.nft"\ntable ip t {\n  chain c {\n    tcp dport $ssh accept\n  }\n}\n');
    writeFileSync(path.join(folder, 'defs.nft'), 'define ssh = 22\n');
    assert.equal((await judgeNft(namespace, path.join(folder, 'main.nft'))).stage, 'ok');

    const elsewhere = await judgeNft(namespace, path.join(folder, 'main.nft'), { cwd: path.join(folder, 'rules') });
    assert.equal(elsewhere.accepted, false);
    assert.match(elsewhere.message, /Could not open file "\.\/defs\.nft"|File not found: \.\/defs\.nft/);

    writeFileSync(path.join(folder, 'rules/defs.nft'), '\ndefine ssh = \n');
    const broken = await judgeNft(namespace, path.join(folder, 'main.nft'), { cwd: path.join(folder, 'rules') });
    assert.equal(broken.file, './defs.nft');
    assert.equal(broken.line, 2);
  });

  test('judges one after the other when asked at once', async () => {
    const verdicts = await Promise.all(
      ['a', 'b', 'c'].map((name) => judgeNftText(namespace, name === 'b' ? 'table\n' : `table ip ${name} {\n}\n`)),
    );
    assert.deepEqual(
      verdicts.map(({ accepted, ruleset }) => [accepted, ruleset.length]),
      [
        [true, 1],
        [false, 0],
        [true, 1],
      ],
    );
  });
});

describe('wg', { skip: skipReason('wg') }, () => {
  let namespace: Namespace;
  let device: WgDevice;
  before(async () => {
    namespace = await openNamespace();
    device = await startWgDevice(namespace);
  });
  after(() => namespace?.close());

  const hub = (...lines: readonly string[]): string =>
    ['[Interface]', `PrivateKey = ${hubKey}`, 'ListenPort = 51820', 'Address = 10.10.0.1/24', ...lines, ''].join('\n');
  const spoke = (...lines: readonly string[]): readonly string[] => ['[Peer]', `PublicKey = ${spokePublic}`, ...lines];

  test('takes a config and shows what the device holds, without its secrets', async () => {
    const verdict = await judgeWg(device, {
      text: hub(
        'PostUp = exit 1 # no hook runs',
        ...spoke(`PresharedKey = ${sharedKey}`, 'AllowedIPs = 10.10.0.2/32, fd00::2/128', 'Endpoint = 192.0.2.7:51820'),
      ),
    });
    assert.deepEqual(verdict, {
      accepted: true,
      stage: 'ok',
      message: '',
      warnings: [],
      state: {
        publicKey: hubPublic,
        privateKey: 'present',
        listenPort: 51820,
        fwmark: null,
        peers: [
          {
            publicKey: spokePublic,
            presharedKey: 'present',
            endpoint: '192.0.2.7:51820',
            allowedIps: ['10.10.0.2/32', 'fd00::2/128'],
            persistentKeepalive: null,
          },
        ],
      },
    });
    assert.doesNotMatch(JSON.stringify(verdict), new RegExp(`${literally(hubKey)}|${literally(sharedKey)}`));
  });

  test('says which tool refuses, in its words', async () => {
    const byWg = await judgeWg(device, { text: hub(...spoke('AllowedIPs = 10.10.0.2/33')) });
    assert.deepEqual(byWg, {
      accepted: false,
      stage: 'setconf',
      message: "AllowedIP is not in the correct format: `10.10.0.2/33'",
      warnings: [],
    });
    const byWgQuick = await judgeWg(device, { text: hub('SaveConfig = maybe') });
    assert.equal(byWgQuick.stage, 'strip');
    assert.match(byWgQuick.message, /`maybe' is neither true nor false/);
    const byName = await judgeWg(device, { text: hub(), fileName: 'a-name-too-long-for-linux.conf' });
    assert.equal(byName.stage, 'strip');
    assert.match(byName.message, /must be a valid interface name/);
  });

  test('keeps what wg only warns of', async () => {
    const verdict = await judgeWg(device, { text: hub(...spoke('AllowedIPs = 10.10.0.2/24')) });
    assert.equal(verdict.accepted, true);
    assert.deepEqual(verdict.warnings, ['Warning: AllowedIP has nonzero host part: 10.10.0.2/24']);
    assert.deepEqual(verdict.state?.peers[0]?.allowedIps, ['10.10.0.0/24']);
  });

  test('takes the bytes of a file as they are', async () => {
    const file = path.join(namespace.folder, 'wg7.conf');
    writeFileSync(file, Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(hub())]), { mode: 0o644 });
    // a byte order mark before [Interface] is part of the word for both tools
    assert.equal((await judgeWgFile(device, file)).accepted, false);
    writeFileSync(file, hub().replaceAll('\n', '\r\n'));
    assert.deepEqual((await judgeWgFile(device, file)).warnings, []);
    assert.equal((await judgeWgFile(device, file)).accepted, true);
  });

  test('resolves every host name to one address, at once', async () => {
    const verdict = await judgeWg(device, { text: hub(...spoke('Endpoint = hub.example.net:51820')) });
    assert.equal(verdict.state?.peers[0]?.endpoint, `${resolvedHost}:51820`);
    const impossible = await judgeWg(device, { text: hub(...spoke('Endpoint = -:51820')) });
    assert.equal(impossible.stage, 'setconf');
  });

  test('judges many on one device, which keeps nothing of the one before', async () => {
    const verdicts = await judgeWgMany(device, [
      { text: hub(...spoke('AllowedIPs = 10.10.0.2/32')) },
      { text: '[Interface]\n' },
      { text: hub('Peer = x') },
      { text: '[Interface]\n' },
    ]);
    assert.deepEqual(
      verdicts.map(({ accepted }) => accepted),
      [true, true, false, true],
    );
    for (const { state } of [verdicts[1], verdicts[3]].filter((verdict) => verdict !== undefined)) {
      assert.deepEqual([state?.privateKey, state?.peers.length], ['absent', 0]);
    }
  });

  test('goes on after wireguard-go has ended', async () => {
    // /proc shows the namespace's own processes alone
    const kill = 'for process in /proc/[0-9]*; do [ "$(cat $process/comm)" != wireguard-go ] || kill -KILL "$(basename $process)"; done';
    await namespace.run(['bash', '-c', kill]);
    assert.notEqual((await namespace.run(['wg', 'show', device.name])).status, 0);
    assert.equal((await judgeWg(device, { text: hub() })).accepted, true);
  });
});

describe('what wg says', () => {
  test('a dump is read without its keys; a peer without anything is read too', () => {
    const state = readDump(
      `${hubKey}\tpub=\t51820\t0xca6c\nz=\t(none)\t(none)\t(none)\t0\t0\t0\toff\na=\t${sharedKey}\t[2001:db8::1]:1\t10.0.0.2/32,10.0.0.1/32\t0\t0\t0\t25\n`,
    );
    assert.deepEqual(state, {
      publicKey: 'pub=',
      privateKey: 'present',
      listenPort: 51820,
      fwmark: 0xca6c,
      peers: [
        {
          publicKey: 'a=',
          presharedKey: 'present',
          endpoint: '[2001:db8::1]:1',
          allowedIps: ['10.0.0.1/32', '10.0.0.2/32'],
          persistentKeepalive: 25,
        },
        { publicKey: 'z=', presharedKey: 'absent', endpoint: null, allowedIps: [], persistentKeepalive: null },
      ],
    });
    assert.throws(
      () => readDump(`wg0\t${hubKey}\tpub=\t51820\toff\n`),
      (error: Error) => !error.message.includes(hubKey),
    );
  });

  test('a message loses the key it quotes, however the key is written', () => {
    const spaced = `${hubKey.slice(0, 20)} ${hubKey.slice(20, 42)}`;
    const quoted = spaced.replaceAll(' ', '');
    for (const line of [`PrivateKey = ${spaced}`, `private key=${spaced} # mine`, `Preshared\tKey\t=${spaced}`]) {
      const message = redact(`Key is not the correct length or format: \`${quoted}'`, `[Interface]\n${line}\n`);
      assert.equal(message, "Key is not the correct length or format: `(redacted)'", line);
    }
    assert.equal(redact(`Line unrecognized: \`PrivateKey=${quoted};'`, ''), "Line unrecognized: `PrivateKey=(redacted)'");
    assert.equal(redact("Unable to parse IP address: `10.0.0'", 'AllowedIPs = 10.0.0\n'), "Unable to parse IP address: `10.0.0'");
  });
});

function literally(text: string): string {
  return text.replace(/[+/=]/g, '\\$&');
}
