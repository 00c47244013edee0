// nft commands in hooks: `PostUp = nft add rule inet filter forward iifname %i accept`. nft joins its words with spaces and reads them
// as a ruleset (main.c), and so do we; what is found is told where it stands in the hook's line, quotation marks and all.

import { type NftablesFacts, nftablesFactList, nftablesFacts } from '../nftables/facts.ts';
import { parseNftables } from '../nftables/parser/parse.ts';
import type { Span } from '../text/span.ts';
import { eachStatement, type SyntaxProblem } from '../text/statement.ts';
import { type ShellCommand, type ShellWord, wordUnits } from './shell.ts';

/** A command as nft reads it. */
export interface HookNft {
  readonly text: string;
  /** Where each unit of `text` stands in the line; one more for its end. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Whether bash may make something else of it. */
  readonly dynamic: boolean;
  /** The file that it reads (`-f`); then `text` is none of the command's. */
  readonly file: string | null;
}

/** What may stand before a command's name: words that only run it, and those of bash's compound commands. */
const PREFIXES = /^(?:sudo|command|exec|!|\{|do|then|else|if|elif|while|until|time|[A-Za-z_]\w*=.*)$/;

/** The option of nft(8) that takes a value, with the value where it is part of the same word: `-fFILE`, `--file=FILE`, `-cf FILE`. */
function valued(option: string): { readonly name: string | null; readonly attached: string | null } {
  const [, name = null, attached = ''] =
    /^--(file|includepath|define|debug)(=.*)?$/s.exec(option) ?? /^-[^-fIDd]*([fIDd])(.*)$/s.exec(option) ?? [];
  return { name, attached: attached === '' ? null : attached.replace(/^=/, '') };
}

/** wg-quick puts the interface's name for %i (wg-quick(8)). */
const NAME = '%i';

/** The nft command that a hook's command is; null where it is another program, or nft asks for what is not on its line. */
export function hookNft(line: string, command: ShellCommand, interfaceName: string): HookNft | null {
  const words = [...command.words];
  while (words[0] && PREFIXES.test(wordUnits(line, words[0]).text)) words.shift();
  const program = words.shift();
  if (!program || program.dynamic || !/^(?:\/[\w/.-]*\/)?nft$/.test(wordUnits(line, program).text)) return null;
  let file: string | null = null;
  while (words[0]) {
    const option = wordUnits(line, words[0]).text;
    if (!option.startsWith('-') || words[0].dynamic) break;
    words.shift();
    if (option === '--') break;
    if (option === '-i' || option === '--interactive' || option === '-h' || option === '--help') return null;
    const { name, attached } = valued(option);
    if (name === null) continue;
    const word = attached === null ? words.shift() : undefined;
    if (word?.dynamic) return null;
    const value = attached ?? (word ? wordUnits(line, word).text : '');
    if (name === 'f' || name === 'file') file = value.replaceAll(NAME, interfaceName);
  }
  if (file === '-' || file === '/dev/stdin' || (file === null && words.length === 0)) return null;
  return { ...joined(line, file === null ? words : [], interfaceName), dynamic: words.some(({ dynamic }) => dynamic), file };
}

function joined(line: string, words: readonly ShellWord[], interfaceName: string): Pick<HookNft, 'text' | 'starts' | 'ends'> {
  let text = '';
  const starts: number[] = [];
  const ends: number[] = [];
  const put = (unit: string, start: number, end: number): void => {
    text += unit;
    starts.push(start);
    ends.push(end);
  };
  for (const [index, word] of words.entries()) {
    const before = words[index - 1];
    if (before) put(' ', before.end, word.start);
    const units = wordUnits(line, word);
    for (let i = 0; i < units.text.length; i++) {
      const start = units.starts[i] as number;
      if (!units.text.startsWith(NAME, i)) put(units.text[i] as string, start, units.ends[i] as number);
      else {
        for (const unit of interfaceName) put(unit, start, units.ends[i + 1] as number);
        i++;
      }
    }
  }
  const end = words[words.length - 1]?.end ?? 0;
  starts.push(end);
  ends.push(end);
  return { text, starts, ends };
}

/** The span in the line of a span in the command. */
export function lineSpan({ starts, ends }: HookNft, { start, end }: Span): Span {
  const last = starts.length - 1;
  const from = starts[Math.min(start, last)] as number;
  const to = end > start ? (ends[Math.min(end, last + 1) - 1] as number) : from;
  return { start: from, end: Math.max(from, to) };
}

/** What nft would not take of the command, in the line's offsets; nothing where bash may change it first. */
export function hookNftProblems(line: string, command: ShellCommand): readonly SyntaxProblem[] {
  // a problem does not hang on the name
  const nft = hookNft(line, command, 'wg0');
  if (!nft || nft.dynamic || nft.file !== null) return [];
  const problems: SyntaxProblem[] = [];
  eachStatement(parseNftables(`${nft.text}\n`).root, (statement, offset) => {
    for (const { suggest = [], message, rule, start, end } of statement.problems) {
      const at = lineSpan(nft, { start: start + offset, end: end + offset });
      const written = line.slice(at.start, at.end);
      const plain = written === nft.text.slice(start + offset, end + offset);
      // what stands instead must not need quotation marks of its own
      const mends = plain ? suggest.filter((text) => /^[\w./-]+$/.test(text)) : [];
      const cut = /never closed/.test(message)
        ? '; bash ends the command at a “;”, so put the braces with what they hold in quotation marks'
        : '';
      problems.push({ ...at, rule, message: `${message}${cut}`, failsAt: 'hook', ...(mends.length > 0 ? { suggest: mends } : {}) });
    }
    return undefined;
  });
  // nft stops at the first, and the rest may follow from it
  return problems.slice(0, 1);
}

const kept = new Map<string, NftablesFacts>();
const MOST_KEPT = 256;

/** The facts of a command's text, as of a file. */
export function nftCommandFacts(text: string): NftablesFacts {
  let facts = kept.get(text);
  if (!facts) {
    const whole = `${text}\n`;
    facts = nftablesFacts(nftablesFactList(parseNftables(whole), whole));
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(text, facts);
  }
  return facts;
}
