// Files edited step by step as an editor sends it: what is kept of the tree and facts before must equal what is read afresh.
import { type ParsedFile, parsedFile, placeSpan, problemsOf, rootOf, statementOffset } from '../../server/src/analysis/parsed-file.ts';
import { equalData } from '../../server/src/text/equal.ts';
import { linesOf, positionAt } from '../../server/src/text/lines.ts';
import { type Change, changed, sourceFile } from '../../server/src/text/source-file.ts';
import type { Statement } from '../../server/src/text/statement.ts';
import { type Random, seeded } from '../bench/random.ts';
import { ensure, FuzzFailure, failureOf } from './failure.ts';
import { mutate, randomPiece } from './mutate.ts';
import { checkCover } from './mutations.ts';
import { meshes, type Subject } from './samples.ts';

export interface EditReport {
  readonly series: number;
  readonly steps: number;
  readonly slowest: { readonly ms: number; readonly uri: string; readonly seed: number };
}

const STEPS = 25;

/** Series `i` has the seed `seed + i` and some 25 steps, each of one to three changes. */
export function fuzzEdits(subject: Subject, steps: number, seed: number): EditReport {
  const samples = meshes(subject).flatMap((mesh) => mesh.samples.filter(({ language }) => subject === 'all' || language === subject));
  let done = 0;
  let series = 0;
  let slowest = { ms: 0, uri: '', seed };
  for (; done < steps; series++) {
    const random = seeded(seed + series);
    const sample = random.pick(samples);
    let file = parsedFile(sourceFile(sample.uri, 1, sample.language, sample.text));
    // typing goes on where it was
    let caret = random.int(sample.text.length + 1);
    for (let step = 0; step < STEPS && done < steps; step++, done++) {
      const before = file;
      const { changes, caret: next } = randomChanges(
        before.source.text,
        caret,
        random,
        samples.map(({ text }) => text),
      );
      caret = next;
      const started = performance.now();
      const failure = failureOf(() => {
        file = edited(before, changes);
      }, '');
      const ms = performance.now() - started;
      if (ms > slowest.ms) slowest = { ms, uri: sample.uri, seed: seed + series };
      const wrong = failure ?? failureOf(() => checkEqual(file), '');
      if (wrong === null) continue;
      throw new FuzzFailure(wrong, hintOf(subject, seed + series, before, changes));
    }
  }
  return { series, steps: done, slowest };
}

function edited(file: ParsedFile, changes: readonly Change[]): ParsedFile {
  const { file: source, damage } = changed(file.source, file.source.version + 1, changes);
  return parsedFile(source, file, damage);
}

/** How to see it again: alone where the one step fails on a file read afresh, else the whole series. */
function hintOf(subject: Subject, seed: number, before: ParsedFile, changes: readonly Change[]): string {
  const { uri, language, text } = before.source;
  const alone = failureOf(() => checkEqual(edited(parsedFile(sourceFile(uri, 1, language, text)), changes)), '') !== null;
  const series = `npm run fuzz ${subject} -- --edits --seed ${seed} --count ${STEPS}`;
  const step = `${alone ? 'this step alone' : 'the last step'}: ${uri} as ${JSON.stringify(text)} with ${JSON.stringify(changes)}`;
  return `${series}\n${step}`;
}

function randomChanges(
  text: string,
  caret: number,
  random: Random,
  others: readonly string[],
): { readonly changes: readonly Change[]; readonly caret: number } {
  const changes: Change[] = [];
  let now = text;
  let at = Math.min(caret, now.length);
  for (let count = random.int(6) === 0 ? 1 + random.int(3) : 1; count > 0; count--) {
    const kind = random.int(20);
    if (kind === 0) {
      now = mutate(now, random.pick(others), random);
      changes.push({ text: now });
      continue;
    }
    if (kind > 11) at = random.int(now.length + 1);
    const length = kind > 16 ? Math.min(random.int(120), now.length - at) : kind > 13 ? Math.min(1 + random.int(3), now.length - at) : 0;
    const other = random.pick(others);
    const from = random.int(other.length + 1);
    const inserted = kind === 19 ? other.slice(from, from + random.int(200)) : kind > 16 && random.int(2) === 0 ? '' : randomPiece(random);
    const lines = linesOf(now);
    changes.push({ range: { start: positionAt(lines, at), end: positionAt(lines, at + length) }, text: inserted });
    // a position in the middle of a line break is taken as the line's end, so the text is asked for again
    now = changed(sourceFile('', 1, 'public-key', now), 2, [changes[changes.length - 1] as Change]).file.text;
    at = Math.min(at + inserted.length, now.length);
  }
  return { changes, caret: at };
}

/** Throws where a file that was edited is not what reading its text afresh gives; memo slots do not count. */
function checkEqual(file: ParsedFile): void {
  const { uri, version, language, text } = file.source;
  const fresh = parsedFile(sourceFile(uri, version, language, text));
  checkCover(file);
  ensure(equalData([...file.source.lines], [...fresh.source.lines]), 'the lines differ');
  const root = rootOf(file);
  const freshRoot = rootOf(fresh);
  if (root && freshRoot) checkStatement(root, freshRoot, '');
  ensure(equalData(problemsOf(file), problemsOf(fresh)), 'the problems differ');
  ensure(equalData(file.facts, fresh.facts), 'the facts differ');
  const facts = file.list?.facts.length ?? 0;
  ensure(facts === (fresh.list?.facts.length ?? 0), 'the number of facts differs');
  for (let statement = 0; statement < facts; statement++) {
    ensure(statementOffset(file, statement) === statementOffset(fresh, statement), `fact ${statement} begins elsewhere`);
    for (const item of [0, 1, 2]) {
      const place = { statement, item };
      ensure(equalData(placeSpan(file, place), placeSpan(fresh, place)), `item ${item} of fact ${statement} stands elsewhere`);
    }
  }
}

export function checkStatement(a: Statement, b: Statement, where: string): void {
  const same = (what: string, left: unknown, right: unknown): void => {
    if (!equalData(left, right)) throw new Error(`statement ${where || 'root'}: ${what} is ${shown(left)}, and afresh ${shown(right)}`);
  };
  same('width', a.width, b.width);
  same('place', a.place, b.place);
  same('closed', a.closed, b.closed);
  same('reach', a.reach, b.reach);
  same('troubled', a.troubled, b.troubled);
  same('problems', a.problems, b.problems);
  same('tokens', a.head, b.head);
  same('syntax', a.syntax, b.syntax);
  same('number of statements', a.body.length, b.body.length);
  for (const [i, child] of a.body.entries()) checkStatement(child, b.body[i] as Statement, `${where}/${i}`);
}

function shown(value: unknown): string {
  return (JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'undefined').slice(0, 400);
}
