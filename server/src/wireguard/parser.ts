// Reads a WireGuard config line by line, as wg-quick and wg do in series (wg-quick/linux.bash parse_options; config.c
// process_line), and says of each line what either of them would not take. Never throws; the tokens joined are the text.
import { type Damage, type Reuse, reuseOf } from '../text/reuse.ts';
import { none, type SyntaxProblem } from '../text/statement.ts';
import { Token } from '../text/token.ts';
import { listed, nearest, quoted } from '../text/words.ts';
import { commentLine, nameBeside } from './comment-names.ts';
import { entryFacts } from './line-facts.ts';
import { isSpace, type LineReader, lineReader, problem, push, span } from './line-reader.ts';
import { share, sharedEntry, sharedHead, sharedHeader, sharedLine } from './shapes.ts';
import { type Line, type LineFacts, Place, type Reading, type WireguardSyntax, type WireguardTree } from './tree.ts';
import { readValue } from './values/read.ts';
import { newestWgVersion, type WgVersion, wgBehaviour } from './version.ts';
import { type KeyRow, keyRow, keyRowAt, keys, sectionAt, sections } from './vocabulary.ts';

const BRACKET = 91;
const BYTE_ORDER_MARK = 0xfeff;

/**
 * Reads a whole file as wg and wg-quick of `version` do; with the tree of the text before `damage`, lines that the edit did not touch are
 * kept as they are. `extra` are keys that are known besides wg's own; the old tree must have been read with the same.
 */
export function parseWireguard(
  text: string,
  old?: WireguardTree,
  damage?: Damage | null,
  version: WgVersion = newestWgVersion,
  extra: readonly KeyRow[] = none,
): WireguardTree {
  const reuse: Reuse<WireguardSyntax, LineFacts | null> | undefined =
    old?.version === version && damage ? reuseOf(old.root, damage) : undefined;
  const reader = lineReader(text, version, extra);
  const body: Line[] = [];
  let place: Place = Place.None;
  let troubled = false;
  for (let at = 0; at < text.length; ) {
    const known = body.length;
    // a run of lines that are kept ends at a header, since behind it lines are read in another place
    const next = reuse ? reuse.take(at, place, body) : at;
    if (next === at) body.push(parseLine(reader, at, place));
    for (let i = known; i < body.length; i++) {
      const line = body[i] as Line;
      troubled ||= line.troubled;
      if (line.syntax.kind === 'section') place = placeAfter(line.syntax);
      at += line.width;
    }
  }
  const root: Line = {
    width: text.length,
    head: none,
    body,
    place: Place.None,
    closed: false,
    reach: 0,
    problems: none,
    troubled,
    syntax: { kind: 'file', dialect: 'wg-quick' },
    facts: null,
  };
  return { root, version };
}

function placeAfter({ section, name }: WireguardSyntax & { kind: 'section' }): Place {
  if (section === 'Peer') return Place.Peer;
  if (section !== 'Interface') return Place.Unknown;
  return name.end - name.start === '[Interface]'.length ? Place.Interface : Place.SpacedInterface;
}

/** Where `unit` stands next, from `from` on; `known` is an answer for somewhere before. At the end of the text where there is none. */
function nextOf(text: string, unit: string, known: number, from: number): number {
  if (known >= from) return known;
  const found = text.indexOf(unit, from);
  return found < 0 ? text.length : found;
}

function parseLine(reader: LineReader, start: number, place: Place): Line {
  const { text } = reader;
  reader.start = start;
  reader.at = start;
  reader.count = 0;
  reader.facts = undefined;
  const newline = text.indexOf('\n', start);
  const closed = newline >= 0;
  const end = closed ? newline : text.length;
  let first = start;
  const marked = start === 0 && text.charCodeAt(0) === BYTE_ORDER_MARK;
  if (marked) {
    problem(reader, 'syntax', 0, 1, BOM_MESSAGE, { refusedBy: 'wg', suggest: [''] });
    push(reader, Token.Unknown, 1);
    first = 1;
  }
  while (first < end && isSpace(text.charCodeAt(first))) first++;
  push(reader, Token.Space, first);
  const syntax = first === end ? blank : parseContent(reader, first, end, place);
  let gap = reader.at;
  while (gap < end && isSpace(text.charCodeAt(gap))) gap++;
  push(reader, Token.Space, gap);
  push(reader, Token.Comment, end);
  push(reader, Token.Newline, closed ? end + 1 : end);
  const head = sharedHead(reader.tokens, reader.count);
  // a mark is one only where the file begins: such a line is never kept
  const kind = marked ? -1 : place;
  const { problems } = reader;
  const width = (closed ? end + 1 : end) - start;
  const bare = problems.length === 0 && (syntax.kind === 'blank' || (syntax.kind === 'section' && syntax.comment === null));
  const known = bare ? sharedLine(syntax, head, kind, closed) : null;
  if (known) return known;
  const troubled = problems.length > 0;
  if (troubled) reader.problems = [];
  const line: Line = {
    width,
    head,
    body: none,
    place: kind,
    closed,
    reach: 0,
    problems: troubled ? problems : none,
    troubled,
    syntax,
    facts: reader.facts,
  };
  if (bare) share(line);
  return line;
}

