// What a ruleset's commands leave behind where no kernel can be asked: what was there before, what is not known, what is included.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { elementsOf } from '../../server/src/nftables/ruleset/elements.ts';
import { nothingIncluded, rulesetState } from '../../server/src/nftables/ruleset/ruleset.ts';
import type { Included, NamedSet, RulesetFile, RulesetState } from '../../server/src/nftables/ruleset/state.ts';
import { changed } from '../../server/src/text/source-file.ts';
import { opened } from './print.ts';

function fileOf(uri: string, text: string): RulesetFile {
  const { facts } = opened(text);
  assert.ok(facts.language === 'nftables');
  return { uri, facts };
}

function stateOf(text: string, files: Readonly<Record<string, string>> = {}): RulesetState {
  const known = Object.entries(files).map(([name, content]) => fileOf(name, content));
  const included: Included = (_uri, path) => {
    const found = known.filter(({ uri }) => uri === path);
    return found.length > 0 ? found : null;
  };
  return rulesetState(fileOf('main', text), included);
}

/** The chains with their rules’ comments, as `family table chain: a b`. */
function chains({ tables }: RulesetState): readonly string[] {
  return tables.flatMap((table) =>
    table.chains.map(
      ({ family, name, rules, unknown }) =>
        `${family} ${table.name} ${name}: ${rules.map(({ fact }) => fact.comment).join(' ')}${unknown.length > 0 ? ' ?' : ''}`,
    ),
  );
}

function oneSet(text: string): NamedSet {
  const set = stateOf(text).tables[0]?.sets[0];
  assert.ok(set);
  return set;
}

describe('commands about what was there before', () => {
  test('name a table and chain that no statement makes', () => {
    const { tables } = stateOf('add rule inet filter forward drop comment "x"\n');
    assert.deepEqual(
      tables.map(({ family, name, made }) => ({ family, name, made })),
      [{ family: 'inet', name: 'filter', made: false }],
    );
  });

  test('a chain is renamed with its rules', () => {
    assert.deepEqual(chains(stateOf('table ip t {\n chain a { accept comment "x"; }\n}\nrename chain ip t a b\n')), ['ip t b: x']);
  });

  test('a handle leaves a chain unknown, and flushing it makes it known again', () => {
    const base = 'table ip t {\n chain a { accept comment "x"; }\n}\n';
    assert.deepEqual(chains(stateOf(`${base}delete rule ip t a handle 4\n`)), ['ip t a: x ?']);
    assert.deepEqual(chains(stateOf(`${base}replace rule ip t a handle 4 drop\n`)), ['ip t a: x ?']);
    assert.deepEqual(chains(stateOf(`${base}insert rule ip t a handle 4 drop comment "y"\n`)), ['ip t a: y x ?']);
    assert.deepEqual(chains(stateOf(`${base}delete rule ip t a handle 4\nflush chain ip t a\n`)), ['ip t a: ']);
    assert.equal(stateOf(`${base}delete table ip handle 1\n`).unknown.length, 1);
  });

  test('destroy takes away what is there, and is silent about what is not', () => {
    assert.deepEqual(stateOf('add table ip t\ndestroy table ip t\ndestroy table ip u\n').tables, []);
  });

  test('flush ruleset of one family leaves the others', () => {
    assert.deepEqual(
      stateOf('add table ip t\nadd table ip6 t\nflush ruleset ip\n').tables.map(({ family }) => family),
      ['ip6'],
    );
  });

  test('a chain loses the devices that are taken away', () => {
    const { tables } = stateOf(
      'table netdev t {\n chain a { type filter hook ingress devices = { eth0, eth1 } priority 0; }\n}\ndelete chain netdev t a { type filter hook ingress devices = { eth0 } priority 0; }\n',
    );
    assert.deepEqual(tables[0]?.chains[0]?.base?.devices, ['eth1']);
  });
});

describe('variables', () => {
  test('that are not defined here leave unknown what they say', () => {
    const [table] = stateOf(
      'table inet t {\n chain a { type filter hook ingress device $wan priority $early; policy $closed; jump $next; }\n set s { type ipv4_addr; elements = $hosts; }\n}\n',
    ).tables;
    const [chain] = table?.chains ?? [];
    assert.deepEqual(
      [chain?.base?.devices, chain?.base?.priority, chain?.base?.policy, chain?.rules[0]?.targets],
      [null, null, null, [null]],
    );
    assert.deepEqual(elementsOf(table?.sets[0] as NamedSet), { elements: null, count: null });
  });

  test('end with their block, and keep what they were where they were used', () => {
    const text =
      'define a = 1\ntable ip t {\n define a2 = 9\n set x { type mark; elements = { $a, $a2 } }\n}\nredefine a = 2\ntable ip t {\n set y { type mark; elements = { $a } }\n set z { type mark; elements = { $a2 } }\n}\n';
    const sets = stateOf(text).tables[0]?.sets ?? [];
    assert.deepEqual(
      sets.map((set) => elementsOf(set).elements?.map(({ key: [part] }) => part && 'from' in part && Number(part.from)) ?? null),
      [[1, 9], [2], null],
    );
  });
});

