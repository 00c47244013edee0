// Which statements an edit keeps: those it did not touch, the very objects, and no others.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ParsedFile, parsedFile, rootOf } from '../../server/src/analysis/parsed-file.ts';
import { type Change, changed, type Language, sourceFile } from '../../server/src/text/source-file.ts';
import { eachStatement, type Statement } from '../../server/src/text/statement.ts';

function opened(language: Language, text: string): ParsedFile {
  return parsedFile(sourceFile('file:///f', 1, language, text));
}

/** `file` after `from` became `to` where it stands first behind `behind`. */
function edited(file: ParsedFile, from: string, to: string, behind = ''): ParsedFile {
  const { text, lines } = file.source;
  const start = text.indexOf(from, text.indexOf(behind));
  assert.ok(start >= 0, `“${from}” is not in the text`);
  const position = (offset: number) => {
    const line = lines.findLastIndex((begin) => begin <= offset);
    return { line, character: offset - (lines[line] as number) };
  };
  const changes: readonly Change[] = [{ range: { start: position(start), end: position(start + from.length) }, text: to }];
  const { file: source, damage } = changed(file.source, file.source.version + 1, changes);
  assert.equal(source.text, text.slice(0, start) + to + text.slice(start + from.length));
  return parsedFile(source, file, damage);
}

function statements(file: ParsedFile): ReadonlyMap<Statement, number> {
  const all = new Map<Statement, number>();
  const root = rootOf(file);
  assert.ok(root);
  eachStatement(root, (statement, offset) => {
    if (statement !== root) all.set(statement, offset);
    return undefined;
  });
  return all;
}

/** The text of the statements that are not of `before`; of a block only its head. */
function readAfresh(before: ParsedFile, after: ParsedFile): readonly string[] {
  const old = statements(before);
  return [...statements(after)]
    .filter(([statement]) => !old.has(statement))
    .map(([statement, offset]) => {
      const text = after.source.text.slice(offset, offset + statement.width).trim();
      return statement.body.length > 0 ? (text.split('\n')[0] as string) : text;
    });
}

const rules = Array.from({ length: 10_000 }, (_, i) => `\t\tip saddr 10.${i >> 8}.${i & 255}.1 tcp dport 443 counter accept\n`);
const ruleset = `table inet filter {\n\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n${rules.join('')}\t}\n}\n`;

describe('an edit in a ruleset of 10,000 rules', () => {
  const file = opened('nftables', ruleset);
  const count = statements(file).size;

  test('keeps every other rule', () => {
    assert.equal(count, 10_000 + 2 + 2 + 3, 'rules, the two blocks, their ends, the chain’s own statements and line end');
    const next = edited(file, 'accept', 'drop', '10.20.7.1');
    assert.deepEqual(readAfresh(file, next), ['table inet filter {', 'chain forward {', 'ip saddr 10.20.7.1 tcp dport 443 counter drop']);
    assert.equal(statements(next).size, count);
  });

  test('of the chain’s name keeps all rules', () => {
    assert.deepEqual(readAfresh(file, edited(file, 'forward', 'backward')), ['table inet filter {', 'chain backward {']);
  });

  test('that adds or removes a line keeps the lines around it', () => {
    const more = edited(file, '', '\t\tudp dport 53 accept\n', '\t\tip saddr 10.20.7.1');
    assert.deepEqual(readAfresh(file, more), ['table inet filter {', 'chain forward {', 'udp dport 53 accept']);
    const less = edited(file, rules[300] as string, '');
    assert.deepEqual(readAfresh(file, less), ['table inet filter {', 'chain forward {']);
    assert.equal(statements(less).size, count - 1);
  });

  test('that joins two lines reads the joined one', () => {
    const next = edited(file, ' accept\n\t\tip saddr 10.20.8.1', ' ip saddr 10.20.8.1');
    assert.deepEqual(readAfresh(file, next).slice(2), [
      'ip saddr 10.20.7.1 tcp dport 443 counter ip saddr 10.20.8.1 tcp dport 443 counter accept',
    ]);
  });

  test('at the end of a rule reads the rule, and not the next', () => {
    const next = edited(file, ' accept\n', ' accept comment "x"\n', '10.20.7.1');
    assert.deepEqual(readAfresh(file, next).slice(2), ['ip saddr 10.20.7.1 tcp dport 443 counter accept comment "x"']);
  });

  test('that breaks a rule keeps the others, and so does the one that mends it', () => {
    const broken = edited(file, 'counter accept', 'counter {', '10.20.7.1');
    assert.deepEqual(readAfresh(file, broken).slice(2), ['ip saddr 10.20.7.1 tcp dport 443 counter {']);
    const mended = edited(broken, 'counter {', 'counter accept');
    assert.deepEqual(readAfresh(broken, mended).slice(2), ['ip saddr 10.20.7.1 tcp dport 443 counter accept']);
  });

  test('whose brace opens a list nobody closes costs as many lines as the list is thought to have', () => {
    const next = edited(file, 'tcp dport 443', 'tcp dport { 443', '10.20.7.1');
    assert.equal(readAfresh(file, next).length, 3);
  });
});

