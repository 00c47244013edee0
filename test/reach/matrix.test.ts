// Who reaches whom with what, in small meshes whose answers a person can tell.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressText } from '../../server/src/net/address.ts';
import type { Cell } from '../../server/src/reach/matrix/cell.ts';
import { differences } from '../../server/src/reach/matrix/differences.ts';
import { type AccessMatrix, accessMatrix } from '../../server/src/reach/matrix/matrix.ts';
import { countSenders, sendsAs } from '../../server/src/reach/matrix/sends-as.ts';
import { allServices, noServices } from '../../server/src/reach/matrix/service-set.ts';
import { serviceSetText } from '../../server/src/reach/matrix/service-text.ts';
import { takenFrom } from '../../server/src/reach/matrix/taken.ts';
import { witness } from '../../server/src/reach/matrix/witness.ts';
import type { View } from '../../server/src/reach/way/why.ts';
import { exampleFiles } from '../support/example-files.ts';
import { keyPair } from '../support/keys.ts';
import { analysed, type TextFiles } from '../support/mesh-files.ts';

const keys = { hub: keyPair(), laptop: keyPair(), app: keyPair(), db: keyPair() };
type Name = keyof typeof keys;

function config(own: Name, lines: string, ...peers: readonly (readonly [Name, string])[]): string {
  const parts = peers.map(([of, more]) => `[Peer]\nPublicKey = ${keys[of].publicKey}\n${more}\n`);
  return `[Interface]\nPrivateKey = ${keys[own].privateKey}\n${lines}\n\n${parts.join('\n')}`;
}

const toHub = (allowed: string): readonly [Name, string] => ['hub', `Endpoint = 192.0.2.1:51820\nAllowedIPs = ${allowed}`];

/** A hub with three spokes. */
function files(changes: TextFiles = {}): TextFiles {
  return {
    'hub/etc/wireguard/wg0.conf': hubConfig('10.0.0.2/32'),
    'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/24', toHub('10.0.0.0/24')),
    'app/etc/wireguard/wg0.conf': config('app', 'Address = 10.0.0.3/24', toHub('10.0.0.0/24')),
    'db/etc/wireguard/wg0.conf': config('db', 'Address = 10.0.0.4/24', toHub('10.0.0.0/24')),
    ...changes,
  };
}

function hubConfig(ofLaptop: string): string {
  return config(
    'hub',
    'Address = 10.0.0.1/24\nListenPort = 51820',
    ['laptop', `AllowedIPs = ${ofLaptop}`],
    ['app', 'AllowedIPs = 10.0.0.3/32'],
    ['db', 'AllowedIPs = 10.0.0.4/32'],
  );
}

const hubRules = (forward: string): TextFiles => ({
  'hub/etc/nftables.conf': `flush ruleset\ntable inet f {\n chain forward {\n type filter hook forward priority 0; policy drop;\n${forward}\n }\n}\n`,
});

function matrixOf(changes: TextFiles, view: View): AccessMatrix {
  return accessMatrix(analysed(files(changes)).mesh.model, view);
}

function place({ members }: AccessMatrix, name: string): number {
  const found = members.findIndex((member) => member.name === name);
  return found < 0 ? assert.fail(name) : found;
}

function cell(matrix: AccessMatrix, from: string, to: string): Cell {
  return matrix.cell(place(matrix, from), place(matrix, to));
}

/** `from → to: what`, of all cells where something gets through; `?` before what is not known, `!` before what has no answer. */
function told(matrix: AccessMatrix): readonly string[] {
  return matrix.members.flatMap((from, row) =>
    matrix.members.flatMap((to, column) => {
      const { allowed, unknown, oneWay } = matrix.cell(row, column);
      const texts = [
        ['', allowed],
        ['?', unknown],
        ['!', oneWay],
      ] as const;
      const shown = texts
        .filter(([, set]) => set.v4.length + set.v6.length > 0)
        .map(([mark, set]) => mark + serviceSetText(set, matrix.view));
      return shown.length === 0 ? [] : [`${from.name} → ${to.name}: ${shown.join(' ')}`];
    }),
  );
}

const toApp = 'ip saddr 10.0.0.2 ip daddr 10.0.0.3 tcp dport { 80, 443 } accept';

