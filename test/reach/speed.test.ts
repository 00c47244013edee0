// What a keystroke in a large ruleset costs, counted and not timed: rules read, and pairs of rules compared.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Analysis, analyse, shownFindings } from '../../server/src/analysis/analysis.ts';
import { type ParsedFile, parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { readingsMade } from '../../server/src/reach/reading.ts';
import { pairsCompared } from '../../server/src/reach/shadow.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';

const URI = 'file:///hub/etc/nftables.conf';
const RULES = 10_000;

const config = `[Interface]
Address = 10.10.0.1/16
ListenPort = 51820

[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.0/16
`;

function ruleset(): string {
  const rules = Array.from(
    { length: RULES },
    (_, i) =>
      `\t\tiifname "wg0" oifname "wg0" ip saddr 10.10.${1 + (i >> 8)}.${i & 255} ip daddr 10.10.200.${i % 50} tcp dport ${1000 + (i % 7)} accept\n`,
  );
  return `table inet filter {\n\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n${rules.join('')}\t\tlog prefix "end: "\n\t}\n}\n`;
}

interface State {
  readonly file: ParsedFile;
  readonly analysis: Analysis;
}

const wg = parsedFile(sourceFile('file:///hub/etc/wireguard/wg0.conf', 1, 'wireguard', config));

function analysed(file: ParsedFile, old?: Analysis): State {
  const files = new Map([
    [file.source.uri, file],
    [wg.source.uri, wg],
  ]);
  return { file, analysis: analyse(files, old) };
}

/** Types `text` over the `length` units at `start`. */
function typed({ file, analysis }: State, start: number, length: number, text: string): State {
  const { source } = file;
  const next = source.text.slice(0, start) + text + source.text.slice(start + length);
  const changed = sourceFile(URI, source.version + 1, 'nftables', next);
  const damage = { start, oldEnd: start + length, newEnd: start + text.length };
  return analysed(parsedFile(changed, file, damage), analysis);
}

function cost(work: () => State): { readonly state: State; readonly read: number; readonly compared: number } {
  const read = readingsMade();
  const compared = pairsCompared();
  const state = work();
  return { state, read: readingsMade() - read, compared: pairsCompared() - compared };
}

function shadowed({ analysis }: State): number {
  return shownFindings(analysis, URI).filter(({ rule }) => rule === 'nftables/shadowed-rule').length;
}

test('a ruleset of 10,000 rules is read once, and its pairs are not compared by squares', () => {
  const { state, read, compared } = cost(() => analysed(parsedFile(sourceFile(URI, 1, 'nftables', ruleset()))));
  assert.equal(read, RULES + 1);
  assert.ok(compared <= RULES, `${compared} pairs were compared`);
  assert.equal(shadowed(state), 0);
});

test('an edit reads its own rule again, and compares it with each other once at the most', () => {
  const first = analysed(parsedFile(sourceFile(URI, 1, 'nftables', ruleset())));
  const { text } = first.file.source;
  const at = text.indexOf('ip saddr', text.length / 2);
  // the host's own source instead: the rule now takes what a later rule is for
  const end = text.indexOf(' ip daddr', at);
  const edit = cost(() => typed(first, at, end - at, 'ip saddr 10.10.0.0/16'));
  assert.equal(edit.read, 1);
  assert.ok(edit.compared <= RULES, `${edit.compared} pairs were compared`);
  assert.ok(shadowed(edit.state) > 0);
  const fresh = analysed(parsedFile(sourceFile(URI, 1, 'nftables', edit.state.file.source.text)));
  const told = ({ analysis }: State): unknown => shownFindings(analysis, URI).map(({ rule, span, related }) => ({ rule, span, related }));
  assert.deepEqual(told(edit.state), told(fresh));

  const back = cost(() => typed(edit.state, at, 'ip saddr 10.10.0.0/16'.length, text.slice(at, end)));
  assert.equal(back.read, 1);
  assert.equal(shadowed(back.state), 0);
});

test('an edit in a comment reads and compares nothing', () => {
  const first = analysed(parsedFile(sourceFile(URI, 1, 'nftables', `# the hub\n${ruleset()}`)));
  const { read, compared } = cost(() => typed(first, 5, 0, 's'));
  assert.deepEqual({ read, compared }, { read: 0, compared: 0 });
});
