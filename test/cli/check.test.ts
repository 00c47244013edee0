// meshwarden check: what it prints and how it ends.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { meshwarden } from '../support/command-line.ts';
import { folderOf } from '../support/folder.ts';

const sound = '[Interface]\nAddress = 10.10.0.7/32\n';
const refused = '[Interface]\nListnPort = 51820\n';
const advice = '[Interface]\nAddress = 10.10.0.7/24\n\n[Peer]\nPublicKey = {key}\nAllowedIPs = 10.10.0.0/24\n'.replace(
  '{key}',
  Buffer.alloc(32, 7).toString('base64'),
);

test('the JSON has exactly the promised shape', async (t) => {
  const folder = folderOf(t, { 'a/wg0.conf': refused });
  const { status, out, err } = await meshwarden(['check', '--format', 'json'], folder);
  assert.deepEqual(JSON.parse(out), {
    files: 1,
    findings: [
      {
        rule: 'wireguard/unknown-key',
        severity: 'error',
        refusedBy: 'wg',
        path: 'a/wg0.conf',
        start: { line: 2, column: 1 },
        end: { line: 2, column: 10 },
        message: 'wg knows no key “ListnPort” here: did you mean ListenPort?',
        fixes: [{ title: 'Change to ListenPort', safety: 'safe' }],
      },
    ],
  });
  assert.equal(status, 1);
  assert.equal(err, '');
});

test('what fails only later says when', async (t) => {
  const folder = folderOf(t, { 'wg0.conf': '[Interface]\nAddress = 10.10.0/24\nPostUp = echo "open\n' });
  const { out } = await meshwarden(['check', '--format', 'json'], folder);
  const { findings } = JSON.parse(out) as { findings: { rule: string; refusedBy: string | null; failsAt?: string }[] };
  assert.deepEqual(
    findings.map(({ rule, refusedBy, failsAt }) => ({ rule, refusedBy, failsAt })),
    [
      { rule: 'wireguard/invalid-value', refusedBy: null, failsAt: 'up' },
      { rule: 'wireguard/invalid-value', refusedBy: null, failsAt: 'hook' },
    ],
  );
});

test('for people: the place, the rule, the mend, and a sum', async (t) => {
  const folder = folderOf(t, { 'wg0.conf': refused });
  const { out } = await meshwarden(['check'], folder);
  assert.match(
    out,
    /^wg0\.conf\n {2}2:1 {2}error {2}wg knows no key “ListnPort” here: did you mean ListenPort\? {2}\[wireguard\/unknown-key\]\n {9}fix: Change to ListenPort\n/,
  );
  assert.match(out, /1 file checked: 1 error, 0 warnings, 0 pieces of information\.\n$/);
});

for (const [text, level, status] of [
  [sound, 'info', 0],
  [advice, 'info', 1],
  [advice, 'warning', 0],
  [refused, 'error', 1],
  [refused, 'never', 0],
] as const) {
  test(`--fail-on ${level} ends with ${status} where the worst is ${text === sound ? 'nothing' : text === advice ? 'information' : 'an error'}`, async (t) => {
    const ended = await meshwarden(['check', '--fail-on', level], folderOf(t, { 'wg0.conf': text }));
    assert.equal(ended.status, status, ended.out);
  });
}

test('--nft-version tells what is newer than the version that a ruleset is written for', async (t) => {
  const folder = folderOf(t, { 'nftables.conf': 'destroy table inet old\ntable inet filter {\n}\n' });
  const newest = await meshwarden(['check', '--fail-on', 'error'], folder);
  assert.equal(newest.status, 0, newest.out);
  const older = await meshwarden(['check', '--fail-on', 'error', '--nft-version', '1.0.6'], folder);
  assert.equal(older.status, 1, older.out);
  assert.match(older.out, /nftables\/newer-version/);
  assert.match(older.out, /since 1\.0\.7/);
});

for (const [args, says] of [
  [['check', '--nft-version', '0.9'], /--nft-version takes 1\.0\.6, /],
  [['check', '--format', 'xml'], /--format takes pretty or json, not “xml”/],
  [['check', '--wg-version', '1.0.0'], /--wg-version takes 1\.0\.20210914, 1\.0\.20250521, 1\.0\.20260223/],
  [['check', '--fail-on', 'everything'], /--fail-on takes error, warning, info, never/],
  [['check', '--colour'], /--colour/],
  [['chek'], /there is no command “chek”/],
  [['lsp'], /add --stdio/],
  [[], /meshwarden check \[PATH…\]/],
] as const) {
  test(`a wrong call ends with 2 and says the mend: ${args.join(' ') || '(nothing)'}`, async (t) => {
    const ended = await meshwarden(args, folderOf(t, {}));
    assert.equal(ended.status, 2);
    assert.match(ended.err, says);
    assert.equal(ended.out, '');
  });
}

test('--help and --version', async (t) => {
  const folder = folderOf(t, {});
  assert.match((await meshwarden(['--help'], folder)).out, /meshwarden check/);
  assert.match((await meshwarden(['--version'], folder)).out, /^\d+\.\d+\.\d+\n$/);
});

test('a path that is not there ends with 2; what is there is checked all the same', async (t) => {
  const folder = folderOf(t, { 'wg0.conf': refused });
  const ended = await meshwarden(['check', 'nowhere', 'wg0.conf'], folder);
  assert.equal(ended.status, 2);
  assert.match(ended.err, /^meshwarden: nowhere: there is no such file or folder\n$/);
  assert.match(ended.out, /wireguard\/unknown-key/);
});