describe('access', () => {
  test('is what the hub’s rules let through, where answers come back', () => {
    assert.deepEqual(told(matrixOf(hubRules(`ct state established accept\n${toApp}`), 'access')), [
      'app → hub: any service',
      'db → hub: any service',
      'hub → app: any service',
      'hub → db: any service',
      'hub → laptop: any service',
      'laptop → app: tcp/80,443',
      'laptop → hub: any service',
    ]);
  });

  test('is told of rules that ask conntrack whose connection it is', () => {
    const rules = 'ct state established accept\nct original ip saddr 10.0.0.2 ip daddr 10.0.0.3 tcp dport 22 accept';
    assert.deepEqual(
      told(matrixOf(hubRules(rules), 'access')).filter((line) => !line.includes('hub')),
      ['laptop → app: tcp/22'],
    );
  });

  test('is one-way where wg-quick keeps answers from the address of a default route', () => {
    // the second interface has no address of its own, and sends as the first
    const second = keyPair();
    // its own packets have the mark of the first one's, by which they stay out of that
    const [port, none] = ['ListenPort = 51821\nFwMark = 51820', 'AllowedIPs = 10.0.0.2/32'];
    const changes = {
      'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/24', toHub('0.0.0.0/0')),
      'laptop/etc/wireguard/wg1.conf': `[Interface]\nPrivateKey = ${second.privateKey}\n${port}\n\n[Peer]\nPublicKey = ${keys.app.publicKey}\nAllowedIPs = 10.9.0.3/32\n`,
      'app/etc/wireguard/wg0.conf': `${config('app', 'Address = 10.9.0.3/24')}[Peer]\nPublicKey = ${second.publicKey}\nEndpoint = 192.0.2.2:51821\n${none}\n`,
    };
    const { allowed, oneWay } = cell(matrixOf(changes, 'access'), 'laptop', 'app');
    assert.equal(serviceSetText(oneWay, 'access'), serviceSetText(allowed, 'access'));
    assert.equal(serviceSetText(allowed, 'access'), 'any service');
  });

  test('is one-way without a rule for answers, and not known where a rule hangs on what passed before', () => {
    const rules = hubRules(`${toApp}\nip saddr 10.0.0.4 ip daddr 10.0.0.2 udp dport 53 limit rate 5/second accept`);
    const matrix = matrixOf(rules, 'access');
    assert.deepEqual(
      told(matrix).filter((line) => !line.includes('hub')),
      ['db → laptop: ?udp/53', 'laptop → app: tcp/80,443 !tcp/80,443'],
    );
  });
});

describe('blast radius', () => {
  test('is what gets through as anybody whom the hub takes the host for', () => {
    const wide = { ...hubRules('ip saddr 10.0.0.9 tcp dport 22 accept'), 'hub/etc/wireguard/wg0.conf': hubConfig('10.0.0.0/24') };
    const matrix = matrixOf(wide, 'blast-radius');
    const { allowed, flows } = cell(matrix, 'laptop', 'db');
    assert.equal(serviceSetText(allowed, 'blast-radius'), 'tcp/22');
    assert.deepEqual(
      flows.map(({ sources }) => sources.v4),
      [[{ from: 0x0a000009, to: 0x0a000009 }]],
    );
    assert.deepEqual(cell(matrix, 'laptop', 'laptop'), cell(matrix, 'app', 'db'));
    const { model, members } = matrix;
    const senders = countSenders(model, sendsAs(members[place(matrix, 'laptop')] ?? assert.fail()));
    assert.deepEqual(senders, { count: 254n, inUse: 2 });
  });

  test('of the hub is everything, and of a spoke what it reaches through the hub', () => {
    const matrix = matrixOf(hubRules(toApp), 'blast-radius');
    const taken = (name: string, through?: Parameters<typeof takenFrom>[2]): readonly string[] =>
      takenFrom(matrix, place(matrix, name), through).map(
        ({ member, way, services }) =>
          `${[...way, member].map((one) => matrix.members[one]?.name).join(' → ')}: ${serviceSetText(services, matrix.view)}`,
      );
    assert.deepEqual(taken('laptop'), ['laptop → app: tcp/80,443', 'laptop → hub: any service', 'laptop → hub → db: any service']);
    assert.deepEqual(taken('db', { ...noServices, v4: [{ from: 6 * 65536 + 22, to: 6 * 65536 + 22 }] }), [
      'db → hub: tcp/22',
      'db → hub → app: tcp/22',
      'db → hub → laptop: tcp/22',
    ]);
  });

  test('of the example’s laptop is one port of the app server', async () => {
    const matrix = accessMatrix(analysed(await exampleFiles('zero-trust-mesh')).mesh.model, 'blast-radius');
    assert.deepEqual(
      told(matrix).filter((line) => line.startsWith('laptop')),
      ['laptop → app: tcp/443'],
    );
  });
});

test('a witness is a packet of the cell', () => {
  const matrix = matrixOf(hubRules(`ct state established accept\n${toApp}`), 'access');
  const sent = witness(cell(matrix, 'laptop', 'app'), { v4: allServices('access', 4), v6: [] });
  assert.deepEqual(sent && [addressText(sent.source), addressText(sent.destination), sent.protocol, sent.destinationPort], [
    '10.0.0.2',
    '10.0.0.3',
    6,
    443,
  ]);
  assert.equal(witness(cell(matrix, 'laptop', 'db'), { v4: allServices('access', 4), v6: [] }), null);
});

test('an edit’s differences are who gains what, and who may send as whom', () => {
  const before = matrixOf(hubRules(toApp), 'blast-radius');
  const after = matrixOf(
    { ...hubRules(toApp.replace('80', '22')), 'hub/etc/wireguard/wg0.conf': hubConfig('10.0.0.2/32, 10.0.0.64/30') },
    'blast-radius',
  );
  const { cells, senders } = differences(before, after);
  assert.deepEqual(
    cells.map(({ from, to, gained, lost }) => [from.name, to.name, serviceSetText(gained, 'access'), serviceSetText(lost, 'access')]),
    [['laptop', 'app', 'tcp/22', 'tcp/80']],
  );
  assert.deepEqual(
    senders.map(({ member, gained, lost }) => [member.name, gained.v4, lost.v4]),
    [['laptop', [{ from: 0x0a000040, to: 0x0a000043 }], []]],
  );
});
