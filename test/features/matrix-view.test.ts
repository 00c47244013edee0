// The matrix as data for whoever draws it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ShownMesh, shownMatrix } from '../../server/src/features/access/matrix-view.ts';
import { matrixTable, tableFormats } from '../../server/src/features/access/table.ts';
import { grantsFromTable } from '../../server/src/generate/from-table.ts';
import type { AccessMatrix } from '../../server/src/reach/matrix/matrix.ts';
import { exampleFiles } from '../support/example-files.ts';
import { drained, fourHosts, hubConfig, hubPath, matrixOf, publicKeyOf, webToApp, withTablet } from '../support/four-hosts.ts';

/** `from → to: what`, by the names of classes. */
function told(mesh: ShownMesh<unknown>): readonly string[] {
  const nameOf = (of: number): string => (mesh.classes[of] ?? []).map((one) => mesh.members[one]?.name).join('+');
  return mesh.cells.map(
    ({ from, to, state, allowed, oneWay, unknown }) =>
      `${nameOf(from)} → ${nameOf(to)}: ${state} ${[allowed, oneWay && `!${oneWay}`, unknown && `?${unknown}`].filter(Boolean).join(' ')}`,
  );
}

function only(matrix: AccessMatrix): ShownMesh<string> {
  const { meshes, tooMany } = drained(shownMatrix(matrix, ({ uri }) => uri));
  assert.equal(tooMany, 0);
  assert.equal(meshes.length, 1);
  return meshes[0] ?? assert.fail();
}

describe('the shown matrix', () => {
  test('of the zero-trust example says that a taken laptop reaches one port of the app server, and nothing else', () => {
    const mesh = only(matrixOf(exampleFiles('zero-trust-mesh'), 'blast-radius'));
    assert.deepEqual(
      told(mesh).filter((line) => line.startsWith('laptop')),
      ['laptop → app: allowed tcp/443'],
    );
  });

  test('takes hosts that fare alike as one, and says what they do to each other', () => {
    const both = 'ct state established accept\nip saddr { 10.0.0.2, 10.0.0.5 } ip daddr 10.0.0.3 tcp dport 443 accept';
    const mesh = only(matrixOf(withTablet(both), 'access'));
    assert.deepEqual(
      told(mesh).filter((line) => !line.includes('hub')),
      ['laptop+tablet → app: allowed tcp/443'],
    );
    const talking = `${both}\nip saddr { 10.0.0.2, 10.0.0.5 } ip daddr { 10.0.0.2, 10.0.0.5 } udp dport 5353 accept`;
    assert.deepEqual(
      told(only(matrixOf(withTablet(talking), 'access'))).filter((line) => !line.includes('hub')),
      ['laptop+tablet → app: allowed tcp/443', 'laptop+tablet → laptop+tablet: allowed udp/5353'],
    );
  });

  test('tells what has no answer and what is not known apart', () => {
    const rules =
      'ip saddr 10.0.0.2 ip daddr 10.0.0.3 tcp dport 443 accept\nip saddr 10.0.0.4 ip daddr 10.0.0.2 udp dport 53 limit rate 5/second accept';
    assert.deepEqual(
      told(only(matrixOf(fourHosts(rules), 'access'))).filter((line) => !line.includes('hub')),
      ['db → laptop: maybe ?udp/53', 'laptop → app: one-way tcp/443 !tcp/443'],
    );
  });

  test('names roles, addresses and where each is written, and links that both ends list', () => {
    const files = fourHosts(webToApp, { [hubPath]: hubConfig('10.0.0.2/32', ['tablet', 'AllowedIPs = 10.0.0.5/32']) });
    const mesh = only(matrixOf(files, 'access'));
    const shown = mesh.members.map(({ name, kind, role, addresses }) => [kind, name, role, addresses].join(' '));
    const key = publicKeyOf('tablet').slice(0, 6);
    assert.deepEqual(shown, [
      'host app spoke 10.0.0.3',
      'host db spoke 10.0.0.4',
      'host hub hub 10.0.0.1',
      'host laptop spoke 10.0.0.2',
      `peer the peer ${key}… spoke 10.0.0.5`,
    ]);
    const links = mesh.links.map(({ a, b, both }) => `${mesh.members[a]?.name} ${both ? '–' : '-'} ${mesh.members[b]?.name}`);
    assert.deepEqual(links, ['app – hub', 'db – hub', 'hub – laptop', `hub - the peer ${key}…`]);
    assert.deepEqual(
      mesh.members.map(({ place }) => place?.split('/').at(-4)),
      ['app', 'db', 'hub', 'laptop', 'hub'],
    );
  });

  test('lists hosts that nobody is joined with by name alone', () => {
    const { meshes, alone } = drained(
      shownMatrix(matrixOf({ 'nas/etc/wireguard/wg0.conf': '[Interface]\nAddress = 10.9.0.1/24\n' }, 'access'), () => null),
    );
    assert.deepEqual([meshes, alone], [[], ['nas']]);
  });
});

describe('the table to paste elsewhere', () => {
  const rules = `${webToApp}\nip saddr 10.0.0.4 ip daddr 10.0.0.2 udp dport 53 limit rate 5/second accept`;

  test('is Markdown with services as grants write them', () => {
    const rows = drained(matrixTable(matrixOf(fourHosts(rules), 'access'), 'markdown')).split('\n');
    assert.equal(rows[0], '| from \\\\ to | app | db | hub | laptop |');
    assert.equal(
      rows.find((row) => row.startsWith('| laptop')),
      '| laptop | tcp:80, tcp:443 |  |  |  |',
    );
    assert.equal(
      rows.find((row) => row.startsWith('| db')),
      '| db |  |  |  | ?udp:53 |',
    );
    assert.equal(
      rows.find((row) => row.startsWith('| hub')),
      '| hub | * | * |  | * |',
    );
  });

  test('comes back as the grants that it shows', () => {
    for (const format of tableFormats) {
      const table = drained(matrixTable(matrixOf(exampleFiles('zero-trust-mesh'), 'access'), format));
      assert.deepEqual(grantsFromTable(table), {
        grants: [
          { src: ['app'], dst: ['database'], ip: ['tcp:5432'] },
          { src: ['laptop'], dst: ['app'], ip: ['tcp:443'] },
          { src: ['metrics'], dst: ['collector'], ip: ['tcp:9090'] },
        ],
        problems: [],
      });
    }
  });

  test('is CSV whose fields no spreadsheet takes for more', () => {
    const { 'db/etc/wireguard/wg0.conf': db = '', ...others } = fourHosts(rules);
    const files = { ...others, '=db/etc/wireguard/wg0.conf': db };
    const rows = drained(matrixTable(matrixOf(files, 'access'), 'csv')).split('\r\n');
    assert.equal(rows[0], "from \\ to,'=db,app,hub,laptop");
    assert.equal(
      rows.find((row) => row.startsWith('laptop')),
      'laptop,,"tcp:80, tcp:443",,',
    );
  });
});
