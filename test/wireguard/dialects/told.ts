// What is told of a text in one dialect, and how a test says what should be.
import assert from 'node:assert/strict';
import { type ParsedFile, parsedFile, placeSpan, problemsOf } from '../../../server/src/analysis/parsed-file.ts';
import { changed, type Language, sourceFile } from '../../../server/src/text/source-file.ts';
import { eachStatement, headWidth } from '../../../server/src/text/statement.ts';
import type { WireguardFacts } from '../../../server/src/wireguard/facts.ts';
import type { At } from '../../../server/src/wireguard/peer-facts.ts';

export function opened(language: Language, text: string, uri = 'file:///a'): ParsedFile {
  const file = parsedFile(sourceFile(uri, 1, language, text));
  let joined = 0;
  eachStatement(file.wireguard?.root ?? assert.fail('no tree'), (statement) => {
    if (statement.syntax.kind !== 'file') joined += headWidth(statement);
    return undefined;
  });
  assert.equal(joined, text.length, 'the tokens joined are the text');
  return file;
}

export function factsOf(file: ParsedFile): WireguardFacts {
  assert.equal(file.facts.language, 'wireguard');
  return file.facts as WireguardFacts;
}

/** What the file has at a fact's place. */
export function shown(file: ParsedFile, at: At<unknown> | null | undefined): string | null {
  const span = at && placeSpan(file, at.at);
  return span ? file.source.text.slice(span.start, span.end) : null;
}

/** `«…»` marks where the one problem stands; without marks there is none. */
export function expectTold(language: Language, marked: string, rule = '', says = /./, suggest: readonly string[] = []): void {
  const start = marked.indexOf('«');
  const text = marked.replace(/[«»]/g, '');
  const found = problemsOf(opened(language, text)).map(({ problem, span }) => ({
    rule: problem.rule,
    text: text.slice(span.start, span.end),
    start: span.start,
    suggest: [...(problem.suggest ?? [])],
    message: problem.message,
  }));
  const wanted =
    start < 0 ? [] : [{ rule: `wireguard/${rule}`, text: text.slice(start, marked.indexOf('»') - 1), start, suggest: [...suggest] }];
  assert.deepEqual(
    found.map(({ message: _, ...rest }) => rest),
    wanted,
    JSON.stringify(found),
  );
  for (const { message } of found) assert.match(message, says);
}

/** A text after every edit of one place is read as it would be afresh. */
export function expectSameAfterEdits(language: Language, text: string, inserted: readonly string[]): void {
  for (let at = 0; at <= text.length; at++) {
    for (const piece of inserted) {
      const old = opened(language, text);
      const lines = text.slice(0, at).split('\n');
      const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
      const { file: source, damage } = changed(old.source, 2, [{ range: { start: position, end: position }, text: piece }]);
      const edited = parsedFile(source, old, damage);
      const fresh = parsedFile(source);
      assert.deepEqual(problemsOf(edited), problemsOf(fresh), `${JSON.stringify(piece)} at ${at}`);
      // fingerprints are the process's own, so equal keys are equal
      assert.deepEqual(edited.facts, fresh.facts, `${JSON.stringify(piece)} at ${at}`);
    }
  }
}
