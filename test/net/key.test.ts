// WireGuard keys: what wg takes for one, and what may be kept of a private one. All keys here are made for these tests.
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { decodeKey, encodeKey, type KeyFault, publicKeyText, secretAt } from '../../server/src/net/key.ts';

const decoded = (text: string): Uint8Array | KeyFault => decodeKey(text, 0, text.length);
const span = { start: 3, end: 47 };

/** The public key of 32 private bytes, as OpenSSL derives it. */
function derivedByNode(bytes: Buffer): string {
  // RFC 8410: the 16 bytes before an X25519 private key in PKCS #8, the 12 before a public one in SubjectPublicKeyInfo
  const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), bytes]);
  const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  return key.export({ format: 'der', type: 'spki' }).subarray(12).toString('base64');
}

describe('a key', () => {
  test('is 32 bytes in base64, there and back', () => {
    for (let i = 0; i < 500; i++) {
      const bytes = randomBytes(32);
      const text = bytes.toString('base64');
      assert.deepEqual(decoded(text), new Uint8Array(bytes));
      assert.equal(encodeKey(bytes), text);
      assert.equal(publicKeyText(text), text);
    }
    assert.deepEqual(decoded(`${'A'.repeat(43)}=`), new Uint8Array(32));
    assert.deepEqual(decoded(`${'/'.repeat(42)}8=`), new Uint8Array(32).fill(255));
  });

  test('is read where it stands, and nothing around it', () => {
    const text = randomBytes(32).toString('base64');
    assert.deepEqual(decodeKey(`x${text}y`, 1, 45), decoded(text));
    assert.equal(decodeKey(`x${text}y`, 0, 46), 'length');
  });

  const good = `${'A'.repeat(42)}E=`;
  const faults: readonly (readonly [string, KeyFault, string])[] = [
    ['', 'length', 'nothing'],
    [good.slice(1), 'length', 'one character short'],
    [`A${good}`, 'length', 'one too many'],
    [`${good.slice(0, 43)}A`, 'ending', 'no = at the end'],
    [`${good.slice(0, 42)}==`, 'alphabet', 'two ='],
    [`${'A'.repeat(20)} ${'A'.repeat(21)}E=`, 'alphabet', 'a space'],
    [`${'A'.repeat(41)}-E=`, 'alphabet', 'the URL alphabet'],
    [`${'A'.repeat(41)}äE=`, 'alphabet', 'a letter that is none of base64'],
    [`${'A'.repeat(42)}B=`, 'canonical', 'bits that a key does not have'],
    [`${'A'.repeat(42)}/=`, 'canonical', 'the same'],
    // the first thing that wg would tell is told
    [`${'!'.repeat(44)}`, 'ending', 'a wrong character, and no ='],
    [`!${'A'.repeat(41)}B=`, 'alphabet', 'a wrong character, and bits too many'],
  ];
  for (const [text, fault, why] of faults) test(`fault ${fault}: ${why}`, () => assert.equal(decoded(text), fault));

  test('has one spelling: of the last characters, those wg knows', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const taken = [...alphabet].filter((c) => typeof decoded(`${'A'.repeat(42)}${c}=`) !== 'string');
    assert.equal(taken.join(''), 'AEIMQUYcgkosw048');
  });
});

describe('a secret', () => {
  test('gives the public key that OpenSSL derives, clamped or not', () => {
    for (let i = 0; i < 40; i++) {
      const bytes = randomBytes(32);
      const text = bytes.toString('base64');
      assert.equal(secretAt(text, 0, 44, span, true).publicKey, derivedByNode(bytes));
    }
    const pair = generateKeyPairSync('x25519');
    const own = pair.privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32).toString('base64');
    const other = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
    assert.equal(secretAt(own, 0, 44, span, true).publicKey, other);
  });

  test('is told from others by a fingerprint of this process', () => {
    const [a, b] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
    const first = secretAt(a, 0, 44, span, true);
    assert.equal(first.fingerprint, secretAt(`${b}${a}`, 44, 88, { start: 0, end: 44 }, false).fingerprint);
    assert.notEqual(first.fingerprint, secretAt(b, 0, 44, span, true).fingerprint);
    assert.notEqual(first.fingerprint, a);
    assert.deepEqual(first.span, span);
  });

  test('of zeros is no key, and a preshared one has no public half', () => {
    const zero = `${'A'.repeat(43)}=`;
    assert.deepEqual(
      { ...secretAt(zero, 0, 44, span, true), fingerprint: '' },
      { span, fault: null, zero: true, clamped: false, publicKey: null, fingerprint: '' },
    );
    const shared = secretAt(randomBytes(32).toString('base64'), 0, 44, span, false);
    assert.deepEqual([shared.fault, shared.zero, shared.publicKey], [null, false, null]);
  });

  test('that is faulty gives its fault alone', () => {
    assert.deepEqual(secretAt('/etc/wireguard/wg0.key', 0, 22, span, true), {
      span,
      fault: 'length',
      zero: false,
      clamped: false,
      publicKey: null,
      fingerprint: null,
    });
  });

  test('holds none of its characters', () => {
    for (let i = 0; i < 50; i++) {
      const text = randomBytes(32).toString('base64');
      for (const derive of [true, false]) {
        const kept = JSON.stringify(secretAt(text, 0, 44, span, derive));
        for (let at = 0; at + 8 <= text.length; at++) assert.ok(!kept.includes(text.slice(at, at + 8)));
      }
    }
  });
});
