// meshwarden generate: rulesets, AllowedIPs and grants on the command line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meshwarden } from '../support/command-line.ts';
import { exampleFiles } from '../support/example-files.ts';
import { folderOf } from '../support/folder.ts';

const mesh = 'examples/zero-trust-mesh';

test('a host’s table is printed as it is to be loaded, and its comments name the grants', async () => {
  const { status, out, err } = await meshwarden(['generate', 'nftables', '--host', 'hub', mesh]);
  assert.deepEqual([status, err], [0, '']);
  assert.match(out, /^# Who may reach whom on hub /);
  assert.match(out, /\ntable inet meshwarden\ndelete table inet meshwarden\ntable inet meshwarden \{\n/);
  assert.match(out, /\t10\.10\.0\.7 \. 10\.10\.0\.20 \. 443 comment "laptop -> app tcp:443",\n/);
  assert.match(out, /limit rate 10\/minute log prefix "meshwarden forward: "\n/);
  const json = JSON.parse((await meshwarden(['generate', 'nftables', '--host', 'hub', mesh, '--format', 'json'])).out);
  assert.deepEqual(json, { host: 'hub', text: out, troubles: [] });
});

test('the example has the AllowedIPs that its grants need', async () => {
  const { status, out, err } = await meshwarden(['generate', 'allowed-ips', mesh]);
  assert.deepEqual([status, err], [0, '']);
  assert.doesNotMatch(out, /to be changed/);
  assert.match(
    out,
    /^examples\/zero-trust-mesh\/app\/etc\/wireguard\/wg0\.conf\n {2}9: hub {2}AllowedIPs = 10\.10\.0\.2\/32, 10\.10\.0\.7\/32\n/,
  );
});

test('the JSON has exactly the promised shape, and what is to be changed is told', async (t) => {
  const files = exampleFiles('zero-trust-mesh');
  const hub = 'hub/etc/wireguard/wg0.conf';
  const folder = folderOf(t, {
    ...files,
    [hub]: (files[hub] ?? '').replace('10.10.0.7/32', '10.10.0.0/24'),
    'meshwarden.jsonc': '{ "grants": [{ "src": "laptop", "dst": ["app", "192.168.9.0/24"], "ip": "tcp:443" }] }\n',
  });
  const { status, out, err } = await meshwarden(['generate', 'allowed-ips', '--format', 'json'], folder);
  assert.equal(status, 1);
  const { entries, troubles } = JSON.parse(out);
  const of = (host: string, peer: string): object =>
    entries.find((one: { host: string; peer: string }) => one.host === host && one.peer === peer);
  assert.deepEqual(of('hub', 'laptop'), {
    path: hub,
    line: 20,
    host: 'hub',
    interface: 'wg0',
    peer: 'laptop',
    allowedIps: ['10.10.0.7/32'],
    same: false,
  });
  assert.deepEqual(of('hub', 'metrics'), {
    path: hub,
    line: 35,
    host: 'hub',
    interface: 'wg0',
    peer: 'metrics',
    allowedIps: [],
    same: false,
  });
  assert.deepEqual(of('laptop', 'hub'), {
    path: 'laptop/etc/wireguard/wg0.conf',
    line: 9,
    host: 'laptop',
    interface: 'wg0',
    peer: 'hub',
    allowedIps: ['10.10.0.20/32'],
    same: true,
  });
  const says = 'nobody is known to have 192.168.9.0/24: state whose network it is by “routes” in “hosts”';
  assert.deepEqual(troubles, [{ path: 'meshwarden.jsonc', line: 1, says }]);
  assert.equal(err, `meshwarden: meshwarden.jsonc:1: ${says}\n`);
});

test('a matrix as people draw it becomes grants', async (t) => {
  const table = '| from \\ to | app | database |\n| --- | --- | --- |\n| laptop | 443/tcp | - |\n| app | | tcp/5432, ping |\n';
  const expected =
    '{\n  "grants": [\n    { "src": ["laptop"], "dst": ["app"], "ip": ["tcp:443"] },\n    { "src": ["app"], "dst": ["database"], "ip": ["tcp:5432", "icmp"] }\n  ]\n}\n';
  const read = await meshwarden(['generate', 'grants'], undefined, table);
  assert.deepEqual({ ...read }, { status: 0, out: expected, err: '' });
  const folder = folderOf(t, { 'matrix.csv': 'from,to,port\nlaptop,app,443\n' });
  const wrong = await meshwarden(['generate', 'grants', 'matrix.csv'], folder);
  assert.deepEqual(
    { ...wrong },
    { status: 1, out: '', err: 'meshwarden: matrix.csv:2: “443” of which protocol? Write tcp:443 or udp:443\n' },
  );
});

for (const [args, says] of [
  [['generate'], /generate takes nftables, allowed-ips or grants/],
  [['generate', 'iptables'], /generate takes nftables, allowed-ips or grants/],
  [['generate', 'nftables', mesh], /--host is missing; there are app, collector/],
  [['generate', 'nftables', '--host', 'hup', mesh], /there is no host “hup”; there are app/],
  [['generate', 'allowed-ips', 'examples/flat-mesh'], /there is no meshwarden\.jsonc with “grants” here/],
  [['generate', 'grants', 'nowhere.md'], /nowhere\.md: it cannot be read/],
] as const) {
  test(`a wrong call ends with 2 and says the mend: ${args.join(' ')}`, async () => {
    const { status, out, err } = await meshwarden(args);
    assert.deepEqual([status, out], [2, '']);
    assert.match(err, says);
  });
}