const blank: WireguardSyntax = { kind: 'blank' };

function trimmedEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace(text.charCodeAt(at - 1))) at--;
  return at;
}

function parseContent(reader: LineReader, first: number, end: number, place: Place): WireguardSyntax {
  const { text } = reader;
  reader.hash = nextOf(text, '#', reader.hash, first);
  const comment = Math.min(reader.hash, end);
  if (first === comment) {
    const behind = trimmedEnd(text, first, end);
    return commentLine(text, first, behind, span(reader, first, behind));
  }
  const last = trimmedEnd(text, first, comment);
  reader.equals = nextOf(text, '=', reader.equals, first);
  if (reader.equals < comment) return parseEntry(reader, first, reader.equals, last, end, place);
  if (text.charCodeAt(first) === BRACKET) return parseSection(reader, first, last, comment, end);
  if (place === Place.Interface) {
    const row = keyRow(text.slice(first, last));
    if (row?.tool === 'wg-quick') return parseBareKey(reader, row, first, last);
  }

  const mend =
    text.startsWith('//', first) || text[first] === ';'
      ? 'comments begin with #'
      : text[first + 1] === ':' || text.slice(first, last).includes(':')
        ? 'a key and its value are joined by =, as in “ListenPort = 51820”'
        : 'a line is [Interface], [Peer], “Key = value” or a # comment';
  return junk(reader, first, last, `wg cannot read ${quoted(text.slice(first, last))}: ${mend}`);
}

/** A line that is only a key of wg-quick: `${stripped#*=}` then is the whole line, so the key's own name is the value (linux.bash, parse_options). */
function parseBareKey(reader: LineReader, row: KeyRow, first: number, last: number): WireguardSyntax {
  const name = quoted(reader.text.slice(first, last));
  const [comes, more]: readonly [string, Partial<SyntaxProblem>] =
    row.value === 'boolean'
      ? ['and refuses it', { refusedBy: 'wg-quick' }]
      : row.value === 'dns'
        ? ['and searches names in that domain', {}]
        : row.value === 'hook'
          ? ['and runs a command of that name, which fails', { failsAt: 'hook' }]
          : ['and bringing the interface up fails', { failsAt: 'up' }];
  problem(
    reader,
    'syntax',
    first,
    last,
    `there is no = behind ${row.name}: wg-quick takes ${name} itself for the value ${comes}; write “${row.example}”`,
    more,
  );
  push(reader, Token.Property, last);
  return { kind: 'junk', text: span(reader, first, last) };
}

const BOM_MESSAGE =
  'the file begins with a byte order mark, which wg takes for a part of the first word; save the file as UTF-8 without it';

function junk(reader: LineReader, first: number, last: number, message: string): WireguardSyntax {
  problem(reader, 'syntax', first, last, message, { refusedBy: 'wg' });
  push(reader, Token.Unknown, last);
  return { kind: 'junk', text: span(reader, first, last) };
}

/** The text without the characters that wg deletes. */
function squeezed(text: string): string {
  return text.replace(/[ \t\n\v\f\r]+/g, '');
}

function parseSection(reader: LineReader, first: number, last: number, comment: number, end: number): WireguardSyntax {
  const { text } = reader;
  let section = sectionAt(text, first, last);
  const written = section ? '' : squeezed(text.slice(first, last));
  section ??= sectionAt(written, 0, written.length);
  push(reader, section ? Token.Section : Token.Unknown, last);
  if (!section) {
    const names = nearest(
      written.replace(/[[\]]/g, ''),
      sections.map(({ name }) => name),
    );
    const suggest = (names.length ? names : []).map((name) => `[${name}]`);
    problem(reader, 'unknown-section', first, last, `wg knows no section ${quoted(written)}, only [Interface] and [Peer]`, {
      refusedBy: 'wg',
      suggest,
    });
  }
  const name = span(reader, first, last);
  if (comment === end) return sharedHeader(section, name);
  const behind = trimmedEnd(text, comment, end);
  return { kind: 'section', section, name, comment: span(reader, comment, behind), calls: nameBeside(text, comment, behind) };
}

