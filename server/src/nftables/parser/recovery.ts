// Guesses what was meant where a brace or a word is lost, so that what stands around the mistake is still read.
import { Token } from '../../text/token.ts';
import { nearest } from '../../text/words.ts';
import { Lexeme } from '../lexer.ts';
import { blockOf, type ObjectKind, Place, type Reference } from '../tree.ts';
import { bareMeta, selectorByName } from '../vocabulary/selectors.ts';
import { verdictByName } from '../vocabulary/statements.ts';
import { commandByName, familyByName } from '../vocabulary/structure.ts';
import type { Head } from './blocks.ts';
import { behindNewlines, bump, type Cursor, closesOnLine, here, on, word, wordBehind } from './cursor.ts';
import { parseFamily } from './names.ts';

/** How far is looked for what was meant; a longer stretch is no longer one mistake. */
const REACH = 2000;

/** The text from `from` on, as far as is looked. */
function ahead(c: Cursor, from: number): string {
  const text = c.text.slice(from, Math.min(c.limit, from + REACH));
  c.reach = Math.max(c.reach, from + text.length + 1);
  return text;
}

/** The text from `from` on to the end of the first line that holds more than a comment. */
function lineAhead(c: Cursor, from: number): string {
  const text = c.text.slice(from, Math.min(c.limit, from + REACH));
  const line = LINE.exec(text)?.[0] ?? text;
  c.reach = Math.max(c.reach, from + line.length + 1);
  return line;
}

