// Rulesets in which rules are repeated with other digits and letters: what is read and checked once for a shape must equal what reading and
// checking each statement by itself gives.
import { type Checked, checkRuleset } from '../../server/src/nftables/check/check.ts';
import { nftablesFactList } from '../../server/src/nftables/facts.ts';
import { parseNftables } from '../../server/src/nftables/parser/parse.ts';
import type { NftablesTree } from '../../server/src/nftables/tree.ts';
import { type NftVersion, newestVersion } from '../../server/src/nftables/vocabulary/versions.ts';
import { equalData } from '../../server/src/text/equal.ts';
import type { Damage } from '../../server/src/text/reuse.ts';
import { eachStatement } from '../../server/src/text/statement.ts';
import { type Random, seeded } from '../bench/random.ts';
import { checkStatement } from './edits.ts';
import { ensure, FuzzFailure, failureOf, shrunk } from './failure.ts';

export interface ShapeReport {
  readonly cases: number;
  /** Statements that were taken for another of their shape, and those of which the check was. */
  readonly read: number;
  readonly checked: number;
  readonly problems: number;
}

const LONGEST = 6000;

/** Case `i` has the seed `seed + i`. */
export function fuzzShapes(texts: readonly string[], count: number, seed: number): ShapeReport {
  const some = texts.filter(({ length }) => length < LONGEST);
  const report = { cases: count, read: 0, checked: 0, problems: 0 };
  for (let i = 0; i < count; i++) {
    const random = seeded(seed + i);
    const text = repeated(random.pick(some), random);
    const version: NftVersion = random.int(4) === 0 ? '1.0.6' : newestVersion;
    const check = (candidate: string): void => {
      const { tree, checked } = compare(candidate, version, report);
      const at = random.int(candidate.length + 1);
      const digits = String(random.int(random.pick([10, 300, 70_000])));
      const oldEnd = Math.min(candidate.length, at + random.int(digits.length + 1));
      const next = candidate.slice(0, at) + digits + candidate.slice(oldEnd);
      compare(next, version, report, { tree, checked, damage: { start: at, oldEnd, newEnd: at + digits.length } });
    };
    if (failureOf(check, text) === null) continue;
    // the edit is another for another text
    const alone = (candidate: string): void => void compare(candidate, version, report);
    const failure = failureOf(alone, text);
    const small = failure === null ? text : shrunk(alone, text);
    throw new FuzzFailure(failure ?? failureOf(check, text) ?? 'an edit', `seed ${seed + i}: ${JSON.stringify(small)}`);
  }
  return report;
}

interface Before {
  readonly tree: NftablesTree;
  readonly checked: Checked;
  readonly damage: Damage;
}

/** Reads and checks `text` in both ways; with what was before an edit, goes on from there. */
function compare(
  text: string,
  version: NftVersion,
  counts: { read: number; checked: number; problems: number },
  before?: Before,
): { readonly tree: NftablesTree; readonly checked: Checked } {
  const tree = parseNftables(text, before?.tree, before?.damage);
  const each = parseNftables(text, undefined, undefined, true);
  checkStatement(tree.root, each.root, '');
  ensure(equalData(nftablesFactList(tree, text).facts, nftablesFactList(each, text).facts), 'the facts differ');
  const checked = checkRuleset(tree, text, version, before?.checked);
  const alone = checkRuleset(each, text, version);
  if (!equalData(checked.problems, alone.problems))
    throw new Error(`found ${JSON.stringify(checked.problems)}, and each by itself ${JSON.stringify(alone.problems)}`);
  counts.problems += alone.problems.length;
  const syntaxes = new Set<unknown>();
  const results = new Set<unknown>();
  eachStatement(tree.root, (statement) => {
    if (statement.syntax.kind === 'blank') return undefined;
    if (syntaxes.has(statement.syntax)) {
      counts.read++;
      if (results.has(statement.checked)) counts.checked++;
    }
    syntaxes.add(statement.syntax);
    results.add(statement.checked);
    return undefined;
  });
  return { tree, checked };
}

/** `text` with some of its lines once or several times more, each a little otherwise. */
function repeated(text: string, random: Random): string {
  const lines = text.split('\n');
  for (let times = 1 + random.int(6); times > 0; times--) {
    const at = random.int(lines.length);
    const line = lines[at] ?? '';
    lines.splice(at, 0, ...Array.from({ length: 1 + random.int(4) }, () => altered(line, random)));
  }
  return lines.join('\n');
}

const DIGITS = '0123456789';
const HEX = '0123456789abcdefABCDEF';
const LETTERS = 'abcxyzABC019';

function altered(line: string, random: Random): string {
  if (random.int(8) === 0) {
    const at = random.int(line.length + 1);
    return line.slice(0, at) + random.pick([...'0189 .:/-";{}x$@*#a']) + line.slice(at + random.int(2));
  }
  const often = random.pick([2, 3, 20]);
  return line.replace(/"[^"]*"|[0-9a-fA-F]*:[0-9a-fA-F:]+|\d+/g, (part) => {
    if (random.int(3) === 0) return part;
    if (/^\d+$/.test(part) && random.int(4) === 0) return extreme(part.length, random);
    const from = part.startsWith('"') ? LETTERS : part.includes(':') ? HEX : DIGITS;
    const kind = part.startsWith('"') ? /[A-Za-z0-9]/g : /[0-9A-Fa-f]/g;
    return part.replace(kind, (unit) => (random.int(often) === 0 ? random.pick([...from]) : unit));
  });
}

/** Numbers of that many digits that are a little too much somewhere, or octal. */
function extreme(length: number, random: Random): string {
  const found = ['9', '08', '32', '33', '010', '255', '256', '0377', '1025', '65535', '65536', '99999'].filter(
    (number) => number.length === length,
  );
  return found.length > 0 ? random.pick(found) : '9'.repeat(length);
}
