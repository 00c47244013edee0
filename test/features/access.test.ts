// What lenses, hovers, explanations and traces say.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Analysis } from '../../server/src/analysis/analysis.ts';
import { placeSpan } from '../../server/src/analysis/parsed-file.ts';
import { changesText, shownChanges } from '../../server/src/features/access/changes.ts';
import { explainedCell } from '../../server/src/features/access/explain.ts';
import { shownHost } from '../../server/src/features/access/host-details.ts';
import { type MeshNode, meshTree } from '../../server/src/features/access/mesh-tree.ts';
import { reachParagraphs } from '../../server/src/features/access/reach-hover.ts';
import { type TraceAsked, type Traced, traced } from '../../server/src/features/access/trace.ts';
import { placeWithId } from '../../server/src/features/access/who.ts';
import { hostLenses, hostLensText } from '../../server/src/features/lenses.ts';
import { differences } from '../../server/src/reach/matrix/differences.ts';
import { type AccessMatrix, accessMatrix } from '../../server/src/reach/matrix/matrix.ts';
import { positionAt } from '../../server/src/text/lines.ts';
import type { Origin } from '../../server/src/text/origin.ts';
import { exampleFiles } from '../support/example-files.ts';
import { fourHosts, hubConfig, hubPath, idOf, matrixOf, rulesPath, webToApp } from '../support/four-hosts.ts';
import { analysed, pathOf, type TextFiles, uriOf } from '../support/mesh-files.ts';

function places(analysis: Analysis): (origin: Origin) => string | null {
  return ({ uri, ...at }) => {
    const file = analysis.files.get(uri);
    const span = file && placeSpan(file, at);
    return file && span ? `${pathOf(uri)}:${positionAt(file.source.lines, span.start).line + 1}` : null;
  };
}

function lensTexts(files: TextFiles, path: string): readonly (string | null)[] {
  const analysis = analysed(files);
  const matrix = accessMatrix(analysis.mesh.model, 'blast-radius');
  const node = analysis.mesh.model.links.interfaceOf.get(uriOf(path)) ?? assert.fail();
  return hostLenses(analysis, uriOf(path)).map(({ peer }) => hostLensText(matrix, node, peer));
}

describe('a lens', () => {
  test('over each peer of the zero-trust hub says what it reaches once it is taken, who reaches it, and as whom it may send', () => {
    const files = exampleFiles('zero-trust-mesh');
    assert.deepEqual(lensTexts(files, 'hub/etc/wireguard/wg0.conf').slice(1), [
      'reaches nothing · reachable from app and hub · may send as itself alone',
      'reaches app tcp/443 · reachable from hub · may send as itself alone',
      'reaches database tcp/5432 · reachable from hub and laptop · may send as itself alone',
      'reaches nothing · reachable from hub and metrics · may send as itself alone',
      'reaches collector tcp/9090 · reachable from hub · may send as itself alone',
    ]);
    const wide = { ...files, [hubPath]: files[hubPath]?.replace('10.10.0.7/32', '10.10.0.7/24') ?? '' };
    assert.equal(
      lensTexts(wide, 'hub/etc/wireguard/wg0.conf')[2],
      'reaches app tcp/443 · reachable from hub · may send as 252 addresses, 2 in use',
    );
  });

  test('stands over [Interface] and each [Peer], and nowhere else', () => {
    const analysis = analysed(fourHosts(webToApp));
    const { source } = analysis.files.get(uriOf(hubPath)) ?? assert.fail();
    const lines = hostLenses(analysis, uriOf(hubPath)).map(({ span, peer }) => [source.text.slice(span.start, span.end), peer]);
    assert.deepEqual(lines, [
      ['[Interface]', null],
      ['[Peer]', 0],
      ['[Peer]', 1],
      ['[Peer]', 2],
    ]);
    assert.deepEqual(hostLenses(analysis, uriOf(rulesPath)), []);
  });

  test('counts where there is too much to name, and says what is not known', () => {
    const rules = [
      'ip saddr 10.0.0.2 ip daddr 10.0.0.3 tcp dport { 22, 80, 443, 8080-8089 } accept',
      'ip saddr 10.0.0.2 ip daddr 10.0.0.4 tcp dport { 5432, 5433, 6432, 7432, 8432, 9432, 10432 } accept',
      'ip saddr 10.0.0.2 ip daddr 10.0.0.5 limit rate 1/second accept',
    ].join('\n');
    const files = fourHosts(rules, { [hubPath]: hubConfig('10.0.0.2/32', ['tablet', 'AllowedIPs = 10.0.0.5/32']) });
    assert.match(
      lensTexts(files, hubPath)[1] ?? '',
      /^reaches 2 hosts, 20 services · perhaps 1 more host · reachable from hub · may send as itself alone$/,
    );
  });
});

