// Rules about access: asked apart, kept meanwhile, and only where something asks for them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessStage } from '../../server/src/analysis/access.ts';
import { type Analysis, analyse, shownFindings, withAccess } from '../../server/src/analysis/analysis.ts';
import { type Matrices, newMatrices } from '../../server/src/analysis/matrices.ts';
import { type ParsedFile, parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { languageOfPath } from '../../server/src/analysis/recognise.ts';
import { withAccessDone } from '../../server/src/analysis/whole.ts';
import type { AccessMatrix } from '../../server/src/reach/matrix/matrix.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import { exampleFiles } from '../support/example-files.ts';
import { uriOf } from '../support/mesh-files.ts';

const ruleset = 'hub/etc/nftables.conf';
const policy = 'meshwarden.jsonc';

function parsed(files: Readonly<Record<string, string>>, old?: Analysis): ReadonlyMap<string, ParsedFile> {
  return new Map(
    Object.keys(files)
      .sort()
      .map((path): [string, ParsedFile] => {
        const uri = uriOf(path);
        const before = old?.files.get(uri);
        const text = files[path] ?? '';
        if (before?.source.text === text) return [uri, before];
        const language = languageOfPath(`/${path}`);
        assert.ok(language && language !== 'maybe');
        return [uri, parsedFile(sourceFile(uri, 1, language, text), before, null)];
      }),
  );
}

const sound = exampleFiles('zero-trust-mesh');
const opened = { ...sound, [ruleset]: (sound[ruleset] ?? '').replace('tcp dport 443 accept', 'tcp dport { 22, 443 } accept') };

/** By rule and line, sorted. */
const found = (analysis: Analysis): readonly string[] =>
  [...analysis.files.values()]
    .flatMap(({ source: { uri, text } }) =>
      shownFindings(analysis, uri).map(({ rule, span }) => `${rule} ${text.slice(0, span.start).split('\n').length}`),
    )
    .sort();

test('an analysis says that they are due, tells the rest, and has them once they were asked', () => {
  const first = analyse(parsed(opened));
  assert.deepEqual([found(first), first.accessDue, first.access], [[], true, null]);
  const done = withAccessDone(first);
  assert.deepEqual(found(done), ['policy/test-failed 10', 'policy/unexpected-access 21']);
  assert.equal(done.accessDue, false);
});

test('what was found stays while they are due again, and goes where statements come or go', () => {
  const done = withAccessDone(analyse(parsed(opened)));
  const typed = analyse(parsed({ ...opened, [ruleset]: opened[ruleset].replace('{ 22, 443 }', '{ 23, 443 }') }, done), done, {}, true);
  assert.deepEqual([found(typed), typed.accessDue], [['policy/test-failed 10', 'policy/unexpected-access 21'], true]);
  const longer = analyse(
    parsed({ ...opened, [ruleset]: opened[ruleset].replace('# laptop', 'counter\n\t\t# laptop') }, done),
    done,
    {},
    true,
  );
  assert.deepEqual([found(longer), longer.accessDue], [['policy/test-failed 10'], true]);
  const mended = withAccessDone(analyse(parsed(sound, typed), typed));
  assert.deepEqual([found(mended), mended.accessDue], [[], false]);
});

test('a comment, and a file that is no part of it, leaves them done', () => {
  const done = withAccessDone(analyse(parsed(opened)));
  const comment = analyse(parsed({ ...opened, [ruleset]: `# a comment\n${opened[ruleset]}` }, done), done);
  assert.equal(comment.mesh, done.mesh);
  assert.equal(comment.accessDue, false);
  assert.deepEqual(found(comment), ['policy/test-failed 10', 'policy/unexpected-access 22']);
});

test('an edit of grants makes them due, and leaves the mesh as it is', () => {
  const done = withAccessDone(analyse(parsed(opened)));
  const wider = { ...opened, [policy]: (sound[policy] ?? '').replace('["tcp:443"] }', '["tcp:443", "tcp:22"] }') };
  const next = analyse(parsed(wider, done), done);
  assert.equal(next.mesh, done.mesh);
  assert.equal(next.accessDue, true);
  assert.deepEqual(found(withAccessDone(next)), ['policy/test-failed 10']);
});

test('nobody asks for them where no workspace file has grants or tests', () => {
  const analysis = analyse(parsed({ ...opened, [policy]: '{ "rules": {} }' }));
  assert.deepEqual([analysis.accessDue, analysis.access], [false, null]);
  assert.equal(withAccessDone(analysis), analysis);
});

test('they are asked in steps, and may be stopped between two', () => {
  const analysis = analyse(parsed(opened));
  const asked: AccessMatrix[] = [];
  const own = newMatrices();
  const matrices: Matrices = {
    of(model, view) {
      const matrix = own.of(model, view);
      asked.push(matrix);
      return matrix;
    },
  };
  const stopped = accessStage(analysis, matrices);
  for (let i = 0; i < 3; i++) assert.equal(stopped.next().done, false);
  // the matrices that were begun are there for the next run
  const [begun] = asked;
  assert.ok(begun && own.of(begun.model, begun.view) === begun);
  const steps = accessStage(analysis, matrices);
  let count = 0;
  for (;;) {
    const { done, value } = steps.next();
    if (done) {
      assert.ok(count > 6, `only ${count} steps`);
      assert.equal(found(withAccess(analysis, value)).length, 2);
      return;
    }
    count++;
  }
});

test('what was found of files that have changed since is due at once again', () => {
  const first = analyse(parsed(opened));
  const steps = accessStage(first, newMatrices());
  let result = steps.next();
  while (!result.done) result = steps.next();
  const now = analyse(parsed(sound, first), first);
  assert.equal(withAccess(now, result.value).accessDue, true);
});
