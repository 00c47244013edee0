// meshwarden test: what it prints and how it ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meshwarden } from '../support/command-line.ts';
import { exampleFiles } from '../support/example-files.ts';
import { folderOf } from '../support/folder.ts';

function withTests(tests: readonly object[], more: object = {}): Record<string, string> {
  return { ...exampleFiles('zero-trust-mesh'), 'meshwarden.jsonc': `${JSON.stringify({ ...more, tests }, null, 2)}\n` };
}

test('the example’s tests hold', async () => {
  const { status, out, err } = await meshwarden(['test', 'examples/zero-trust-mesh']);
  assert.deepEqual([status, err], [0, '']);
  assert.match(out, /^\d+ of \d+ checks passed\.\n$/);
});

test('a failing test names the packet, the line that decides, and every line on the way', async (t) => {
  const folder = folderOf(
    t,
    withTests([
      { src: 'laptop', deny: ['app:tcp:443'] },
      { src: 'laptop', accept: ['app:tcp:443', 'database:tcp:22'] },
    ]),
  );
  const { status, out } = await meshwarden(['test'], folder);
  assert.equal(status, 1);
  assert.match(
    out,
    new RegExp(
      [
        '^FAIL {2}laptop deny app:tcp:443 {2}\\(meshwarden\\.jsonc:6\\)',
        ' {2}laptop reaches app tcp/443, expected denied\\. Packet 10\\.10\\.0\\.7:49152 → 10\\.10\\.0\\.20:443 tcp new\\.',
        ' {2}decided by hub/etc/nftables\\.conf:21',
      ].join('\n'),
    ),
  );
  assert.match(out, / {4}hub, chain forward: accept {2}\(hub\/etc\/nftables\.conf:21\)\n/);
  assert.match(out, /\nFAIL {2}laptop accept database:tcp:22 .*\n {2}laptop does not reach database tcp\/22, expected accepted\./);
  assert.match(out, /\n1 of 3 checks passed: 2 failed\.\n$/);
});

test('the JSON has exactly the promised shape', async (t) => {
  const folder = folderOf(t, withTests([{ src: ['laptop'], accept: ['app:tcp:443'], deny: ['app:tcp:22', 'app:tcp:443'] }]));
  const { status, out } = await meshwarden(['test', '--format', 'json'], folder);
  assert.equal(status, 0, 'what a test accepts is not denied');
  assert.deepEqual(JSON.parse(out), {
    passed: 3,
    tests: [
      { path: 'meshwarden.jsonc', line: 8, src: ['laptop'], expected: 'accept', target: 'app:tcp:443', result: 'pass' },
      { path: 'meshwarden.jsonc', line: 11, src: ['laptop'], expected: 'deny', target: 'app:tcp:22', result: 'pass' },
      { path: 'meshwarden.jsonc', line: 12, src: ['laptop'], expected: 'deny', target: 'app:tcp:443', result: 'pass' },
    ],
  });
  const failing = folderOf(t, withTests([{ src: 'metrics', deny: ['collector:tcp:9090'] }]));
  const [one] = JSON.parse((await meshwarden(['test', '--format', 'json'], failing)).out).tests;
  assert.deepEqual(
    { ...one, hops: one.hops.length },
    {
      path: 'meshwarden.jsonc',
      line: 6,
      src: ['metrics'],
      expected: 'deny',
      target: 'collector:tcp:9090',
      result: 'fail',
      says: 'metrics reaches collector tcp/9090, expected denied. Packet 10.10.0.31:49152 → 10.10.0.30:9090 tcp new.',
      packet: '10.10.0.31:49152 → 10.10.0.30:9090 tcp new',
      decides: { path: 'hub/etc/nftables.conf', line: 25 },
      hops: one.hops.length,
    },
  );
  assert.ok(one.hops.length > 6);
});

test('a name that nobody has does not pass', async (t) => {
  const { status, out } = await meshwarden(['test'], folderOf(t, withTests([{ src: 'labtop', deny: ['app:*'] }])));
  assert.equal(status, 1);
  assert.match(out, /^UNCLEAR {2}labtop deny app:\* .*\n {2}It is not known who “labtop” is\.\n\n0 of 1 check passed: 1 unclear\.\n$/);
});

test('no tests, and a workspace file that cannot be read whole, end with 2', async (t) => {
  const none = await meshwarden(['test', 'examples/flat-mesh']);
  assert.deepEqual([none.status, none.out], [2, '']);
  assert.match(none.err, /there is no meshwarden\.jsonc with “tests” here/);
  const folder = folderOf(
    t,
    withTests([
      { src: 'laptop', deny: ['app:tcp:443'] },
      { src: 'laptop', denny: ['*'], deny: ['*'] },
    ]),
  );
  const wrong = await meshwarden(['test'], folder);
  assert.deepEqual([wrong.status, wrong.out], [2, '']);
  assert.match(wrong.err, /^meshwarden: meshwarden\.jsonc:11: A test has no “denny”: did you mean deny\?\n$/);
});
