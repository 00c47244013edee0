// Reads the files of systemd-networkd and NetworkManager: headers, `key=value` lines and comments, each a statement as in a config of
// wg-quick, so that whatever knows those trees knows these. Never throws; the tokens joined are the text.
import { decodeKey, encodeKey } from '../../net/key.ts';
import { type Damage, type Reuse, reuseOf } from '../../text/reuse.ts';
import { none } from '../../text/statement.ts';
import { Token } from '../../text/token.ts';
import { listed, nearest, quoted } from '../../text/words.ts';
import { commentLine } from '../comment-names.ts';
import { entryFacts } from '../line-facts.ts';
import { isSpace, type LineReader, lineReader, problem, push, span } from '../line-reader.ts';
import { sharedEntry } from '../shapes.ts';
import type { Line, LineFacts, WireguardSyntax, WireguardTree } from '../tree.ts';
import { newestWgVersion } from '../version.ts';
import type { KeyRow } from '../vocabulary.ts';
import { type Dialect, type HeaderRow, keyIn } from './header.ts';
import { ignored, type Manner, readDialectValue } from './values.ts';

/** How a manager reads lines, where they differ. */
export interface IniManner extends Manner {
  readonly dialect: Dialect;
  readonly headers: readonly HeaderRow[];
  /** The characters that begin a comment, at the beginning of a line only. */
  readonly comments: string;
  /** A `\` at the end of a line joins the next one to it. */
  readonly continues: boolean;
  /** Whether one line that cannot be read costs the whole file. */
  readonly strict: boolean;
}

const NO_SECTION = 0;

/** Reads a whole file; with the tree of the text before `damage`, lines that the edit did not touch are kept as they are. */
export function parseIni(manner: IniManner, text: string, old?: WireguardTree, damage?: Damage | null): WireguardTree {
  const reuse: Reuse<WireguardSyntax, LineFacts | null> | undefined = old && damage ? reuseOf(old.root, damage) : undefined;
  const body: Line[] = [];
  let place: number = NO_SECTION;
  let troubled = false;
  const enter = (line: Line): void => {
    troubled ||= line.troubled;
    // 1 and on: the section's row; behind the last one any other section
    if (line.syntax.kind === 'section')
      place = 1 + (line.syntax.header ? manner.headers.indexOf(line.syntax.header) : manner.headers.length);
  };
  for (let at = 0; at < text.length; ) {
    const known = body.length;
    const next = reuse?.take(at, place, body) ?? at;
    if (next > at) {
      for (let i = known; i < body.length; i++) enter(body[i] as Line);
      at = next;
      continue;
    }
    const line = parseLine(manner, text, at, place);
    body.push(line);
    enter(line);
    at += line.width;
  }
  const syntax: WireguardSyntax = { kind: 'file', dialect: manner.dialect };
  return {
    root: {
      width: text.length,
      head: none,
      body,
      place: NO_SECTION,
      closed: false,
      reach: 0,
      problems: none,
      troubled,
      syntax,
      facts: null,
    },
    // whose version wg is says nothing here
    version: newestWgVersion,
  };
}

