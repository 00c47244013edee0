// The shell words of a hook, split as bash splits them (bash(1), QUOTING and SHELL GRAMMAR). Nothing is expanded: a word that
// bash would change is marked as dynamic. Words are kept as spans, since a hook may hold a key.
import type { Span } from '../text/span.ts';
import { type Skipper, skipperOf } from './shell-quotes.ts';

export interface ShellWord extends Span {
  /** Holds `$…`, a backtick, `<(…)`, a glob, `{a,b}` or a home, so its text is not what the command will see. */
  readonly dynamic: boolean;
}

/** A simple command: its words, redirections left out. */
export interface ShellCommand extends Span {
  readonly words: readonly ShellWord[];
  /** The files that its output goes to. */
  readonly into: readonly ShellWord[];
}

export interface ShellReading {
  readonly commands: readonly ShellCommand[];
  /** From its `#` to the end; null where there is none. */
  readonly comment: Span | null;
  readonly fault: (Span & { readonly message: string }) | null;
}

const DOUBLE_QUOTE = 34;
const DOLLAR = 36;
const QUOTE = 39;
const BACKSLASH = 92;
const BACKTICK = 96;

/** Reads `text[start..end]`; the spans of the result are less `base`. */
export function readShell(text: string, start: number, end: number, base: number): ShellReading {
  const commands: ShellCommand[] = [];
  let words: ShellWord[] = [];
  let into: ShellWord[] = [];
  let fault: ShellReading['fault'] = null;
  let comment: Span | null = null;
  /** What the next word is: one of the command's, or a redirection's file. */
  let next: 'word' | 'input' | 'output' = 'word';
  let i = start;
  const skip: Skipper = skipperOf(text, end);

  function endCommand(): void {
    const first = words[0];
    const last = words[words.length - 1];
    if (first && last) commands.push({ start: first.start, end: last.end, words, into });
    words = [];
    into = [];
    next = 'word';
  }

  /** Goes on behind what was opened at `from`; says so where it is never closed. */
  function closed(from: number, behind: number | null, what: string): void {
    if (behind === null) {
      fault ??= { start: from - base, end: end - base, message: `this ${what} is never closed, so bash refuses the whole hook` };
      i = end;
    } else i = behind;
  }

  function readWord(): void {
    const from = i;
    let dynamic = false;
    // a brace that stands bare, and whether what makes it expand follows
    let brace = false;
    let several = false;
    while (i < end) {
      const unit = text.charCodeAt(i);
      const c = text[i] as string;
      if (unit === BACKSLASH) {
        i += 2;
      } else if (unit === QUOTE) {
        closed(i, skip.single(i + 1), 'quotation mark');
      } else if (unit === DOUBLE_QUOTE) {
        const open = i;
        closed(open, skip.double(open + 1), 'quotation mark');
        for (let j = open + 1; j < i; j++) {
          if (text[j] === '\\') j++;
          else if (text[j] === '$' || text[j] === '`') dynamic = true;
        }
      } else if (unit === DOLLAR && text[i + 1] === "'") {
        // ANSI-C quoting; its escapes are bash's to read
        dynamic = true;
        closed(i + 1, skip.ansi(i + 2), 'quotation mark');
      } else if (unit === DOLLAR || ((c === '<' || c === '>') && text[i + 1] === '(')) {
        dynamic = true;
        const opened = text[i + 1];
        if (opened === '(') closed(i, skip.bracket(i + 2, '(', ')'), 'bracket');
        else if (opened === '{') closed(i, skip.bracket(i + 2, '{', '}'), 'brace');
        else i++;
      } else if (unit === BACKTICK) {
        dynamic = true;
        closed(i, skip.backtick(i + 1), 'backtick');
      } else if (' \t\r\n;&|<>()'.includes(c)) {
        break;
      } else {
        if (c === '*' || c === '?') dynamic = true;
        else if (c === '~') dynamic ||= i === from || text[i - 1] === '=' || text[i - 1] === ':';
        else if (c === '{') brace = true;
        else if (c === ',' || (c === '.' && text[i + 1] === '.')) several ||= brace;
        else if (c === '}' && several) dynamic = true;
        i++;
      }
    }
    i = Math.min(i, end);
    const word = { start: from - base, end: i - base, dynamic };
    if (next === 'word') words.push(word);
    else if (next === 'output') into.push(word);
    next = 'word';
  }

  while (i < end) {
    const c = text[i] as string;
    if (c === ' ' || c === '\t' || c === '\r') i++;
    else if (c === '\\' && text[i + 1] === '\n') i += 2;
    else if (c === '#') {
      comment = { start: i - base, end: end - base };
      break;
    } else if (c === '&' && text[i + 1] === '>') i++;
    else if (';&|\n()'.includes(c)) {
      endCommand();
      i++;
    } else if ((c === '<' || c === '>') && text[i + 1] !== '(') {
      // a redirection: its operator, and the next word is a file
      const output = c === '>';
      while (i < end && '<>&|'.includes(text[i] as string)) i++;
      if (text[i - 1] === '&') while (i < end && /[0-9-]/.test(text[i] as string)) i++;
      else next = output ? 'output' : 'input';
    } else if (/[0-9]/.test(c) && /^[0-9]+[<>](?!\()/.test(text.slice(i, Math.min(end, i + 8)))) {
      while (/[0-9]/.test(text[i] as string)) i++;
    } else readWord();
  }
  endCommand();
  return { commands, comment, fault };
}

/** What bash makes of a word's quotes and backslashes; `line` is the text its spans are relative to. */
export function wordText(line: string, word: ShellWord): string {
  return wordUnits(line, word).text;
}

/** The same, and where each unit of it stands in the line: one that a backslash stands before takes two. */
export function wordUnits(
  line: string,
  word: ShellWord,
): { readonly text: string; readonly starts: readonly number[]; readonly ends: readonly number[] } {
  let text = '';
  const starts: number[] = [];
  const ends: number[] = [];
  let quote = '';
  const put = (units: string, start: number, end: number): void => {
    for (const unit of units) {
      text += unit;
      for (let i = 0; i < unit.length; i++) {
        starts.push(start);
        ends.push(end);
      }
    }
  };
  for (let i = word.start; i < word.end; i++) {
    const c = line[i] as string;
    if (quote === "'") {
      if (c === "'") quote = '';
      else put(c, i, i + 1);
    } else if (c === '\\') {
      // a backslash at the very end stands for itself
      const next = ++i < word.end ? (line[i] as string) : '\\';
      // between double quotes a backslash is dropped only before these
      put(quote && !'$`"\\'.includes(next) ? `\\${next}` : next, i - 1, i + 1);
    } else if (quote) {
      if (c === '"') quote = '';
      else put(c, i, i + 1);
    } else if (c === "'" || c === '"') quote = c;
    else put(c, i, i + 1);
  }
  return { text, starts, ends };
}