describe('what hangs on text behind it', () => {
  const kept = (text: string, from: string, to: string) => {
    const before = opened('nftables', text);
    const after = edited(before, from, to);
    const fresh = opened('nftables', after.source.text);
    const shape = (file: ParsedFile) => [...statements(file)].map(([statement, offset]) => `${offset}+${statement.width}`);
    assert.deepEqual(shape(after), shape(fresh));
    return readAfresh(before, after);
  };

  test('a quotation mark that a later line closes', () => {
    const read = kept('table ip t {\n\tcomment "a\n\tchain c {\n\t}\n}\nadd table ip u\n', 'ip u', 'ip u # "');
    assert.deepEqual(read, ['table ip t {', 'comment "a\n\tchain c {\n\t}\n}\nadd table ip u # "']);
  });

  test('a block that a later line ends', () => {
    const read = kept('table ip t {\n\tchain a {\n\t\taccept\n\tchain b {\n\t}\n}\n', 'chain b {', 'chainb {');
    assert.ok(read.includes('chain a {'));
    assert.ok(!read.includes('accept'), 'the rule before is kept');
  });

  test('a list that the next line leaves', () => {
    const read = kept('define a = { 1,\n2\ndefine b = 3\n', 'define b', 'x');
    assert.equal(read.length, 1);
  });
});

describe('an edit in a WireGuard config', () => {
  const peers = Array.from({ length: 1000 }, (_, i) => `[Peer]\nAllowedIPs = 10.${i >> 8}.${i & 255}.1/32\n`);
  const file = opened('wireguard', `[Interface]\nListenPort = 51820\n${peers.join('')}`);

  test('reads its line', () => {
    assert.equal(file.wireguard?.root.body.length, 2002);
    // headers that say the same in the same kind of section are one object: the first [Peer] stands behind another kind
    assert.equal(statements(file).size, 2 + 1000 + 2);
    assert.deepEqual(readAfresh(file, edited(file, '10.2.7.1/32', '10.2.7.2/32')), ['AllowedIPs = 10.2.7.2/32']);
  });

  test('of a header reads the lines whose section it was', () => {
    const next = edited(file, '[Peer]\nAllowedIPs = 10.2.7.1', '[Interface]\nAllowedIPs = 10.2.7.1');
    // and the next header, which now ends another section, as the first one does
    assert.deepEqual(readAfresh(file, next), ['[Interface]', 'AllowedIPs = 10.2.7.1/32']);
  });

  test('that makes a comment of a header gives its lines to the section before', () => {
    const next = edited(file, '', '#', '[Peer]\nAllowedIPs = 10.2.7.1');
    assert.deepEqual(readAfresh(file, next), ['#[Peer]']);
  });

  test('behind the last line without a newline reads that line', () => {
    const open = opened('wireguard', '[Interface]\nMTU = 142');
    const { file: source, damage } = changed(open.source, 2, [
      { range: { start: { line: 1, character: 9 }, end: { line: 1, character: 9 } }, text: '0' },
    ]);
    assert.deepEqual(readAfresh(open, parsedFile(source, open, damage)), ['MTU = 1420']);
  });
});