/** Where the line that begins at `start` ends, its line break left out; and whether a line break ends it. */
function lineEnd(manner: IniManner, text: string, start: number, comment: boolean): { readonly end: number; readonly newline: number } {
  for (let from = start; ; ) {
    const newline = text.indexOf('\n', from);
    const end = newline < 0 ? text.length : newline;
    const last = text[end - 1] === '\r' ? end - 2 : end - 1;
    if (comment || newline < 0 || !manner.continues || last < start || text[last] !== '\\') return { end, newline };
    from = newline + 1;
    // comments between the parts are passed over (conf-parser.c, config_parse)
    while (/^[ \t]*[#;]/.test(text.slice(from, from + 64))) {
      const after = text.indexOf('\n', from);
      if (after < 0) return { end: text.length, newline: -1 };
      from = after + 1;
    }
  }
}

function parseLine(manner: IniManner, text: string, start: number, place: number): Line {
  const reader: LineReader = { ...lineReader(text, newestWgVersion, none), start, at: start };
  let first = start;
  const marked = start === 0 && text.charCodeAt(0) === 0xfeff;
  if (marked) {
    // conf-parser.c passes over it, GKeyFile does not
    if (manner.strict) refused(reader, manner, 0, 1, 'the file begins with a byte order mark; save it as UTF-8 without', ['']);
    push(reader, manner.strict ? Token.Unknown : Token.Space, 1);
    first = 1;
  }
  while (first < text.length && text[first] !== '\n' && isSpace(text.charCodeAt(first))) first++;
  const comment = manner.comments.includes(text[first] ?? '\n');
  const { end, newline } = lineEnd(manner, text, first, comment);
  push(reader, Token.Space, first);
  let last = end;
  while (last > first && isSpace(text.charCodeAt(last - 1))) last--;
  const syntax = parseContent(manner, reader, first, last, place, comment);
  push(reader, Token.Space, end);
  push(reader, Token.Newline, newline < 0 ? end : newline + 1);
  return {
    width: (newline < 0 ? end : newline + 1) - start,
    head: reader.tokens,
    body: none,
    // a mark is one only where the file begins: such a line is never kept
    place: marked ? -1 : place,
    closed: newline >= 0,
    reach: 0,
    problems: reader.problems.length ? reader.problems : none,
    troubled: reader.problems.length > 0,
    syntax,
    facts: reader.facts,
  };
}

function refused(reader: LineReader, manner: IniManner, start: number, end: number, message: string, suggest?: readonly string[]): void {
  problem(reader, 'syntax', start, end, message, { refusedBy: manner.manager, ...(suggest ? { suggest } : {}) });
}

function parseContent(
  manner: IniManner,
  reader: LineReader,
  first: number,
  last: number,
  place: number,
  comment: boolean,
): WireguardSyntax {
  const { text } = reader;
  if (first === last) return { kind: 'blank' };
  if (comment) {
    push(reader, Token.Comment, last);
    return commentLine(text, first, last, span(reader, first, last));
  }
  if (text[first] === '[') return parseHeader(manner, reader, first, last);
  const equals = text.indexOf('=', first);
  if (equals < 0 || equals >= last || equals === first) return junk(manner, reader, first, last);
  return parseEntry(manner, reader, first, equals, last, place);
}

function junk(manner: IniManner, reader: LineReader, first: number, last: number): WireguardSyntax {
  const { text } = reader;
  const line = quoted(text.slice(first, Math.min(last, first + 120)));
  const mend = text[first] === ';' ? 'comments begin with # here' : 'a line is [section], key=value or a comment';
  if (manner.strict) refused(reader, manner, first, last, `${manner.manager} cannot read ${line} and refuses the whole file: ${mend}`);
  else ignored(reader, manner, first, last, `${line} is no line of such a file`, `so that what it was meant to say is not done: ${mend}`);
  push(reader, Token.Unknown, last);
  return { kind: 'junk', text: span(reader, first, last) };
}

function parseHeader(manner: IniManner, reader: LineReader, first: number, last: number): WireguardSyntax {
  const { text } = reader;
  if (text[last - 1] !== ']') {
    push(reader, Token.Unknown, last);
    const closed = text.indexOf(']', first);
    const mend = closed > 0 && closed < last ? 'nothing may stand behind the bracket, a comment neither' : 'the bracket is never closed';
    refused(reader, manner, first, last, `${manner.manager} cannot read this header and refuses the whole file: ${mend}`);
    return { kind: 'section', section: null, name: span(reader, first, last), comment: null, calls: undefined, header: null };
  }
  const name = text.slice(first + 1, last - 1);
  const header = manner.headers.find((row) => (row.keyed ? name.startsWith(row.name) : row.name === name)) ?? null;
  const whole = span(reader, first, last);
  if (!header) {
    push(reader, Token.Section, last);
    const meant = nearest(
      name,
      manner.headers.filter(({ is }) => is !== null).map((row) => row.name),
    );
    // other sections are other programs' business, but for a slip of the pen
    if (meant.length > 0) {
      const suggest = meant.map((one) => `[${one}]`);
      ignored(
        reader,
        manner,
        first,
        last,
        `${quoted(`[${name}]`)} is no section`,
        `and all that stands in it. Did you mean ${listed(suggest)}?`,
        suggest,
      );
    }
    return { kind: 'section', section: null, name: whole, comment: null, calls: undefined, header: null };
  }
  if (!header.keyed) {
    push(reader, Token.Section, last);
    return { kind: 'section', section: header.is, name: whole, comment: null, calls: undefined, header };
  }
  const keyStart = first + 1 + header.name.length;
  const bytes = decodeKey(text, keyStart, last - 1);
  push(reader, Token.Section, keyStart);
  push(reader, typeof bytes === 'string' ? Token.Unknown : Token.PublicKey, last - 1);
  push(reader, Token.Section, last);
  if (typeof bytes === 'string')
    ignored(
      reader,
      manner,
      keyStart,
      last - 1,
      'this is no public key',
      'and the whole peer is left out. Put in what “wg pubkey” prints on its host',
    );
  const key = { span: span(reader, keyStart, last - 1), value: typeof bytes === 'string' ? null : encodeKey(bytes) };
  return { kind: 'section', section: header.is, name: whole, comment: null, calls: undefined, header, key };
}

function parseEntry(manner: IniManner, reader: LineReader, first: number, equals: number, last: number, place: number): WireguardSyntax {
  const { text } = reader;
  let keyEnd = equals;
  while (keyEnd > first && isSpace(text.charCodeAt(keyEnd - 1))) keyEnd--;
  let valueStart = equals + 1;
  while (valueStart < last && isSpace(text.charCodeAt(valueStart))) valueStart++;
  const valueEnd = Math.max(valueStart, last);
  const header = manner.headers[place - 1];
  const name = text.slice(first, keyEnd);
  const row = header && keyIn(header, name);
  if (place === NO_SECTION) {
    const message = `${quoted(name)} stands before any section`;
    if (manner.strict)
      refused(reader, manner, first, keyEnd, `${message}, and ${manner.manager} refuses the whole file; put it below a header`);
    else ignored(reader, manner, first, keyEnd, message, 'and it is not done. Put it below a header');
  } else if (header?.complete && !row) unknownKey(manner, reader, header, name, first, keyEnd);
  push(reader, row || !header?.complete ? Token.Property : Token.Unknown, keyEnd);
  push(reader, Token.Space, equals);
  push(reader, Token.Operator, equals + 1);
  push(reader, Token.Space, valueStart);
  const reading = row ? readDialectValue(reader, manner, row, first, valueStart, valueEnd) : ({ is: 'unread' } as const);
  push(reader, row || !header?.complete ? Token.String : Token.Unknown, valueEnd);
  const entry: KeyRow | null = row ?? null;
  const key = span(reader, first, keyEnd);
  const value = span(reader, valueStart, valueEnd);
  reader.facts = entryFacts(entry, key, value, reading, text, reader.start);
  return sharedEntry(entry, key, value);
}

function unknownKey(manner: IniManner, reader: LineReader, header: HeaderRow, name: string, start: number, end: number): void {
  const names = header.keys.map((row) => row.name);
  const suggest = nearest(name.replace(/\s+/g, ''), names);
  const hint = suggest.length > 0 ? `Did you mean ${listed(suggest)}?` : `[${header.name}] has ${listed(names, 'and', 20)}`;
  ignored(reader, manner, start, end, `${manner.manager} knows no key ${quoted(name)} here`, `so that it is not done. ${hint}`, suggest);
}
