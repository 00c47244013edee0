// Tables as people draw them, and the grants they become.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { grantsFromTable, grantsText, type TextGrant } from '../../server/src/generate/from-table.ts';
import { readPolicy } from '../../server/src/policy/read.ts';

function grants(text: string): readonly string[] {
  const { grants: found, problems } = grantsFromTable(text);
  assert.deepEqual(problems, [], text);
  return found.map(shown);
}

function shown({ src, dst, ip }: TextGrant): string {
  return `${src.join(', ')} -> ${dst.join(', ')} ${ip.join(' ')}`;
}

describe('a matrix', () => {
  test('in Markdown: rows are sources, columns destinations', () => {
    const text = `Who may reach whom:

| from \\ to | **app** | \`database\` | metrics |
|:--|:-:|---|---|
| laptop | 443/tcp | – | |
| app | n/a | tcp:5432 | tcp/9090, udp/53<br>ping |
| metrics | ❌ | none | |
`;
    assert.deepEqual(grants(text), ['laptop -> app tcp:443', 'app -> database tcp:5432', 'app -> metrics tcp:9090 udp:53 icmp']);
  });
  test('in CSV, with any of the usual signs between, quoted or not', () => {
    for (const [sign, ports] of [
      [',', '"443/tcp, 22/tcp"'],
      [';', '443/tcp, 22/tcp'],
      ['\t', 'tcp/443 tcp/22'],
    ] as const) {
      const text = `${['', 'app', 'db'].join(sign)}\r\n${['laptop', ports, ''].join(sign)}\r\n${['db', '*', '-'].join(sign)}`;
      assert.deepEqual(grants(text), ['laptop -> app tcp:443 tcp:22', 'db -> app *'], JSON.stringify(sign));
    }
  });
  test('a quoted cell may hold line breaks and quotation marks', () => {
    assert.deepEqual(grants(',"app ""one"""\nlaptop,"tcp:443\n"\nx,tcp:1\n'), ['laptop -> app "one" tcp:443', 'x -> app "one" tcp:1']);
  });
  test('equal rows and equal columns become one grant', () => {
    const text = '| | app | db | hub |\n|-|-|-|-|\n| ana | tcp:22 | tcp:22 | |\n| ben | tcp:22 | tcp:22 | icmp |\n';
    assert.deepEqual(grants(text), ['ana, ben -> app, db tcp:22', 'ben -> hub icmp']);
  });
});

describe('a list of grants', () => {
  test('by its headers, in any order', () => {
    assert.deepEqual(
      grants('| Port | Destination | Source | Why |\n|-|-|-|-|\n| tcp/443 | app, db | laptop | web |\n| any | hub | everyone | |\n'),
      ['laptop -> app, db tcp:443', '* -> hub *'],
    );
  });
  test('with a column for the protocol', () => {
    assert.deepEqual(grants('src,dst,protocol,port\na,b,tcp,"80, 443"\na,c,UDP,53\na,d,icmp,\na,e,tcp,any\n'), [
      'a -> b tcp:80 tcp:443',
      'a -> c udp:53',
      'a -> d icmp',
      'a -> e tcp:*',
    ]);
  });
});

test('what is not understood is told with its line, and the rest counts', () => {
  const { grants: found, problems } = grantsFromTable('| | app |\n|-|-|\n| laptop | 443 |\n| db | tcp:443, tpc:22 |\n| | tcp:1 |\n');
  assert.deepEqual(found.map(shown), ['db -> app tcp:443']);
  assert.deepEqual(
    problems.map(({ line, says }) => `${line}: ${says}`),
    [
      '3: “443” of which protocol? Write tcp:443 or udp:443',
      '4: There is no protocol “tpc”: did you mean tcp?',
      '5: this row does not say who: its first cell names the source',
    ],
  );
});

test('what is no table yields nothing, and no text makes it throw', () => {
  for (const text of ['', '\n\n', 'some words', '|', '||||', '"', ',', '| a |', '\u0000', '|-|-|\n|-|-|'])
    assert.deepEqual(grantsFromTable(text).grants, [], JSON.stringify(text));
});

test('the printed grants are read as they are meant', () => {
  const { grants: found } = grantsFromTable('| | app |\n|-|-|\n| a "quoted" host | tcp:80,443 |\n');
  const { facts, problems } = readPolicy(grantsText(found));
  assert.deepEqual(problems, []);
  const [grant] = facts.grants ?? [];
  assert.deepEqual(
    grant?.src.map((party) => party.kind === 'name' && party.name),
    ['a "quoted" host'],
  );
  assert.deepEqual(
    grant?.ip.map(({ text }) => text),
    ['tcp:80', 'tcp:443'],
  );
});
