// Reads a whole ruleset into its tree. Never throws; the tokens joined are the text.
import { type Damage, reuseOf } from '../../text/reuse.ts';
import { none, type SyntaxProblem } from '../../text/statement.ts';
import { advance, Lexeme, nothingAhead } from '../lexer.ts';
import { type NftablesStatement, type NftablesTree, Place } from '../tree.ts';
import type { Row } from '../vocabulary/row.ts';
import { parseBody } from './blocks.ts';
import type { Cursor } from './cursor.ts';
import { noShapes, type Shapes } from './shapes.ts';

function cursor(text: string, limit: number, reuse: Cursor['reuse'], wanted: Row[] | null, shapes: Shapes | null = null): Cursor {
  const c: Cursor = {
    text,
    limit,
    kind: Lexeme.Unknown,
    start: 0,
    end: 0,
    base: 0,
    at: 0,
    lastWord: 0,
    tokens: [],
    count: 0,
    problems: [],
    depth: 0,
    reach: 0,
    hash: 0,
    ahead: nothingAhead(),
    line: null,
    steps: 0,
    reuse,
    shapes,
    wanted,
  };
  advance(c);
  return c;
}

function rootOf(c: Cursor): NftablesTree {
  const body: NftablesStatement[] = parseBody(c, Place.File);
  const problems = lineEndings(c.text);
  const troubled = problems.length > 0 || body.some((statement) => statement.troubled);
  return {
    root: {
      width: c.limit,
      head: none,
      body,
      place: Place.File,
      closed: false,
      reach: 0,
      problems,
      troubled,
      syntax: { kind: 'file' },
      facts: null,
    },
  };
}

/** nft takes a carriage return for a part of the text (measured, 1.0.6 and 1.1.3): one problem for the file, at the first. */
function lineEndings(text: string): readonly SyntaxProblem[] {
  const at = text.indexOf('\r');
  if (at < 0) return none;
  const start = text.lastIndexOf('\n', at) + 1;
  const message = 'lines end with CR LF here, and nft refuses the carriage return; save the file with LF line endings';
  return [{ start, end: at + 1, rule: 'nftables/line-endings', message, refusedBy: 'nft' }];
}

/**
 * Reads `text`; with the tree of the text before `damage`, statements that the edit did not touch are kept as they are. `each`: every statement is
 * read by itself, and none taken for one of its shape: the same comes of it, later.
 */
export function parseNftables(text: string, old?: NftablesTree, damage?: Damage | null, each = false): NftablesTree {
  return rootOf(cursor(text, text.length, old && damage ? reuseOf(old.root, damage) : undefined, null, each ? null : noShapes()));
}

/** What may stand at `offset`: the vocabulary's rows, as the parser meets them when the text ends there. */
export function expectedAt(text: string, offset: number): readonly Row[] {
  const wanted: Row[] = [];
  rootOf(cursor(text, offset, undefined, wanted));
  return [...new Map(wanted.map((row) => [row.name, row])).values()];
}

/** How often the lexer moves while `text` is read, looking ahead included: a small multiple of the words in it, whatever they are. */
export function stepsOf(text: string): number {
  const c = cursor(text, text.length, undefined, null);
  rootOf(c);
  return c.steps;
}