describe('a hover on an address', () => {
  test('says what its host may reach, what it may once it is taken, and who reaches it', () => {
    const analysis = analysed(
      fourHosts(`${webToApp}\nip saddr 10.0.0.9 tcp dport 22 accept`, { [hubPath]: hubConfig('10.0.0.2/32, 10.0.0.9/32') }),
    );
    const access = accessMatrix(analysis.mesh.model, 'access');
    const taken = accessMatrix(analysis.mesh.model, 'blast-radius');
    const laptop = placeWithId(access.members, idOf('laptop')) ?? assert.fail();
    assert.deepEqual(reachParagraphs(access, taken, laptop), [
      '`laptop` may reach `app` tcp/80,443. Once it is taken over: `app` tcp/22,80,443 and `db` tcp/22.',
      'Reached by `hub` any service.',
    ]);
  });
});

describe('an explanation', () => {
  function told(files: TextFiles, view: 'access' | 'blast-radius', from: string, to: string): readonly string[] {
    const analysis = analysed(files);
    const matrix = accessMatrix(analysis.mesh.model, view);
    const row = placeWithId(matrix.members, from) ?? assert.fail(from);
    const column = placeWithId(matrix.members, to) ?? assert.fail(to);
    const { ways } = explainedCell(matrix, row, column, places(analysis)) ?? assert.fail();
    return ways.flatMap(({ kind, services, packet, sentAs, hops }) => [
      `${kind} ${services} [${packet}]${sentAs ? ` as ${sentAs}` : ''}`,
      ...hops.map(({ says, place }) => `  ${says}${place ? ` (${place})` : ''}`),
    ]);
  }

  test('of what gets through names every line on the way', () => {
    assert.deepEqual(told(fourHosts(webToApp), 'blast-radius', idOf('laptop'), idOf('app')), [
      'allowed tcp/80,443 [10.0.0.2:49152 → 10.0.0.3:443 tcp new]',
      '  hub takes 10.0.0.2 from laptop (hub/etc/wireguard/wg0.conf:8)',
      '  hub, chain forward: accept (hub/etc/nftables.conf:11)',
      '  hub is assumed to forward, since others are behind it (hub/etc/wireguard/wg0.conf:1)',
      '  hub sends it to app (hub/etc/wireguard/wg0.conf:12)',
      '  app takes 10.0.0.2 from hub (app/etc/wireguard/wg0.conf:8)',
      '  app has no ruleset here: it is assumed to accept (app/etc/wireguard/wg0.conf:1)',
      '  app has 10.0.0.3 (app/etc/wireguard/wg0.conf:1)',
    ]);
  });

  test('of what does not ends with the line that stops it', () => {
    const lines = told(fourHosts(webToApp), 'access', idOf('laptop'), idOf('db'));
    assert.equal(lines[0], 'denied  [10.0.0.2:49152 → 10.0.0.4:443 tcp new]');
    assert.equal(lines.at(-1), '  hub does not let it through (hub/etc/nftables.conf:9)');
  });

  test('of what a taken host sends as somebody else says as whom', () => {
    const files = fourHosts('ip saddr 10.0.0.9 tcp dport 22 accept', { [hubPath]: hubConfig('10.0.0.0/24') });
    assert.equal(
      told(files, 'blast-radius', idOf('laptop'), idOf('db'))[0],
      'allowed tcp/22 [10.0.0.9:49152 → 10.0.0.4:22 tcp new] as 10.0.0.9',
    );
  });

  test('tells apart what has no answer, and why something is not known', () => {
    const rules = [
      'ip saddr 10.0.0.2 ip daddr 10.0.0.3 tcp dport 443 accept',
      'ip saddr 10.0.0.2 ip daddr 10.0.0.3 udp dport 53 limit rate 5/second accept',
    ].join('\n');
    const lines = told(fourHosts(rules), 'access', idOf('laptop'), idOf('app'));
    assert.deepEqual(
      lines.filter((line) => !line.startsWith('  ')),
      ['one-way tcp/443 [10.0.0.2:49152 → 10.0.0.3:443 tcp new]', 'maybe udp/53 [10.0.0.2:49152 → 10.0.0.3:53 udp new]'],
    );
    assert.equal(lines.at(-1), '  hub may accept or drop it: this is not known (hub/etc/nftables.conf:11)');
  });

  test('of a peer whose file is not here says so, at the entry for it', () => {
    const files = fourHosts('accept', { [hubPath]: hubConfig('10.0.0.2/32', ['tablet', 'AllowedIPs = 10.0.0.5/32']) });
    const lines = told(files, 'access', `${uriOf(hubPath)} peer 3`, idOf('app'));
    assert.match(lines[0] ?? '', /^maybe any service/);
    assert.match(
      lines[1] ?? '',
      /^ {2}the file of the peer .{6}… is not here: what it lets out, nobody says \(hub\/etc\/wireguard\/wg0\.conf:18\)$/,
    );
    assert.equal(lines.length, 2);
  });
});

