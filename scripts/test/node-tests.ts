// A stage of node:test files: runs them, each in a process of its own, and counts what they report.
import path from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';
import { type Outcome, root, type Skip } from './stage.ts';

export interface TestRun {
  readonly files: readonly string[];
  /** files at a time */
  readonly concurrency: number;
  /** after which what still runs is ended and fails */
  readonly minutes: number;
  /** where the lines go; else the console */
  readonly say?: (line: string) => void;
}

type TestEvents = ReturnType<typeof run>;
type TestEvent = TestEvents extends AsyncIterable<infer Event> ? Event : never;
type Finished = Extract<TestEvent, { readonly type: 'test:pass' | 'test:fail' }>;

/** Runs the files and prints each failure in full, and what its file printed. Suites do not count, tests with subtests do. */
export async function runTests({ files, concurrency, minutes, say = console.log }: TestRun): Promise<Outcome> {
  const absolute = files.map((file) => path.resolve(root, file));
  const limit = AbortSignal.timeout(minutes * 60_000);
  const skipped: Skip[] = [];
  const printed = new Map<string, string>();
  const failedFiles = new Set<string>();
  let passed = 0;
  let failed = 0;

  const fail = (file: string, place: string, why: string): void => {
    failed++;
    failedFiles.add(file);
    say(`✖ ${place}\n${indent(why)}`);
  };
  for await (const event of run({ files: absolute, concurrency, signal: limit, cwd: root })) {
    if (event.type === 'test:stdout' || event.type === 'test:stderr') {
      const file = event.data.file ?? '';
      printed.set(file, (printed.get(file) ?? '') + event.data.message);
    } else if (event.type === 'test:summary') {
      // a sign of life from a file that takes its time
      const { file, duration_ms: ms } = event.data;
      if (file !== undefined && ms > 5000) say(`  ${relative(file)}: ${(ms / 1000).toFixed(0)} s`);
    } else if (event.type === 'test:pass' || event.type === 'test:fail') {
      const file = event.data.file ?? '';
      const place = placeOf(event);
      const verdict = judge(event);
      if (verdict === 'passed') passed++;
      else if (verdict.skip !== undefined) skipped.push({ test: place, reason: verdict.skip });
      else if (verdict.failure !== undefined) fail(file, place, limit.aborted ? `still running after ${minutes} minutes` : verdict.failure);
    }
  }
  for (const file of failedFiles) {
    const text = printed.get(file)?.trimEnd();
    if (text) say(`What ${relative(file)} printed:\n${indent(text)}`);
  }
  return { passed, failed, skipped };
}

type Verdict = 'passed' | { readonly skip?: string; readonly failure?: string };

const uncounted: Verdict = {};

function judge(event: Finished): Verdict {
  const { name, file, nesting, skip, todo, details } = event.data;
  // a whole file is reported as a test only where no test in it was
  const isFile = nesting === 0 && name === file;
  if (isFile && event.type === 'test:pass') return { failure: 'there is no test in this file' };
  if (skip !== undefined && skip !== false) return { skip: reason(skip, 'no reason given') };
  if (todo !== undefined && todo !== false) return { skip: `to do: ${reason(todo, 'no reason given')}` };
  if (event.type === 'test:pass') return details.type === 'suite' ? uncounted : 'passed';
  const { error } = event.data.details;
  // told already, by the tests in it
  if (failureType(error) === 'subtestsFailed') return uncounted;
  return { failure: inspect(error.cause ?? error, { depth: 8, maxStringLength: null }) };
}

function reason(given: string | boolean, otherwise: string): string {
  return typeof given === 'string' && given !== '' ? given : otherwise;
}

function failureType(error: Error): unknown {
  return 'failureType' in error ? error.failureType : undefined;
}

/** FILE:LINE › SUITE › TEST, the file from the repository's root on. */
function placeOf({ data }: Finished): string {
  const file = relative(data.file ?? '');
  if (data.name === data.file) return file;
  const suite = 'classname' in data && typeof data.classname === 'string' ? [data.classname] : [];
  return [`${file}:${data.line ?? 1}`, ...suite, data.name].join(' › ');
}

function relative(file: string): string {
  return path.relative(root, file);
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
