// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the shell writes its variables so
// The words of a hook, as bash splits them: against the real bash, and what its grammar says where bash cannot be asked.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { type Random, seeded } from '../../scripts/bench/random.ts';
import { readShell, wordText } from '../../server/src/wireguard/shell.ts';

const bash = spawnSync('bash', ['-c', 'exit 0']).status === 0;
const noBash = bash ? false : 'bash is not installed';

/** The words of each command of a line. */
function words(line: string): readonly (readonly string[])[] {
  return readShell(line, 0, line.length, 0).commands.map((command) => command.words.map((word) => wordText(line, word)));
}

function plain(random: Random): string {
  let text = '';
  for (let n = 1 + random.int(3); n > 0; n--) text += random.pick([...'abc019_./:=@%+,-^~!'].slice(0, 17));
  return text;
}

/** A word in pieces: bare, quoted either way, escaped. No piece is one that bash would expand. */
function word(random: Random): string {
  let text = '';
  for (let n = 1 + random.int(4); n > 0; n--) {
    switch (random.int(6)) {
      case 0:
      case 1:
        text += plain(random);
        break;
      case 2:
        text += `'${random.pick(['', 'a b', '"', '\\', '$x', '# no', ';&|<>(){}*', '\t', 'é🔑'])}'`;
        break;
      case 3:
        text += `"${random.pick(['', 'a  b', "'", '\\"', '\\\\', '\\$x', '\\`', '\\a', '# no', ';&|<>(){}*', 'é🔑'])}"`;
        break;
      case 4:
        text += `\\${random.pick([' ', '"', "'", '\\', '$', ';', '#', '&', 'a', '*', '{', '<'])}`;
        break;
      default:
        text += random.pick(['a#b', 'x=1', '%i', '1.2.3.4/24', 'é']);
    }
  }
  return text;
}

/** A line of calls of `f`. */
function line(random: Random): string {
  const calls: string[] = [];
  for (let n = 1 + random.int(3); n > 0; n--) {
    let call = 'f';
    for (let m = random.int(5); m > 0; m--) {
      call += random.pick([' ', '  ', '\t']);
      const redirection = random.int(10);
      if (redirection === 0)
        call += random.pick(['>/dev/null', '2>/dev/null', '> /dev/null', '2>&1', '</dev/null', '&>/dev/null', '>>/dev/null']);
      else call += word(random);
    }
    calls.push(random.int(8) === 0 ? `(${call})` : call);
  }
  const joined = calls.join(random.pick([';', ' ; ', ' && ', '&&', '; ']));
  return random.int(6) === 0 ? `${joined} # and 'no' "more` : joined;
}