test('files that are no text, too large or no ordinary files are told once, and the rest is checked', async (t) => {
  const folder = folderOf(t, {
    'wg0.conf': Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3]),
    'wg1.conf': Buffer.alloc(20 * 1024 * 1024, 'log line\n'),
    'wg2.conf': refused,
    'other.conf': 'server {\n  listen 80;\n}\n',
    'log.txt': 'nothing\n',
  });
  symlinkSync('.', path.join(folder, 'loop'));
  symlinkSync('gone.conf', path.join(folder, 'wg3.conf'));
  execFileSync('mkfifo', [path.join(folder, 'wg4.conf')]);
  const ended = await meshwarden(['check', '.'], folder);
  assert.equal(ended.status, 2);
  assert.deepEqual(ended.err.trimEnd().split('\n').sort(), [
    'meshwarden: wg0.conf: it is no text, it holds NUL bytes',
    'meshwarden: wg1.conf: it is too large to be a config (20 MB)',
  ]);
  assert.match(ended.out, /^wg2\.conf\n/);
  assert.match(ended.out, /1 file checked/);
  const named = await meshwarden(['check', 'other.conf', 'wg4.conf', 'wg2.conf'], folder);
  assert.equal(named.status, 2);
  assert.deepEqual(named.err.trimEnd().split('\n').sort(), [
    'meshwarden: other.conf: it is neither a WireGuard config nor an nftables ruleset',
    'meshwarden: wg4.conf: it is no ordinary file',
  ]);
});

test('a folder without files of ours is clean, and says so', async (t) => {
  const ended = await meshwarden(['check'], folderOf(t, { 'a.txt': '' }));
  assert.equal(ended.status, 0);
  assert.match(ended.err, /no WireGuard config and no nftables ruleset here/);
});

test('CRLF, a byte order mark, no final newline, a key of the wrong length: one message each', async (t) => {
  const folder = folderOf(t, {
    'crlf/wg0.conf': sound.replaceAll('\n', '\r\n'),
    'crlf/nftables.conf': 'table inet t {\r\n\tchain c {\r\n\t}\r\n}\r\n',
    'bom/wg0.conf': `\ufeff${sound}`,
    'bom/nftables.conf': '\ufefftable inet t {\n}\n',
    'open/wg0.conf': sound.trimEnd(),
    'open/nftables.conf': 'table inet t {\n}',
    'key/wg0.conf': '[Interface]\nPrivateKey = abc=\n',
  });
  const { out } = await meshwarden(['check', '--format', 'json'], folder);
  const { findings } = JSON.parse(out) as { findings: { path: string; rule: string; refusedBy: string }[] };
  assert.deepEqual(findings.map(({ path: file, rule, refusedBy }) => `${file} ${rule} ${refusedBy}`).sort(), [
    'bom/nftables.conf nftables/syntax nft',
    'bom/wg0.conf wireguard/syntax wg',
    'crlf/nftables.conf nftables/line-endings nft',
    'key/wg0.conf wireguard/invalid-value wg',
  ]);
});

test('what a ruleset includes counts, and nothing is told of it', async (t) => {
  const folder = folderOf(t, {
    'etc/nftables.conf': 'include "/etc/rules/*.inc"\ninclude "/etc/missing.inc"\n',
    'etc/rules/a.inc': 'include "/etc/rules/a.inc"\n',
  });
  const { out } = await meshwarden(['check', '--format', 'json'], folder);
  const { files, findings } = JSON.parse(out) as { files: number; findings: { rule: string; path: string; start: { line: number } }[] };
  assert.equal(files, 1);
  assert.deepEqual(
    findings.map(({ rule, path: at, start }) => ({ rule, at, line: start.line })),
    [{ rule: 'nftables/include', at: 'etc/nftables.conf', line: 2 }],
  );
});

test('the workspace file of a folder above counts, also for one file', async (t) => {
  const folder = folderOf(t, {
    'meshwarden.jsonc': '{ "rules": { "wireguard/unknown-key": "hint" } }\n',
    'hosts/a/wg0.conf': refused,
  });
  const { status, out } = await meshwarden(['check', '--format', 'json', 'hosts/a/wg0.conf'], folder);
  const { files, findings } = JSON.parse(out) as { files: number; findings: { rule: string; severity: string }[] };
  assert.deepEqual(
    findings.map(({ rule, severity }) => ({ rule, severity })),
    [{ rule: 'wireguard/unknown-key', severity: 'hint' }],
  );
  assert.equal(files, 1);
  assert.equal(status, 0);
});

test('of a part of the hosts the workspace file above says nothing about access', async () => {
  const hub = 'examples/zero-trust-mesh/hub';
  for (const args of [[hub], [`${hub}/etc/nftables.conf`], [`${hub}/etc/nftables.conf`, `${hub}/etc/wireguard/wg0.conf`]]) {
    const { out } = await meshwarden(['check', '--fail-on', 'never', '--format', 'json', ...args]);
    const { findings } = JSON.parse(out) as { findings: { rule: string }[] };
    assert.deepEqual(
      findings.filter(({ rule }) => rule.startsWith('policy/')),
      [],
      args.join(' '),
    );
  }
  const { status, err } = await meshwarden(['test', hub]);
  assert.equal(status, 2);
  assert.match(err, /there is no meshwarden\.jsonc with “tests” here/);
});