const LINE = /^(?:[ \t]*(?:#[^\n]*)?\n)*[^\n]*/;
const BLANK = String.raw`(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*`;
const FIRST_WORD = new RegExp(`^${BLANK}(?:([a-z][\\w-]*)(?:[ \\t]+([a-z_.][\\w.-]*))?)?`, 'i');
const BLOCK_BELOW = new RegExp(
  `^${BLANK}(chain|set|map|flowtable|counter|quota|limit|secmark|synproxy|ct[ \\t]+[a-z]+)[ \\t]+[^\\s{};]+[ \\t]*\\{`,
);
const LIST =
  /^(?:\s*(?:#[^\n]*\n)?\s*[^\s,{}#;]+(?:[ \t]+:[ \t]+[^\s,{}#;]+)?\s*(?:#[^\n]*\n\s*)?,)*\s*(?:#[^\n]*\n)?\s*[^\s,{}#;]*\s*(?:#[^\n]*\n\s*)?\}/;

/** Whether elements follow, over several lines, up to the brace that closes their list. */
export function listAhead(c: Cursor, from: number): boolean {
  return LIST.exec(ahead(c, from))?.[0].includes(',') === true;
}

/** Whether elements follow that a brace closes and none opened: at the current word, on its line or over several. */
export function lostBraceAhead(c: Cursor): boolean {
  return !on(c, Lexeme.RightBrace) && (/^[^\n{}#;]*\}/.test(ahead(c, c.start)) || listAhead(c, c.start));
}

/** Whether elements follow, then a brace that nobody opened, and then the rest of the rule: no block ends like that. */
export function unopenedListAhead(c: Cursor, from: number): boolean {
  const text = ahead(c, from);
  const list = LIST.exec(text)?.[0];
  return list !== undefined && /^[ \t]*[a-z@]/.test(text.slice(list.length));
}

/** Whether a block of a table follows, whose head names no table: so a table must be open there. */
export function blockBelow(c: Cursor, from: number): boolean {
  return BLOCK_BELOW.test(lineAhead(c, from));
}

/** Whether the lines below a head without a brace are what its block holds. */
export function bodyBelow(c: Cursor, place: Place): boolean {
  const block = blockBelow(c, c.start);
  return place === Place.File ? block : !block && FIRST_WORD.exec(lineAhead(c, c.start))?.[1] !== undefined;
}

const kinds: readonly ObjectKind[] = ['table', 'chain', 'set', 'map', 'flowtable', 'counter', 'quota', 'limit', 'secmark', 'synproxy'];

/**
 * The block that a line opens whose words cannot be read: what it is, by its words or else by what it holds. The words up to the
 * brace are taken; null, and nothing taken, where the line opens none. The mistake itself is told before.
 */
export function guessBlock(c: Cursor, place: Place): Head | null {
  const line = /^[^\n{};"#]*\{/.exec(c.text.slice(c.start, Math.min(c.limit, c.start + 300)));
  const brace = line ? c.start + line[0].length - 1 : -1;
  if (!line || closesOnLine(c, brace)) return null;
  const [first = '', ...others] = line[0]
    .slice(0, -1)
    .trim()
    .split(/[ \t]+/);
  const inside = FIRST_WORD.exec(lineAhead(c, brace + 1));
  const named = nearest(first, kinds)[0] as ObjectKind | undefined;
  const object = named ?? kindOf(inside?.[1] ?? '', inside?.[2] ?? '', place);
  if (
    others.length > 0 &&
    (named !== undefined || !familyByName.has(first)) &&
    !(place === Place.File && object === 'table' && others.length === 0)
  )
    bump(c, Token.Unknown);
  const at = takeReference(c, object, place);
  while (!on(c, Lexeme.LeftBrace) && !on(c, Lexeme.End)) bump(c, Token.Unknown);
  return { syntax: { kind: 'object', object, command: 'add', at, block: true }, block: blockOf[object] ?? Place.Chain };
}

function takeReference(c: Cursor, object: ObjectKind, place: Place): Reference {
  const family = place === Place.File ? parseFamily(c) : null;
  const table = place === Place.File ? takeWord(c) : null;
  const name = object === 'table' ? null : takeWord(c);
  return { family, table, name };
}

function takeWord(c: Cursor): { readonly start: number; readonly end: number } | null {
  if (!on(c, Lexeme.Word)) return null;
  const at = here(c);
  bump(c, Token.Definition);
  return at;
}

const setStarts = new Set(['typeof', 'elements', 'flags', 'size', 'timeout', 'auto-merge', 'gc-interval']);

/** What a block is, by the first two words in it. */
function kindOf(first: string, second: string, place: Place): ObjectKind {
  if (place === Place.File && (kinds as readonly string[]).includes(first)) return 'table';
  if (first === 'type') return /^(filter|nat|route)$/.test(second) ? 'chain' : 'set';
  if (setStarts.has(first)) return 'set';
  if (first === 'hook') return 'flowtable';
  return place === Place.File && (first === '' || commandByName.has(first)) ? 'table' : 'chain';
}

/** Whether the brace at the current word cannot close a block, since a rule goes on behind it: then a list lost its first brace. */
export function closesList(c: Cursor): boolean {
  const next = wordBehind(c);
  return next !== '' && !(kinds as readonly string[]).includes(next) && next !== 'ct' && word(c) === '}';
}

/** Takes lines that are rules where none may stand: in a table, when its chain was closed too early. They are one mistake. */
export function takeRules(c: Cursor): void {
  while (!on(c, Lexeme.End) && !on(c, Lexeme.RightBrace)) {
    while (!on(c, Lexeme.Newline) && !on(c, Lexeme.End)) bump(c, Token.Unknown);
    c.reach = Math.max(c.reach, c.end + 300);
    if (!ruleBelow(c)) return;
    bump(c, Token.Newline);
  }
}

function ruleBelow(c: Cursor): boolean {
  const next = behindNewlines(c);
  return next.kind === Lexeme.Word && beginsRule(next.word, next.next);
}

/** Whether two words can begin a rule, and nothing else. */
export function beginsRule(first: string, second: string): boolean {
  if (verdictByName.has(first) || bareMeta.has(first) || /^(log|reject|masquerade|snat|dnat|redirect)$/.test(first)) return true;
  if (first === 'ct' && /^(helper|timeout|expectation)$/.test(second)) return false;
  return selectorByName.get(first)?.fieldByName.has(second) === true;
}
