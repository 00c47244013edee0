// After an edit the matrix says what one does that is computed afresh, and next to nothing of it is computed anew: counted, not timed.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { hostName, randomKey } from '../../scripts/bench/mesh-names.ts';
import { seeded } from '../../scripts/bench/random.ts';
import { mesh, spokeRulesPath } from '../../scripts/bench/reach-meshes.ts';
import { compareEdits, differenceIn, uriOf, type Workspace, withText, workspaceOf } from '../../scripts/reach/edits.ts';
import { configText, type Files, workloads } from '../../scripts/reach/workloads.ts';
import { type Differences, differences } from '../../server/src/reach/matrix/differences.ts';
import { type AccessMatrix, accessMatrix, computing } from '../../server/src/reach/matrix/matrix.ts';
import { pairsSpread } from '../../server/src/reach/spread/spreader.ts';
import type { View } from '../../server/src/reach/way/why.ts';

describe('edit after edit every cell is that of a matrix computed afresh', () => {
  for (const { name, make } of workloads)
    test(name, () => {
      const { edits, difference } = compareEdits(seeded(5), make(seeded(4), 7, 60), 12);
      assert.equal(difference, null);
      assert.equal(edits, 12);
    });
});

const HOSTS = 60;

interface State {
  readonly workspace: Workspace;
  readonly matrix: AccessMatrix;
}

function computed(view: View, more: Files = {}): State {
  const workspace = workspaceOf({ ...mesh(seeded(3), HOSTS), ...more });
  const matrix = accessMatrix(workspace.mesh.model, view);
  for (const _ of computing(matrix));
  return { workspace, matrix };
}

interface Edited extends State {
  readonly pairs: number;
  readonly changed: Differences;
}

/** Puts `rule` in the place of `replaced`, or before the first rule that accepts something. */
function edited({ workspace, matrix }: State, path: string, rule: string, replaced?: RegExp): Edited {
  const uri = uriOf(path);
  const lines = workspace.files.get(uri)?.source.text.split('\n') ?? [];
  const at = lines.findIndex((line) => (replaced ?? /saddr .* accept$/).test(line));
  const next = withText(workspace, uri, lines.toSpliced(at, replaced ? 1 : 0, rule).join('\n'));
  const before = pairsSpread();
  const after = accessMatrix(next.mesh.model, matrix.view, matrix);
  const changed = differences(matrix, after);
  return { workspace: next, matrix: after, pairs: pairsSpread() - before, changed };
}

function afresh({ workspace, matrix }: State): AccessMatrix {
  const files = [...workspace.files].map(([uri, { source }]) => [uri.slice(uriOf('').length), source.text] as const);
  return accessMatrix(workspaceOf(Object.fromEntries(files)).mesh.model, matrix.view);
}

const HUB = 'hub/etc/nftables.conf';
const pair = (port: number): string => `    iifname "wg0" oifname "wg0" ip saddr 10.10.0.3 ip daddr 10.10.0.9 tcp dport ${port} accept`;

for (const view of ['access', 'blast-radius'] as const)
  describe(`of the ${view} matrix`, () => {
    test('a rule at the hub for a pair of hosts asks for that pair alone', () => {
      const one = edited(computed(view), HUB, pair(4711));
      const other = edited(one, HUB, pair(4712), /4711/);
      // the rule behind one that comes is read again
      assert.ok(one.pairs <= 2, `${one.pairs}`);
      assert.equal(other.pairs, 1);
    });

    test('a rule at a spoke that names a source asks for what that sends to the spoke', () => {
      const { pairs } = edited(computed(view), spokeRulesPath(7), '    iifname "wg0" ip saddr 10.10.0.3 tcp dport 4711 accept');
      // and what those send that its neighbours name, which are read again
      assert.ok(pairs >= 1 && pairs <= 3, `${pairs}`);
    });

    test('a rule at the hub for any source asks for what all send to its destination', () => {
      const { pairs } = edited(computed(view), HUB, '    iifname "wg0" ip daddr 10.10.0.9 tcp dport 4711 accept');
      assert.ok(pairs >= HOSTS - 1 && pairs <= HOSTS + 2, `${pairs}`);
    });

    test('a rule that lets known connections in, gone and back, is told of all that hangs on it', () => {
      const first = computed(view);
      const one = edited(first, spokeRulesPath(7), '', /ct state established/);
      assert.equal(differenceIn(one.matrix, afresh(one)), null);
      assert.ok(one.changed.cells.length > 0);
      const other = edited(one, spokeRulesPath(7), '    ct state established,related accept', /^$/);
      assert.equal(differenceIn(other.matrix, first.matrix), null);
    });

    test('a chain on the way out that drops all, come and gone, is told of all that hangs on it', () => {
      const first = computed(view);
      const one = edited(
        first,
        spokeRulesPath(7),
        '  chain out { type filter hook output priority 0; policy drop; }\n  chain input {',
        /chain input/,
      );
      assert.equal(differenceIn(one.matrix, afresh(one)), null);
      const other = edited(one, spokeRulesPath(7), '', /chain out /);
      assert.equal(differenceIn(other.matrix, afresh(other)), null);
      assert.equal(differenceIn(other.matrix, first.matrix), null);
    });

    test('a rule that asks conntrack whose connection it is, come and changed, is told of all that hangs on it', () => {
      const rule = (port: number): string => `    ct original ip saddr 10.10.0.3 ip daddr 10.10.0.9 tcp dport ${port} accept`;
      const one = edited(computed(view), HUB, rule(4711));
      assert.equal(differenceIn(one.matrix, afresh(one)), null);
      const other = edited(one, HUB, rule(4712), /4711/);
      assert.equal(differenceIn(other.matrix, afresh(other)), null);
      assert.ok(other.changed.cells.length > 0);
    });

    test('a route of another interface, which takes WireGuard’s own packets, is told of all that goes over a link', () => {
      const [path, hosts] = [`${hostName(3)}/etc/wireguard/vpn.conf`, seeded(9)];
      const peer = { key: randomKey(hosts), allowed: ['10.77.0.0/24'], endpoint: '198.51.100.7:51820' };
      const first = computed(view, { [path]: configText(randomKey(hosts), ['10.77.0.2/32'], [], [peer]) });
      const way = /^Address = /;
      const shut = edited(first, path, 'Address = 10.77.0.2/32\nPostUp = ip route add blackhole 203.0.113.1/32', way);
      assert.equal(differenceIn(shut.matrix, afresh(shut)), null);
      // whoever has taken the host leads them past it, but who reaches it does not
      assert.ok(shut.changed.cells.length > 0);
      const open = edited(shut, path, '', /^PostUp/);
      assert.equal(differenceIn(open.matrix, first.matrix), null);
    });

    test('a text that says the same asks for nothing', () => {
      const { pairs, changed } = edited(computed(view), HUB, '    # nothing');
      assert.equal(pairs, 0);
      assert.deepEqual(changed.cells, []);
    });
  });

test('matrices of earlier edits are let go', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let state: State = computed('access');
  const old = [new WeakRef(state.matrix.model)];
  for (let port = 5000; port < 5004; port++) {
    state = edited(state, HUB, pair(port));
    old.push(new WeakRef(state.matrix.model));
  }
  // what a WeakRef was asked for lives until the end of the turn
  await new Promise((done) => setImmediate(done));
  collect();
  assert.deepEqual(
    old.map((one) => one.deref() === undefined),
    [true, true, true, true, false],
  );
});
