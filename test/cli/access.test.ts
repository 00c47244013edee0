// meshwarden access: the promised JSON, both views, and the article's mesh.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meshwarden } from '../support/command-line.ts';
import { exampleFiles } from '../support/example-files.ts';
import { folderOf } from '../support/folder.ts';

const mesh = 'examples/zero-trust-mesh';

/** Rows of the printed table, with one space between the columns. */
function rows(out: string): readonly string[] {
  return out
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ {2,}/g, ' '));
}

test('the JSON has exactly the promised shape', async () => {
  const { status, out, err } = await meshwarden(['access', mesh, '--format', 'json', '--from', 'app']);
  const { view, hosts, cells } = JSON.parse(out);
  assert.equal(view, 'access');
  assert.deepEqual(hosts[0], { name: 'app', kind: 'host', addresses: ['10.10.0.20/32'] });
  assert.deepEqual(
    hosts.map(({ name }: { name: string }) => name),
    ['app', 'collector', 'database', 'hub', 'laptop', 'metrics'],
  );
  assert.deepEqual(cells, [{ from: 'app', to: 'database', allowed: [{ ip: 4, protocol: 'tcp', ports: [[5432, 5432]] }] }]);
  assert.deepEqual([status, err], [0, '']);
});

test('the article’s mesh: who reaches whom, and nothing else', async () => {
  const { out } = await meshwarden(['access', mesh]);
  assert.deepEqual(rows(out), ['app → database tcp/5432', 'laptop → app tcp/443', 'metrics → collector tcp/9090']);
});

test('the laptop’s blast radius is app tcp/443 and nothing else', async () => {
  const { out } = await meshwarden(['access', mesh, '--view', 'blast-radius', '--from', 'laptop']);
  assert.deepEqual(rows(out), ['laptop → app tcp/443']);
});

/** As the article has it: it filters what it forwards, and not what it takes in. */
function articleRuleset(text: string): string {
  const changed = text.replace(/\tchain input \{[\s\S]*?\n\t\}\n\n/, '');
  assert.notEqual(changed, text);
  assert.ok(!changed.includes('hook input'));
  return changed;
}

test('with the article’s own ruleset it is app tcp/443 and every port of the hub, and the policy test says so', async (t) => {
  const files = exampleFiles('zero-trust-mesh');
  const ruleset = 'hub/etc/nftables.conf';
  const folder = folderOf(t, { ...files, [ruleset]: articleRuleset(files[ruleset] ?? '') });
  const { out } = await meshwarden(['access', folder, '--view', 'blast-radius', '--from', 'laptop']);
  assert.deepEqual(rows(out), ['laptop → app tcp/443', 'laptop → hub any service']);
  const tests = await meshwarden(['test', folder]);
  assert.equal(tests.status, 1);
  assert.match(tests.out, /FAIL {2}laptop deny \* /);
  assert.match(
    tests.out,
    /Once it is taken over, laptop reaches hub any service, expected denied\. Packet 10\.10\.0\.7 → 10\.10\.0\.1 icmp type 8 new\./,
  );
});

test('what is not known is told beside what is allowed', async (t) => {
  const files = exampleFiles('zero-trust-mesh');
  const ruleset = 'hub/etc/nftables.conf';
  const folder = folderOf(t, {
    ...files,
    [ruleset]: (files[ruleset] ?? '')
      .replace('ip saddr 10.10.0.7 ip daddr', 'ip saddr @staff ip daddr')
      .replace('chain input', 'set staff {\n\t\ttype ipv4_addr\n\t\tflags dynamic\n\t}\n\n\tchain input'),
    'app/etc/nftables.conf':
      'table inet f {\n\tchain output {\n\t\ttype filter hook output priority 0; policy accept;\n\t\toifname "wg0" ct state established drop\n\t}\n}\n',
  });
  const { out } = await meshwarden(['access', folder, '--from', 'laptop']);
  assert.deepEqual(rows(out), ['laptop → app not known: tcp/443']);
  const json = JSON.parse((await meshwarden(['access', folder, '--format', 'json', '--from', 'laptop'])).out);
  assert.deepEqual(json.cells, [{ from: 'laptop', to: 'app', unknown: [{ ip: 4, protocol: 'tcp', ports: [[443, 443]] }] }]);
});

test('what has no answer is told', async (t) => {
  const app =
    'table inet f {\n\tchain output {\n\t\ttype filter hook output priority 0; policy accept;\n\t\toifname "wg0" ct state established drop\n\t}\n}\n';
  const folder = folderOf(t, { ...exampleFiles('zero-trust-mesh'), 'app/etc/nftables.conf': app });
  const { out } = await meshwarden(['access', folder, '--from', 'laptop']);
  assert.deepEqual(rows(out), ['laptop → app tcp/443 no answer comes back: tcp/443']);
});

for (const [args, says] of [
  [['access', 'nowhere'], /nowhere: there is no such file or folder/],
  [['access', mesh, '--view', 'all'], /--view takes access or blast-radius, not “all”/],
  [['access', mesh, '--from', 'labtop'], /there is no host “labtop”; there are app, collector, database/],
  [['access', mesh, 'more'], /access takes one folder/],
  [['access', '--nope'], /--nope/],
] as const) {
  test(`a wrong call ends with 2 and says the mend: ${args.join(' ')}`, async () => {
    const { status, out, err } = await meshwarden(args);
    assert.equal(status, 2);
    assert.match(err, says);
    assert.equal(out, '');
  });
}
