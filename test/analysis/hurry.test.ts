// While somebody types: what reads a whole ruleset is put off, and never forgotten.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Analysis, analyse, shownFindings } from '../../server/src/analysis/analysis.ts';
import { parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';

const uri = 'file:///a.nft';
const ruleset = (rule: string, more = ''): string =>
  `define web = 80\ntable inet t {\n\tchain c {\n\t\ttype filter hook output priority 0;\n\t\t${rule}\n${more}\t}\n}\n`;

function after(old: Analysis, text: string, hurry: boolean): Analysis {
  return analyse(new Map([[uri, parsedFile(sourceFile(uri, 2, 'nftables', text))]]), old, {}, hurry);
}

const rulesOf = (analysis: Analysis): readonly string[] => shownFindings(analysis, uri).map(({ rule }) => rule);

test('a hurried analysis keeps what was found, tells the rest at once, and is finished later', () => {
  const first = after(analyse(new Map()), ruleset('tcp dport $web accept'), false);
  assert.deepEqual([rulesOf(first), first.unfinished], [[], false]);

  const typed = after(first, ruleset('tcp dport 80 accept'), true);
  assert.deepEqual([rulesOf(typed), typed.unfinished], [[], true], 'the variable is unused now, and that may wait');
  const broken = after(typed, ruleset('tcp dport 80 acept'), true);
  assert.deepEqual([rulesOf(broken), broken.unfinished], [['nftables/syntax'], true], 'a mistake may not');

  const later = after(typed, ruleset('tcp dport 80 accept'), false);
  assert.deepEqual([rulesOf(later), later.unfinished], [['nftables/unused'], false]);
});

test('where statements come or go, all is found at once, since findings would stand elsewhere', () => {
  const first = after(analyse(new Map()), ruleset('tcp dport $web accept'), false);
  const typed = after(first, ruleset('tcp dport 80 accept', '\t\tcounter\n'), true);
  assert.deepEqual([rulesOf(typed), typed.unfinished], [['nftables/unused'], false]);
});