describe('elements', () => {
  const hosts = 'table ip t {\n set s { type ipv4_addr; flags interval; auto-merge; elements = { 10.0.0.0/24, 10.0.1.0/24 } }\n}\n';

  test('with auto-merge a part of an interval can be taken away', () => {
    assert.equal(elementsOf(oneSet(hosts)).count, 1);
    assert.equal(elementsOf(oneSet(`${hosts}delete element ip t s { 10.0.0.9 }\n`)).count, 2);
    assert.equal(elementsOf(oneSet(`${hosts}delete element ip t s { 10.0.0.0-10.0.1.255 }\n`)).count, 0);
  });

  test('are not counted where a name may be a number beside it, or stands for addresses', () => {
    assert.equal(elementsOf(oneSet('table ip t {\n set s { type inet_service; elements = { ssh, 22 } }\n}\n')).count, null);
    assert.equal(elementsOf(oneSet('table ip t {\n set s { type ipv4_addr; elements = { hub.example.net } }\n}\n')).count, null);
    assert.equal(elementsOf(oneSet('table ip t {\n set s { type inet_service; elements = { ssh, http } }\n}\n')).count, 2);
  });

  test('are counted for nobody where intervals overlap, which nft refuses', () => {
    const text = 'table ip t {\n set s { type mark; flags interval; elements = { 1-5, 4-9 } }\n}\n';
    assert.equal(elementsOf(oneSet(text)).count, null);
  });
});

describe('includes', () => {
  test('put the statements of a file where they stand', () => {
    const state = stateOf(
      'include "defs"\ntable ip t {\n include "chains"\n set s { type ipv4_addr; elements = { $hub } }\n}\nadd rule ip t a drop comment "y"\n',
      { defs: 'define hub = 10.0.0.1\n', chains: 'chain a { accept comment "x"; }\n' },
    );
    assert.deepEqual(chains(state), ['ip t a: x y']);
    assert.deepEqual(state.unknown, []);
    assert.deepEqual(
      state.tables[0]?.chains[0]?.rules.map(({ uri }) => uri),
      ['chains', 'main'],
    );
    assert.equal(elementsOf(state.tables[0]?.sets[0] as NamedSet).count, 1);
  });

  test('that are not here are unknown', () => {
    assert.deepEqual(stateOf('include "elsewhere"\n').unknown, [{ uri: 'main', statement: 0, item: 0 }]);
  });

  test('that go round end, and are unknown where they would go on', () => {
    const state = stateOf('include "a"\n', { a: 'include "b"\nadd table ip a\n', b: 'include "a"\nadd table ip b\n' });
    assert.deepEqual(
      state.tables.map(({ name }) => name),
      ['b', 'a'],
    );
    assert.deepEqual(state.unknown, [{ uri: 'b', statement: 0, item: 0 }]);
  });

  test('that double at each level end as well', () => {
    const files = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`f${i}`, `include "f${i + 1}"\ninclude "f${i + 1}"\n`]));
    assert.ok(stateOf('include "f0"\n', files).unknown.length > 0);
  });
});

describe('the state', () => {
  const text = 'table ip t {\n chain a {\n  accept # x\n }\n}\n';
  const file = opened(text);

  test('is kept while the facts are the same, and made again when what it includes is another', () => {
    assert.ok(file.facts.language === 'nftables');
    const at = text.indexOf('x');
    const position = { line: 2, character: at - text.lastIndexOf('\n', at) - 1 };
    const { file: source, damage } = changed(file.source, 2, [{ range: { start: position, end: position }, text: 'y' }]);
    const next = parsedFile(source, file, damage);
    assert.equal(next.facts, file.facts);
    const before = rulesetState({ uri: 'a', facts: file.facts }, nothingIncluded);
    assert.equal(rulesetState({ uri: 'a', facts: file.facts }, nothingIncluded), before);

    const main = fileOf('main', 'include "part"\n');
    const part = fileOf('part', 'add table ip t\n');
    const first = rulesetState(main, () => [part]);
    assert.equal(
      rulesetState(main, () => [part]),
      first,
    );
    assert.equal(rulesetState(main, () => [fileOf('part', 'add table ip u\n')]).tables[0]?.name, 'u');
  });
});