describe('random hooks', { skip: noBash }, () => {
  test('have the words that bash gives the commands', () => {
    const random = seeded(2026);
    const lines = Array.from({ length: 4000 }, () => line(random));
    // each call writes its words; descriptor 3, since a call may redirect the others
    const script = `exec 3>&1\nf() { printf '%s\\0' call "$@" >&3; }\n${lines.map((text) => `${text}\nprintf 'line\\0' >&3\n`).join('')}`;
    const run = spawnSync('bash', ['-s'], { input: script, encoding: 'utf8', maxBuffer: 1 << 26 });
    assert.equal(run.status, 0, run.stderr);
    const expected: string[][][] = [[]];
    for (const text of run.stdout.split('\0').slice(0, -1)) {
      const current = expected[expected.length - 1] as string[][];
      if (text === 'line') expected.push([]);
      else if (text === 'call') current.push(['f']);
      else current[current.length - 1]?.push(text);
    }
    lines.forEach((text, i) => {
      assert.deepEqual(words(text), expected[i], text);
      const { commands, fault } = readShell(text, 0, text.length, 0);
      assert.equal(fault, null, text);
      for (const command of commands)
        for (const one of command.words) assert.equal(one.dynamic, false, `${text.slice(one.start, one.end)} in ${text}`);
    });
  });

  test('are told as open where bash finds no matching quotation mark', () => {
    const random = seeded(7);
    let faults = 0;
    for (let i = 0; i < 300; i++) {
      let text = 'f ';
      for (let n = 1 + random.int(6); n > 0; n--) text += random.pick(['a', ' ', "'", '"', '\\', '\\"', "\\'", '; f ', '# ', '\\\\']);
      const status = spawnSync('bash', ['-n', '-c', text]).status;
      const { fault } = readShell(text, 0, text.length, 0);
      assert.equal(fault !== null, status !== 0, text);
      if (fault) {
        faults++;
        assert.ok(fault.start < fault.end && fault.end <= text.length);
        assert.match(text[fault.start] ?? '', /['"]/);
      }
    }
    assert.ok(faults > 50 && faults < 250, `${faults} of 300 were open`);
  });
});

describe('a hook', () => {
  const dynamic = (line: string) =>
    readShell(line, 0, line.length, 0).commands.flatMap((command) =>
      command.words.filter((one) => one.dynamic).map(({ start, end }) => line.slice(start, end)),
    );

  test('is split into commands at what ends one', () => {
    assert.deepEqual(words('a 1; b 2 && c || d | e & f'), [['a', '1'], ['b', '2'], ['c'], ['d'], ['e'], ['f']]);
    assert.deepEqual(words('  '), []);
    assert.deepEqual(words('# nothing'), []);
    assert.deepEqual(words('a #b\tc'), [['a']]);
  });

  test('keeps redirections out of the words', () => {
    assert.deepEqual(words('wg set wg0 private-key /k 2>/dev/null >>/log <in more'), [['wg', 'set', 'wg0', 'private-key', '/k', 'more']]);
    assert.deepEqual(words('a 2>&1 b 3x>f c'), [['a', 'b', '3x', 'c']]);
  });

  test('has words that bash would change', () => {
    const line = 'a $x "b $y" `c` $(d "e") <(f) g* \'$h\' "\\$i" {j,k} {1..3} {l} ~/m n~ ${o} "~" p=~/q';
    assert.deepEqual(dynamic(line), ['$x', '"b $y"', '`c`', '$(d "e")', '<(f)', 'g*', '{j,k}', '{1..3}', '~/m', '${o}', 'p=~/q']);
  });

  test('keeps what is substituted in one word', () => {
    const line = 'wg set wg0 peer K preshared-key <(gpg -d "/a b/psk)" | tail) allowed-ips 10.0.0.1/32; echo $(a $(b) \')\') c';
    const [first, second] = readShell(line, 0, line.length, 0).commands;
    assert.equal(first?.words.length, 9);
    assert.equal(second?.words.length, 3);
    assert.equal(line.slice(second?.words[1]?.start, second?.words[1]?.end), "$(a $(b) ')')");
  });

  test('has spans less the base, and reads its own stretch alone', () => {
    const text = "PostUp = wg set 'wg0' x\nnext 'line";
    const { commands, fault } = readShell(text, 9, 23, 4);
    assert.equal(fault, null);
    assert.deepEqual(commands, [
      {
        start: 5,
        end: 19,
        words: [
          { start: 5, end: 7, dynamic: false },
          { start: 8, end: 11, dynamic: false },
          { start: 12, end: 17, dynamic: false },
          { start: 18, end: 19, dynamic: false },
        ],
        into: [],
      },
    ]);
    const open = readShell("x 'a\n'", 0, 4, 0);
    assert.deepEqual(open.fault && { start: open.fault.start, end: open.fault.end }, { start: 2, end: 4 });
  });

  test('may hold quotations in substitutions in quotations', () => {
    for (const text of [
      'echo "$(cmd "x y")" z',
      'echo "${a:-"b c"}" z',
      'echo "`cmd "x"`" z',
      "echo $'it\\'s' z",
      'echo "$(a "$(b "c d")")" z',
    ]) {
      const [command] = readShell(text, 0, text.length, 0).commands;
      assert.deepEqual(command?.words.map(({ start, end }) => text.slice(start, end)).slice(2), ['z'], text);
      if (bash) assert.equal(spawnSync('bash', ['-n', '-c', text]).status, 0, text);
    }
  });

  test('says what is never closed, as bash does', () => {
    for (const text of ['a $(b', 'a ${b', 'a `b', 'a "$(b")', 'a <(b', 'a "b $(c "d) e', "a $'b\\'"]) {
      assert.match(readShell(text, 0, text.length, 0).fault?.message ?? '', /never closed/, text);
      if (bash) assert.notEqual(spawnSync('bash', ['-n', '-c', text]).status, 0, text);
    }
    const deep = '"$('.repeat(100_000);
    assert.equal(readShell(deep, 0, deep.length, 0).commands.length, 1);
  });

  test('has a comment where a word begins with #, and files that it writes', () => {
    const text = "echo 1 >/proc/sys/net/ipv4/ip_forward a#b # why 'not";
    const { commands, comment, fault } = readShell(text, 0, text.length, 0);
    assert.equal(fault, null);
    assert.equal(text.slice(comment?.start, comment?.end), "# why 'not");
    assert.deepEqual(
      commands[0]?.into.map((word) => wordText(text, word)),
      ['/proc/sys/net/ipv4/ip_forward'],
    );
  });

  test('ends in a backslash that bash keeps', () => {
    assert.deepEqual(words('f a\\'), [['f', 'a\\']]);
  });
});
