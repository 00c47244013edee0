// What stands over rules: how many flows each decides, and what leaves it none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeSpan } from '../../server/src/analysis/parsed-file.ts';
import { ruleLenses, ruleLensText } from '../../server/src/features/rule-lenses.ts';
import { accessMatrix } from '../../server/src/reach/matrix/matrix.ts';
import { fourHosts, rulesPath } from '../support/four-hosts.ts';
import { analysed, type TextFiles, uriOf } from '../support/mesh-files.ts';

/** `rule: what stands over it`, in the order of the file. */
function told(files: TextFiles, path = rulesPath): readonly string[] {
  const analysis = analysed(files);
  const uri = uriOf(path);
  const source = analysis.files.get(uri)?.source ?? assert.fail('no ruleset');
  const matrix = accessMatrix(analysis.mesh.model, 'access');
  const lineOf = (statement: number): number | null => {
    const file = analysis.files.get(uri);
    const span = file && placeSpan(file, { statement, item: 0 });
    return span ? source.text.slice(0, span.start).split('\n').length - 1 : null;
  };
  return ruleLenses(analysis, uri).map(({ span, statement }) => {
    const steps = ruleLensText(analysis, matrix, uri, statement, lineOf);
    let step = steps.next();
    while (!step.done) step = steps.next();
    return `${source.text.slice(span.start, span.end)}: ${step.value}`;
  });
}

const own = [
  // https and pings of the hub to each of three
  'ct state established accept: decides 6 flows',
  'iifname != "wg0" udp dport 51820 accept: decides no flow between hosts of the mesh',
];

test('a rule decides the flows whose packets, or answers, meet it', () => {
  const forward = [
    'ct state established accept',
    'ip saddr 10.0.0.2 ip daddr 10.0.0.3 tcp dport { 80, 443 } accept',
    'ip daddr 10.0.0.4 tcp dport 22 drop',
    'ip daddr 10.0.0.4 tcp dport 5432 accept',
  ];
  // the hub's own ports are closed, and what it sends does not come by its forward chain
  assert.deepEqual(told(fourHosts(forward.join('\n'))).slice(2), [
    // the answers of both services from the app, and of one from the database to each of the two others
    'ct state established accept: decides 4 flows',
    'ip saddr 10.0.0.2 ip daddr 10.0.0.3 tcp dport { 80, 443 } accept: decides 2 flows',
    'ip daddr 10.0.0.4 tcp dport 22 drop: decides 2 flows',
    'ip daddr 10.0.0.4 tcp dport 5432 accept: decides 2 flows',
  ]);
});

test('a rule that another leaves nothing says which, and so does one behind the end of its chain', () => {
  const forward = ['ip saddr 10.0.0.0/24 tcp dport 22 accept', 'ip saddr 10.0.0.2 tcp dport 22 drop', 'drop', 'tcp dport 80 accept'];
  assert.deepEqual(told(fourHosts(forward.join('\n'))).slice(2), [
    'ip saddr 10.0.0.0/24 tcp dport 22 accept: decides 6 flows',
    'ip saddr 10.0.0.2 tcp dport 22 drop: never decides: covered by line 10',
    // of each of six pairs https, a ping, and what the other answers to ssh
    'drop: decides 18 flows',
    'tcp dport 80 accept: never decides: covered by line 12',
  ]);
});

test('what only counts, or is of no host of a mesh, has none', () => {
  assert.deepEqual(told(fourHosts('counter\nlog prefix "x"\njump other\n}\nchain other {\n')), own);
  const alone = {
    'alone/nftables.conf': 'table inet f {\nchain c {\ntype filter hook input priority 0; policy drop;\ntcp dport 22 accept\n}\n}\n',
  };
  assert.deepEqual(told(alone, 'alone/nftables.conf'), []);
});

test('nobody reads lenses over more rules than a person reads', () => {
  const rules = (count: number) => Array.from({ length: count }, (_, i) => `tcp dport ${1000 + i} accept`).join('\n');
  const lenses = (count: number) => ruleLenses(analysed(fourHosts(rules(count))), uriOf(rulesPath)).length;
  assert.deepEqual([lenses(298), lenses(299)], [300, 0]);
});
