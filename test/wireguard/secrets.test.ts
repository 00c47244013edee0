// No secret leaves its place: nothing that is made of a file holds the characters of a private or preshared key. The keys are canaries,
// made for this test.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seeded } from '../../scripts/bench/random.ts';
import { type ParsedFile, parsedFile, problemsOf } from '../../server/src/analysis/parsed-file.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';

const random = seeded(31);
const canary = () => Buffer.from(Array.from({ length: 32 }, () => random.int(256))).toString('base64');
const publicKey = 'I19fcUwvVEXSdRSdfylkRMvOLqeHdzbmrcCRgPtiY2k=';

/** All that is made of a file, its text left out. */
function everything(file: ParsedFile): string {
  const { wireguard, facts, list } = file;
  return JSON.stringify({ wireguard, facts, list, problems: problemsOf(file) }, (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
}

function expectNone(text: string, ...keys: readonly string[]): void {
  const kept = everything(parsedFile(sourceFile('file:///wg0.conf', 1, 'wireguard', text)));
  assert.ok(kept.length > 200);
  for (const key of keys) {
    assert.ok(text.includes(key), 'the canary is in the file');
    // not even a part of one
    for (let at = 0; at + 12 <= key.length; at++) {
      const found = kept.indexOf(key.slice(at, at + 12));
      assert.ok(found < 0, `a part of ${key} is kept: … ${kept.slice(Math.max(0, found - 80), found + 40)} …`);
    }
  }
}

describe('the tree, the facts and the problems of a file hold nothing of', () => {
  const inInterface = (line: string) => `[Interface]\n${line}\n[Peer]\nPublicKey = ${publicKey}\n`;
  const inPeer = (line: string) => `[Interface]\nListenPort = 51820\n[Peer]\nPublicKey = ${publicKey}\n${line}\n`;
  const places: readonly (readonly [string, (key: string) => string])[] = [
    ['a private key', (key) => inInterface(`PrivateKey = ${key}`)],
    ['a preshared key', (key) => inPeer(`PresharedKey = ${key}`)],
    ['a key with a comment', (key) => inInterface(`PrivateKey = ${key} # mine`)],
    ['a key before any section', (key) => `PrivateKey = ${key}\n`],
    ['a key in the wrong section', (key) => inPeer(`PrivateKey = ${key}`)],
    ['a key behind a section that wg does not know', (key) => `[Nothing]\nPrivateKey = ${key}\n[Interface]\n`],
    ['a key that lost its =', (key) => inInterface(`PrivateKey ${key.slice(0, 43)}`)],
    ['a key on a line of its own', (key) => inInterface(key.slice(0, 43))],
    ['a key under a name that wg does not know', (key) => inInterface(`PrivatKey = ${key}`)],
    ['a key as the name of a key', (key) => inInterface(`${key.slice(0, 43)} = x`)],
    ['a key as a section', (key) => `[${key.slice(0, 43)}]\n`],
    ['a key in a comment', (key) => `[Interface]\nListenPort = 51820\n# PrivateKey = ${key}\n# ${key}\n[Peer] # ${key}\n# Name = ${key}\n`],
    ['a key as an address', (key) => inInterface(`Address = ${key}`)],
    ['a key as a port', (key) => inInterface(`ListenPort = ${key}`)],
    ['a key as a table', (key) => inInterface(`Table = ${key}`)],
    ['a key as a resolver', (key) => inInterface(`DNS = ${key}`)],
    ['a key as a number', (key) => inInterface(`MTU = ${key}\nFwMark = ${key}\nSaveConfig = ${key}`)],
    ['a key as allowed IPs', (key) => inPeer(`AllowedIPs = ${key}, 10.0.0.1/32`)],
    ['a key as an endpoint', (key) => inPeer(`Endpoint = ${key.slice(0, 43)}:51820`)],
    ['a key as a keepalive', (key) => inPeer(`PersistentKeepalive = ${key}`)],
    [
      'a key in hooks',
      (key) =>
        inInterface(
          `PostUp = echo ${key} | wg set %i private-key /dev/stdin; wg set %i peer ${publicKey} preshared-key <(echo '${key}')\nPreUp = ${key}\nPostDown = sysctl -w x=${key}`,
        ),
    ],
    [
      'a key in a hook in the place of its file',
      (key) => inInterface(`PostUp = wg set %i private-key ${key} peer ${publicKey} preshared-key ${key}`),
    ],
    ['a key behind a byte order mark', (key) => `\ufeffPrivateKey = ${key}\n[Interface]\n`],
  ];
  for (const [what, text] of places) {
    test(what, () => {
      for (let i = 0; i < 5; i++) {
        const key = canary();
        const whole = text(key);
        expectNone(whole, whole.includes(key) ? key : key.slice(0, 43));
      }
    });
  }

  test('a key with a space or a wrong character in it', () => {
    for (let i = 0; i < 20; i++) {
      const key = canary();
      for (const broken of [
        `${key.slice(0, 20)} ${key.slice(20)}`,
        `${key.slice(0, 20)}!${key.slice(20)}`,
        `${key.slice(0, 30)}…${key.slice(31)}`,
      ]) {
        const parts = broken.split(/[ !…]/);
        expectNone(inInterface(`PrivateKey = ${broken}`), ...parts);
        expectNone(inPeer(`PresharedKey = ${broken}`), ...parts);
        expectNone(inPeer(`AllowedIPs = ${broken}`), ...parts);
      }
    }
  });
});
