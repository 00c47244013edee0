// What another version of wg and wg-quick reads otherwise: signs in AllowedIPs, a # in a hook.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsedFile, problemsOf } from '../../server/src/analysis/parsed-file.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import { type WgVersion, wgVersions } from '../../server/src/wireguard/version.ts';
import { keyPair } from '../support/keys.ts';

const { publicKey } = keyPair();

function read(text: string, wgVersion: WgVersion) {
  return parsedFile(sourceFile('file:///wg0.conf', 1, 'wireguard', text), undefined, null, { wgVersion });
}

function problems(text: string): readonly (readonly [WgVersion, readonly string[]])[] {
  return wgVersions.map((version) => [
    version,
    problemsOf(read(text, version)).map(({ problem: { rule, refusedBy, failsAt }, span }) =>
      [rule, text.slice(span.start, span.end), refusedBy ?? failsAt ?? ''].join(' | '),
    ),
  ]);
}

test('signs before an AllowedIPs entry are taken since 1.0.20250521', () => {
  assert.deepEqual(problems(`[Peer]\nPublicKey = ${publicKey}\nAllowedIPs = +10.0.0.1/32\n`), [
    ['1.0.20210914', ['wireguard/invalid-value | +10.0.0.1/32 | wg']],
    ['1.0.20250521', ['wireguard/signed-allowed-ips | +10.0.0.1/32 | ']],
    ['1.0.20260223', ['wireguard/signed-allowed-ips | +10.0.0.1/32 | ']],
  ]);
});

test('a hook is cut at # before 1.0.20260223, which is told where bash would have read on', () => {
  assert.deepEqual(problems('[Interface]\nPostUp = echo "a #1" b\n'), [
    ['1.0.20210914', ['wireguard/hook-cut | #1" b | hook']],
    ['1.0.20250521', ['wireguard/hook-cut | #1" b | hook']],
    ['1.0.20260223', []],
  ]);
  assert.deepEqual(
    problems('[Interface]\nPostUp = echo a#b # c\n').map(([, said]) => said),
    [['wireguard/hook-cut | #b # c | '], ['wireguard/hook-cut | #b # c | '], []],
  );
  for (const [version, said] of problems("[Interface]\nPostUp = echo a # isn't\nPostUp = echo b\n")) assert.deepEqual(said, [], version);
});

test('facts are those of the version, and a tree of another version is not kept', () => {
  const text = '[Interface]\nPostUp = echo a#b c\n';
  const newest = read(text, '1.0.20260223');
  const damage = { start: text.length, oldEnd: text.length, newEnd: text.length };
  const old = parsedFile(newest.source, newest, damage, { wgVersion: '1.0.20210914' });
  assert.equal(problemsOf(newest).length, 0);
  assert.equal(problemsOf(old).length, 1);
  assert.deepEqual(
    [newest, old].map(({ facts }) => facts.language === 'wireguard' && facts.version),
    ['1.0.20260223', '1.0.20210914'],
  );
});

test('a key of wg-quick without = is its own value', () => {
  const said = (line: string) => problems(`[Interface]\n${line}\n`)[2]?.[1];
  assert.deepEqual(said('PostUp'), ['wireguard/syntax | PostUp | hook']);
  assert.deepEqual(said('mtu # x'), ['wireguard/syntax | mtu | up']);
  assert.deepEqual(said('SaveConfig'), ['wireguard/syntax | SaveConfig | wg-quick']);
  assert.deepEqual(said('DNS'), ['wireguard/syntax | DNS | ']);
  assert.deepEqual(said('ListenPort'), ['wireguard/syntax | ListenPort | wg']);
});

test('ports are read as getaddrinfo reads them', () => {
  const said = (port: string) => problems(`[Interface]\nListenPort = ${port}\n`)[2]?.[1].map((one) => one.split(' | ')[0]);
  assert.deepEqual(['051820', '+51820'].map(said), [[], []]);
  assert.deepEqual(['65536', '99999999999', '-4294967295'].map(said), [
    ['wireguard/cut-value'],
    ['wireguard/cut-value'],
    ['wireguard/cut-value'],
  ]);
  assert.deepEqual(['-1', '4294967295', '99999999999999999999999', '0x10', '*'].map(said), Array(5).fill(['wireguard/invalid-value']));
});
