// The shell words of a hook, split as bash splits them (bash(1), QUOTING and SHELL GRAMMAR). Nothing is expanded: a word that
// bash would change is marked as dynamic. Words are kept as spans, since a hook may hold a key.
import type { Span } from '../text/span.ts';

export interface ShellWord extends Span {
  /** Holds `$…`, a backtick, `<(…)`, a glob, `{a,b}` or a home, so its text is not what the command will see. */
  readonly dynamic: boolean;
}

/** A simple command: its words, redirections left out. */
export interface ShellCommand extends Span {
  readonly words: readonly ShellWord[];
}

export interface ShellReading {
  readonly commands: readonly ShellCommand[];
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
  let fault: ShellReading['fault'] = null;
  let skipWord = false;
  let i = start;

  function endCommand(): void {
    const first = words[0];
    const last = words[words.length - 1];
    if (first && last) commands.push({ start: first.start, end: last.end, words });
    words = [];
    skipWord = false;
  }

  /** The index behind the bracket that closes the one before `from`, or `end`. */
  function closing(from: number, open: string, close: string): number {
    let depth = 1;
    for (let j = from; j < end; j++) {
      const c = text[j];
      if (c === '\\') j++;
      else if (c === "'") {
        const next = text.indexOf("'", j + 1);
        if (next < 0 || next >= end) return end;
        j = next;
      } else if (c === '"') {
        for (j++; j < end && text[j] !== '"'; j++) if (text[j] === '\\') j++;
      } else if (c === open) depth++;
      else if (c === close && --depth === 0) return j + 1;
    }
    return end;
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
        const close = text.indexOf("'", i + 1);
        if (close < 0 || close >= end) {
          fault ??= { start: i - base, end: end - base, message: 'this quotation mark is never closed, so bash refuses the whole hook' };
          i = end;
        } else i = close + 1;
      } else if (unit === DOUBLE_QUOTE) {
        const open = i++;
        while (i < end && text[i] !== '"') {
          if (text[i] === '\\') i++;
          else if (text[i] === '$' || text[i] === '`') dynamic = true;
          i++;
        }
        if (i >= end)
          fault ??= { start: open - base, end: end - base, message: 'this quotation mark is never closed, so bash refuses the whole hook' };
        i++;
      } else if (unit === DOLLAR || ((c === '<' || c === '>') && text[i + 1] === '(')) {
        dynamic = true;
        const next = text[i + 1];
        i = next === '(' ? closing(i + 2, '(', ')') : next === '{' ? closing(i + 2, '{', '}') : i + 1;
      } else if (unit === BACKTICK) {
        dynamic = true;
        const close = text.indexOf('`', i + 1);
        i = close < 0 || close >= end ? end : close + 1;
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
    if (skipWord) skipWord = false;
    else words.push({ start: from - base, end: i - base, dynamic });
  }

  while (i < end) {
    const c = text[i] as string;
    if (c === ' ' || c === '\t' || c === '\r') i++;
    else if (c === '\\' && text[i + 1] === '\n') i += 2;
    else if (c === '#') break;
    else if (c === '&' && text[i + 1] === '>') i++;
    else if (';&|\n()'.includes(c)) {
      endCommand();
      i++;
    } else if ((c === '<' || c === '>') && text[i + 1] !== '(') {
      // a redirection: its operator, and the next word is a file
      while (i < end && '<>&|'.includes(text[i] as string)) i++;
      skipWord = text[i - 1] !== '&';
      if (!skipWord) while (i < end && /[0-9-]/.test(text[i] as string)) i++;
    } else if (/[0-9]/.test(c) && /^[0-9]+[<>](?!\()/.test(text.slice(i, Math.min(end, i + 8)))) {
      while (/[0-9]/.test(text[i] as string)) i++;
    } else readWord();
  }
  endCommand();
  return { commands, fault };
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
