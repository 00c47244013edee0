// meshwarden why: the promised JSON, batches in order, and what is no question.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meshwarden } from '../support/command-line.ts';

const mesh = 'examples/zero-trust-mesh';

test('the JSON has exactly the promised shape', async () => {
  const { status, out } = await meshwarden(['why', 'laptop', 'app', 'tcp/22', mesh, '--format', 'json']);
  assert.deepEqual(JSON.parse(out), {
    answer: 'no',
    hops: [
      { path: `${mesh}/laptop/etc/wireguard/wg0.conf`, line: 2, says: 'laptop has no ruleset here: it is assumed to accept' },
      { path: `${mesh}/laptop/etc/wireguard/wg0.conf`, line: 12, says: 'laptop sends it to hub' },
      {
        path: `${mesh}/laptop/etc/wireguard/wg0.conf`,
        line: 6,
        says: 'the preshared keys of laptop and hub are in files: they are taken to be the same',
      },
      { path: `${mesh}/hub/etc/nftables.conf`, line: 12, says: 'WireGuard’s own packets are taken to come to hub by eth0' },
      { path: `${mesh}/hub/etc/wireguard/wg0.conf`, line: 22, says: 'hub takes 10.10.0.7 from laptop' },
      { path: `${mesh}/hub/etc/nftables.conf`, line: 18, says: 'hub, chain forward: policy drop' },
      { path: `${mesh}/hub/etc/nftables.conf`, line: 18, says: 'hub does not let it through' },
    ],
    witness: { source: '10.10.0.7', destination: '10.10.0.20', protocol: 6, sourcePort: 49152, destinationPort: 22 },
  });
  assert.equal(status, 1);
});

test('of the laptop the app’s https, and nothing else of any host', async () => {
  const targets = ['10.10.0.1', '10.10.0.2', '10.10.0.20', '10.10.0.30', '10.10.0.31'];
  const questions = targets.flatMap((to) =>
    [22, 80, 443, 5432, 9090].flatMap((port) =>
      ['access', 'blast-radius'].map((view) => ({ from: 'laptop', to, proto: 'tcp', port, view })),
    ),
  );
  const { status, out } = await meshwarden(
    ['why', '--batch', '-', mesh],
    undefined,
    questions.map((one) => JSON.stringify(one)).join('\n'),
  );
  assert.equal(status, 0);
  const answers = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).answer);
  assert.equal(answers.length, questions.length);
  const open = questions.filter((_, i) => answers[i] !== 'no');
  assert.deepEqual(
    open.map(({ to, port, view }) => `${to} ${port} ${view}`),
    ['10.10.0.20 443 access', '10.10.0.20 443 blast-radius'],
  );
});

test('for people: the answer, and each line that says so', async () => {
  const { status, out } = await meshwarden(['why', 'laptop', '10.10.0.20', 'tcp/443', mesh]);
  assert.equal(status, 0);
  assert.match(out, /^yes {2}10\.10\.0\.7 → 10\.10\.0\.20\n/);
  assert.match(out, / {2}hub, chain forward: accept {2}\(examples\/zero-trust-mesh\/hub\/etc\/nftables\.conf:21\)\n/);
  assert.match(out, / {2}answer: laptop has 10\.10\.0\.7 {2}\(examples\/zero-trust-mesh\/laptop\/etc\/wireguard\/wg0\.conf:2\)\n$/);
});

test('what is no question is told, and ends with 2; in a batch its line says so and the others go on', async () => {
  for (const [args, message] of [
    [['nobody', 'app', 'tcp/22', mesh], /there is no host “nobody”; there are /],
    [['laptop', 'app', 'tcp', mesh], /tcp needs a port, as in tcp\/443/],
    [['laptop', 'app', 'icmp/3', mesh], /icmp has no ports/],
    [['laptop', 'app', 'http', mesh], /“http” is no service/],
    [['laptop', 'app'], /why takes FROM TO PROTO/],
    [['laptop', 'app', 'tcp/22', '--view', 'x'], /--view takes access or blast-radius/],
    [['laptop', 'app', 'tcp/22', mesh, '--source', 'fd00::1'], /two versions of IP/],
  ] as const) {
    const { status, err, out } = await meshwarden(['why', ...args]);
    assert.equal(status, 2, args.join(' '));
    assert.match(err, message);
    assert.equal(out, '');
  }
  const lines = ['{', '{"from":"laptop"}', '{"from":"laptop","to":"10.10.0.20","proto":"tcp","port":443}'];
  const { status, out } = await meshwarden(['why', '--batch', '-', mesh], undefined, lines.join('\n'));
  assert.equal(status, 0);
  const [first, second, third] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual([first, second], [{ error: 'this line is no JSON' }, { error: '“from” and “to” are missing' }]);
  assert.equal(third.answer, 'yes');
});
