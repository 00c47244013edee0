// Where quotations and expansions of bash end. They nest: between `$(` and `)` quotation begins anew, even in a double quotation.

/** Each takes the index behind what opens, and gives the one behind what closes; null where nothing does. */
export interface Skipper {
  single(from: number): number | null;
  double(from: number): number | null;
  /** `$'…'`, where a backslash keeps the quotation mark. */
  ansi(from: number): number | null;
  backtick(from: number): number | null;
  bracket(from: number, open: '(' | '{', close: ')' | '}'): number | null;
}

/** Nobody's hook nests deeper; what does is taken as closed at the end. */
const DEEPEST = 40;

/** Looks at `text` before `end`. */
export function skipperOf(text: string, end: number): Skipper {
  let depth = 0;

  function upTo(from: number, mark: string): number | null {
    const at = text.indexOf(mark, from);
    return at < 0 || at >= end ? null : at + 1;
  }

  function escaped(from: number, mark: string): number | null {
    for (let i = from; i < end; i++) {
      if (text[i] === '\\') i++;
      else if (text[i] === mark) return i + 1;
    }
    return null;
  }

  /** Behind an expansion at `at`, null where it is never closed, `at + 1` where there is none. */
  function expansion(at: number): number | null {
    const c = text[at];
    if (c === '`') return escaped(at + 1, '`');
    if (c === '$' && text[at + 1] === '(') return bracket(at + 2, '(', ')');
    if (c === '$' && text[at + 1] === '{') return bracket(at + 2, '{', '}');
    return at + 1;
  }

  function double(from: number): number | null {
    for (let i = from; i < end; ) {
      if (text[i] === '\\') i += 2;
      else if (text[i] === '"') return i + 1;
      else {
        const behind = expansion(i);
        if (behind === null) return null;
        i = behind;
      }
    }
    return null;
  }

  function bracket(from: number, open: '(' | '{', close: ')' | '}'): number | null {
    if (depth >= DEEPEST) return end;
    depth++;
    const behind = balanced(from, open, close);
    depth--;
    return behind;
  }

  function balanced(from: number, open: string, close: string): number | null {
    let level = 1;
    for (let i = from; i < end; ) {
      const c = text[i] as string;
      let behind: number | null = i + 1;
      if (c === '\\') behind = i + 2;
      else if (c === "'") behind = text[i - 1] === '$' ? escaped(i + 1, "'") : upTo(i + 1, "'");
      else if (c === '"') behind = double(i + 1);
      else if (c === '`' || c === '$') behind = expansion(i);
      else if (c === open) level++;
      else if (c === close && --level === 0) return i + 1;
      if (behind === null) return null;
      i = behind;
    }
    return null;
  }

  return {
    single: (from) => upTo(from, "'"),
    double,
    ansi: (from) => escaped(from, "'"),
    backtick: (from) => escaped(from, '`'),
    bracket,
  };
}
