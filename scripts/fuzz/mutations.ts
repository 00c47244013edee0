// Broken files through all that the server does with a file: parsing, the rules, what is shown, every fix.
import { type Analysis, analyse, shownFindings } from '../../server/src/analysis/analysis.ts';
import { fixesOf } from '../../server/src/analysis/fixes.ts';
import { type Files, type ParsedFile, parsedFile, problemsOf, rootOf } from '../../server/src/analysis/parsed-file.ts';
import { stepsOf } from '../../server/src/nftables/parser/parse.ts';
import { applyEdits } from '../../server/src/text/edit.ts';
import { type Language, sourceFile } from '../../server/src/text/source-file.ts';
import type { Span } from '../../server/src/text/span.ts';
import { eachToken } from '../../server/src/text/statement.ts';
import { seeded } from '../bench/random.ts';
import { ensure, FuzzFailure, failureOf, shrunk } from './failure.ts';
import { mutate } from './mutate.ts';
import { type Mesh, meshes, type Sample, type Subject } from './samples.ts';

export interface MutationReport {
  readonly mutations: number;
  readonly findings: number;
  readonly fixes: number;
  /** The longest that parsing and analysing one took. */
  readonly slowest: { readonly ms: number; readonly uri: string; readonly characters: number; readonly seed: number };
}

interface Prepared {
  readonly mesh: Mesh;
  readonly files: ReadonlyMap<string, ParsedFile>;
  readonly analysis: Analysis;
  readonly broken: readonly Sample[];
}

const keyPath = '/etc/wireguard';

/** Case `i` has the seed `seed + i`, so that one alone can be run again. */
export function fuzzMutations(subject: Subject, count: number, seed: number): MutationReport {
  const prepared = meshes(subject).map((mesh) => prepare(mesh, subject));
  const texts = prepared.flatMap(({ mesh }) => mesh.samples.map(({ text }) => text));
  let findings = 0;
  let fixes = 0;
  let slowest = { ms: 0, uri: '', characters: 0, seed };
  for (let i = 0; i < count; i++) {
    const random = seeded(seed + i);
    const within = random.pick(prepared);
    const sample = random.pick(within.broken);
    let text = sample.text;
    for (let changes = 1 + random.int(4); changes > 0; changes--) text = mutate(text, random.pick(texts), random);
    const check = (candidate: string): void => {
      const started = performance.now();
      const counts = checkFile(within, sample, candidate, i % 16 === 0);
      const ms = performance.now() - started;
      findings += counts.findings;
      fixes += counts.fixes;
      if (ms > slowest.ms) slowest = { ms, uri: sample.uri, characters: candidate.length, seed: seed + i };
    };
    const failure = failureOf(check, text);
    if (failure === null) continue;
    const small = shrunk(check, text);
    const hint = `npm run fuzz ${subject} -- --seed ${seed + i} --count 1\n${sample.uri} as ${JSON.stringify(small)}`;
    throw new FuzzFailure(failureOf(check, small) ?? failure, hint);
  }
  return { mutations: count, findings, fixes, slowest };
}

function prepare(mesh: Mesh, subject: Subject): Prepared {
  const files = new Map(mesh.samples.map((sample) => [sample.uri, parsedFile(sourceFile(sample.uri, 1, sample.language, sample.text))]));
  const broken = mesh.samples.filter(({ language }) => subject === 'all' || language === subject);
  return { mesh, files, analysis: analyse(files), broken };
}

/** Reads `text` in the place of a sample and throws where something does not hold that must. */
function checkFile(within: Prepared, sample: Sample, text: string, afresh: boolean): { findings: number; fixes: number } {
  const file = parsedText(sample.uri, sample.language, text);
  const files: Files = new Map(within.files).set(sample.uri, file);
  const analysis = analyse(files, within.analysis);
  const shown = shownFindings(analysis, sample.uri);
  let fixes = 0;
  for (const finding of shown) {
    inside(finding.span, text, finding.rule);
    for (const { uri, span } of finding.related) inside(span, files.get(uri)?.source.text ?? '', `${finding.rule}, related`);
    for (const fix of fixesOf(analysis, finding, { keyPath })) {
      fixes++;
      const uris = new Set(fix.edits.map(({ uri }) => uri));
      for (const uri of uris) {
        const edits = fix.edits.filter((edit) => edit.uri === uri);
        const before = files.get(uri)?.source.text;
        ensure(before !== undefined, `${fix.title} edits a file that is not there`);
        for (const { span } of edits) inside(span, before, fix.title);
        applyEdits(before, edits);
      }
      for (const { uri, from } of fix.moves ?? []) inside(from, files.get(uri)?.source.text ?? '', fix.title);
    }
  }
  if (afresh) {
    const again = shownFindings(analyse(files), sample.uri);
    ensure(JSON.stringify(again) === JSON.stringify(shown), 'what is found with the findings before an edit is not what is found without');
  }
  return { findings: shown.length, fixes };
}

/** Parses, and throws where the tokens do not cover the text, a problem lies outside of it, or reading took too many steps. */
export function parsedText(uri: string, language: Language, text: string): ParsedFile {
  const file = parsedFile(sourceFile(uri, 1, language, text));
  checkCover(file);
  if (language === 'nftables') checkSteps(text, stepsOf(text));
  return file;
}

/** How often the lexer may move for each character: samples take 0.25, words of one letter in an open list 2.5. */
const STEPS_PER_CHARACTER = 4;
const STEPS_AT_LEAST = 64;

/** Throws where the parser moved more often than the length of the text allows, so that no text can hang it. */
export function checkSteps(text: string, steps: number): void {
  const budget = STEPS_AT_LEAST + STEPS_PER_CHARACTER * text.length;
  ensure(steps <= budget, `reading ${text.length} characters took ${steps} steps, at most ${budget} are allowed`);
}

/** Throws where the tokens, joined, are not the text, or a problem lies outside of it. */
export function checkCover(file: ParsedFile): void {
  const { text } = file.source;
  const root = rootOf(file);
  if (root) {
    let at = 0;
    eachToken(root, (_token, start, end) => {
      ensure(start === at && end > start, `a token from ${start} to ${end} follows what ends at ${at}`);
      at = end;
    });
    ensure(at === text.length, `the tokens end at ${at}, the text at ${text.length}`);
  }
  for (const { problem, span } of problemsOf(file)) inside(span, text, problem.message);
}

function inside(span: Span, text: string, what: string): void {
  const sound =
    Number.isInteger(span.start) && Number.isInteger(span.end) && 0 <= span.start && span.start <= span.end && span.end <= text.length;
  ensure(sound, `${what}: ${span.start} to ${span.end} is no span of ${text.length} characters`);
}