const unread: Reading = { is: 'unread' };

function parseEntry(reader: LineReader, first: number, equals: number, last: number, end: number, place: Place): WireguardSyntax {
  const { text } = reader;
  const keyEnd = trimmedEnd(text, first, equals);
  const exact = keyRowAt(text, first, keyEnd, reader.extra);
  let row = exact;
  if (!row) {
    // wg deletes spaces inside a key as well, wg-quick does not
    const name = squeezed(text.slice(first, keyEnd));
    const loose = keyRowAt(name, 0, name.length, reader.extra);
    if (loose && loose.tool !== 'wg-quick') row = loose;
  }
  const isHook = row?.value === 'hook' && place === Place.Interface;
  let valueStart = equals + 1;
  const stop = isHook && wgBehaviour(reader.version).wholeHooks ? trimmedEnd(text, valueStart, end) : last;
  while (valueStart < stop && isSpace(text.charCodeAt(valueStart))) valueStart++;
  const valueEnd = Math.max(valueStart, stop);

  const known = row !== undefined && placeProblem(reader, row, place, first, keyEnd);
  if (!row && place !== Place.Unknown) unknownKey(reader, text.slice(first, keyEnd), place, first, keyEnd, valueEnd);
  if (row && known && !exact)
    problem(reader, 'inner-space', first, keyEnd, `wg deletes spaces also inside a word and reads ${row.name}; no other program does`, {
      suggest: [row.name],
    });
  push(reader, row ? Token.Property : Token.Unknown, keyEnd);
  push(reader, Token.Space, equals);
  push(reader, Token.Operator, equals + 1);
  push(reader, Token.Space, valueStart);
  let reading = unread;
  if (row && known) reading = readValue(reader, row, valueStart, valueEnd);
  else push(reader, row && isKeyValue(row) ? Token.Secret : Token.Unknown, valueEnd);
  const read = known ? (row ?? null) : null;
  const key = span(reader, first, keyEnd);
  const value = span(reader, valueStart, valueEnd);
  reader.facts = entryFacts(read, key, value, reading, text, reader.start);
  return sharedEntry(read, key, value);
}

function isKeyValue(row: KeyRow): boolean {
  return row.value === 'private-key' || row.value === 'preshared-key';
}

/** Whether the key may stand here; says so where not. */
function placeProblem(reader: LineReader, row: KeyRow, place: Place, start: number, end: number): boolean {
  const here =
    place === Place.Interface
      ? 'Interface'
      : place === Place.Peer
        ? 'Peer'
        : place === Place.SpacedInterface && row.tool !== 'wg-quick'
          ? 'Interface'
          : null;
  if (here === row.section || place === Place.Unknown) return true;
  const message =
    place === Place.SpacedInterface && row.section === 'Interface'
      ? `wg-quick does not see a section in “[ Interface ]” and gives ${row.name} to wg, which refuses it; write [Interface] without spaces`
      : place === Place.None
        ? `${row.name} stands before any section; put it below [${row.section}]`
        : `${row.name} belongs to [${row.section}]; in [${here ?? 'Peer'}] wg refuses it`;
  problem(reader, 'misplaced-key', start, end, message, { refusedBy: 'wg' });
  return false;
}

function unknownKey(reader: LineReader, name: string, place: Place, start: number, end: number, valueEnd: number): void {
  const section = place === Place.Peer ? 'Peer' : 'Interface';
  if (/^(PrivateKey|PresharedKey)(File|Path)$/i.test(squeezed(name))) {
    const kind = /^pre/i.test(name) ? 'preshared-key' : 'private-key';
    const target = kind === 'private-key' ? 'wg set %i private-key FILE' : 'wg set %i peer <PublicKey> preshared-key FILE';
    problem(
      reader,
      'key-is-a-path',
      start,
      Math.max(end, valueEnd),
      `wg has no key ${quoted(name)} and reads no key file; load it with “PostUp = ${target}” in [Interface]`,
      {
        refusedBy: 'wg',
      },
    );
    return;
  }
  const inPlace = [...keys, ...(reader.extra ?? none)].filter((row) => row.section === section).map((row) => row.name);
  const suggest = nearest(squeezed(name), inPlace);
  const hint = suggest.length ? `did you mean ${listed(suggest)}?` : `[${section}] has ${listed(inPlace, 'and', 20)}`;
  problem(reader, 'unknown-key', start, end, `wg knows no key ${quoted(name)} here: ${hint}`, { refusedBy: 'wg', suggest });
}