describe('a trace', () => {
  function trace(files: TextFiles, asked: TraceAsked): Traced<string> | { readonly problem: string } {
    const analysis = analysed(files);
    return traced(accessMatrix(analysis.mesh.model, asked.view), asked, places(analysis));
  }
  function summary(found: ReturnType<typeof trace>): string {
    if ('problem' in found) return found.problem;
    const { from, to, service, answer, way } = found;
    return `${from} → ${to} ${service}: ${answer}, ${way.kind} [${way.packet}]${way.sentAs ? ` as ${way.sentAs}` : ''}`;
  }

  test('takes hosts by name or id, and addresses', () => {
    const files = fourHosts(webToApp);
    const yes = 'laptop → app tcp/443: yes, allowed [10.0.0.2:49152 → 10.0.0.3:443 tcp new]';
    for (const [from, to] of [
      ['laptop', 'app'],
      [idOf('laptop'), idOf('app')],
      ['laptop', '10.0.0.3'],
    ] as const)
      assert.equal(summary(trace(files, { from, to, service: 'TCP/443', view: 'access' })), yes);
    assert.equal(
      summary(trace(files, { from: 'laptop', to: 'db', service: 'icmp', view: 'access' })),
      'laptop → db icmp: no, denied [10.0.0.2 → 10.0.0.4 icmp type 8 new]',
    );
    assert.match(
      summary(trace(files, { from: 'laptop', to: '192.0.2.77', service: 'tcp/22', view: 'access' })),
      /^laptop → 192\.0\.2\.77 tcp\/22: unknown/,
    );
  });

  test('of a taken host sends as whom it gets through as, as itself first', () => {
    const files = fourHosts('ip saddr 10.0.0.9 tcp dport 22 accept\nip saddr 10.0.0.2 tcp dport 80 accept', {
      [hubPath]: hubConfig('10.0.0.0/24'),
    });
    const ask = (service: string): string => summary(trace(files, { from: 'laptop', to: 'db', service, view: 'blast-radius' }));
    assert.equal(ask('tcp/22'), 'laptop → db tcp/22: yes, allowed [10.0.0.9:49152 → 10.0.0.4:22 tcp new] as 10.0.0.9');
    assert.equal(ask('tcp/80'), 'laptop → db tcp/80: yes, allowed [10.0.0.2:49152 → 10.0.0.4:80 tcp new]');
    assert.equal(ask('tcp/81'), 'laptop → db tcp/81: no, denied [10.0.0.2:49152 → 10.0.0.4:81 tcp new]');
  });

  test('says where no answer comes back', () => {
    const files = fourHosts('ip saddr 10.0.0.2 ip daddr 10.0.0.3 tcp dport 443 accept');
    assert.match(summary(trace(files, { from: 'laptop', to: 'app', service: 'tcp/443', view: 'access' })), /: no, one-way \[/);
  });

  test('that cannot be asked says what is wrong', () => {
    const files = fourHosts(webToApp, { [hubPath]: hubConfig('10.0.0.2/32', ['tablet', 'AllowedIPs = 10.0.0.5/32']) });
    const ask = (from: string, to: string, service: string): string => summary(trace(files, { from, to, service, view: 'access' }));
    assert.equal(ask('phone', 'app', 'tcp/443'), 'there is no host “phone”');
    assert.match(ask('laptop', 'phone', 'tcp/443'), /^there is no host “phone”; there are app, db, hub, laptop$/);
    assert.equal(ask('laptop', 'app', 'tcp'), 'tcp needs a port, as in tcp/443');
    assert.match(ask(`${uriOf(hubPath)} peer 3`, 'app', 'tcp/443'), /^the file of the peer .{6}… is not here/);
  });
});

describe('what one host is', () => {
  test('says who takes it for whom, and on request what falls with it', () => {
    const analysis = analysed(
      fourHosts('ip saddr 10.0.0.2 ip daddr 10.0.0.3 tcp dport 443 accept\nip saddr 10.0.0.3 ip daddr 10.0.0.4 tcp dport 5432 accept'),
    );
    const matrix = accessMatrix(analysis.mesh.model, 'blast-radius');
    const laptop = placeWithId(matrix.members, idOf('laptop')) ?? assert.fail();
    const host = shownHost(matrix, laptop, true, places(analysis)) ?? assert.fail();
    assert.deepEqual(host.sendsAs, [{ at: 'hub wg0', says: 'itself alone', addresses: '10.0.0.2', place: 'hub/etc/wireguard/wg0.conf:6' }]);
    assert.deepEqual(
      host.falls?.map(({ name, through, services, sure }) => [name, through.join(' '), services, sure]),
      [
        ['app', '', 'tcp/443', true],
        ['db', 'app', 'tcp/5432', true],
      ],
    );
    assert.equal(shownHost(matrix, laptop, false, () => null)?.falls, null);
  });
});

describe('what an edit changes', () => {
  function changed(before: TextFiles, after: TextFiles): string {
    const of = (view: 'access' | 'blast-radius') => differences(matrixOf(before, view), matrixOf(after, view));
    return changesText(shownChanges(analysed(after).mesh.model, of('access'), of('blast-radius')));
  }

  test('is told with its signs, hosts first that gain the same', () => {
    const before = fourHosts(webToApp);
    const plus = fourHosts(`${webToApp}\nip saddr { 10.0.0.2, 10.0.0.3 } ip daddr 10.0.0.4 tcp dport 22 accept`);
    assert.equal(changed(before, plus), '+ app and laptop → db tcp/22 · − nothing');
    assert.equal(changed(plus, before), '+ nothing · − app and laptop → db tcp/22');
    assert.equal(changed(before, before), '');
  });

  test('of who may send as whom is told though nobody reaches more', () => {
    const before = fourHosts(webToApp);
    const wide = { ...before, [hubPath]: hubConfig('10.0.0.2/24') };
    assert.equal(changed(before, wide), '+ nothing · − nothing · laptop may now send as 253 more addresses, 1 in use');
    assert.equal(changed(wide, before), '+ nothing · − nothing · laptop may no longer send as 253 addresses, 1 in use');
  });

  test('is told by view where honest and taken hosts differ, and as perhaps where it is not known', () => {
    const before = fourHosts(webToApp);
    const narrow = {
      ...before,
      'laptop/etc/wireguard/wg0.conf':
        before['laptop/etc/wireguard/wg0.conf']?.replace('10.0.0.2/24', '10.0.0.2/32').replace('10.0.0.0/24', '10.0.0.1/32') ?? '',
    };
    assert.equal(changed(before, narrow), '+ nothing · − laptop → app tcp/80,443 (as long as it is honest)');
    const perhaps = fourHosts(`${webToApp}\nip saddr 10.0.0.4 ip daddr 10.0.0.2 udp dport 53 limit rate 5/second accept`);
    assert.equal(changed(before, perhaps), '+ nothing · − nothing · ? + db → laptop udp/53');
  });
});

describe('the tree of the mesh', () => {
  test('holds hosts with what they reach, and their peers', () => {
    const analysis = analysed(fourHosts(webToApp));
    const { model } = analysis.mesh;
    const nodes = meshTree(model, accessMatrix(model, 'blast-radius'), places(analysis));
    const line = ({ kind, name, detail, role, place }: MeshNode<string>): string =>
      [kind, name, role, detail, place].filter(Boolean).join(' | ');
    assert.deepEqual(nodes.map(line), [
      'host | app | spoke | reaches 0 · reachable from 2 | app/etc/wireguard/wg0.conf:1',
      'host | db | spoke | reaches 0 · reachable from 1 | db/etc/wireguard/wg0.conf:1',
      'host | hub | hub | reaches 3 · reachable from 0 | hub/etc/wireguard/wg0.conf:1',
      'host | laptop | spoke | reaches 1 · reachable from 1 | laptop/etc/wireguard/wg0.conf:1',
    ]);
    assert.deepEqual(nodes[2]?.children.map(line), [
      'peer | laptop | spoke | hub/etc/wireguard/wg0.conf:6',
      'peer | app | spoke | hub/etc/wireguard/wg0.conf:10',
      'peer | db | spoke | hub/etc/wireguard/wg0.conf:14',
    ]);
    assert.equal(meshTree(model, null, () => null)[0]?.detail, '');
  });

  test('has a node for each mesh where there are several', () => {
    const other = fourHosts(webToApp);
    const moved = Object.fromEntries(Object.entries(exampleFiles('zero-trust-mesh')).map(([path, text]) => [`other/${path}`, text]));
    const nodes = meshTree(analysed({ ...other, ...moved }).mesh.model, null, () => null);
    assert.deepEqual(
      nodes.map(({ kind, name, detail }) => [kind, name, detail]),
      [
        ['mesh', 'mesh of hub', '4 hosts'],
        ['mesh', 'mesh of hub', '6 hosts'],
      ],
    );
  });
});

test('a matrix is asked only for the cells that a lens is about', () => {
  const analysis = analysed(fourHosts(webToApp));
  const matrix = accessMatrix(analysis.mesh.model, 'blast-radius');
  const asked = new Set<string>();
  const counting: AccessMatrix = {
    ...matrix,
    cell(from, to) {
      asked.add(`${from} ${to}`);
      return matrix.cell(from, to);
    },
  };
  const node = analysis.mesh.model.links.interfaceOf.get(uriOf(hubPath)) ?? assert.fail();
  hostLensText(counting, node, 0);
  assert.equal(asked.size, 6, 'three it may reach, three that may reach it');
});
