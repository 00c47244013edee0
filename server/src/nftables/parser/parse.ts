// Reads a whole ruleset into its tree. Never throws; the tokens joined are the text.
import { type Damage, reuseOf } from '../../text/reuse.ts';
import { none } from '../../text/statement.ts';
import { advance, Lexeme } from '../lexer.ts';
import { type NftablesStatement, type NftablesTree, Place } from '../tree.ts';
import type { Row } from '../vocabulary/row.ts';
import { parseBody } from './blocks.ts';
import type { Cursor } from './cursor.ts';

function cursor(text: string, limit: number, reuse: Cursor['reuse'], wanted: Row[] | null): Cursor {
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
    problems: [],
    depth: 0,
    reuse,
    wanted,
  };
  advance(c);
  return c;
}

function rootOf(c: Cursor): NftablesTree {
  const body: NftablesStatement[] = parseBody(c, Place.File);
  return {
    root: { width: c.limit, head: none, body, place: Place.File, closed: false, problems: none, syntax: { kind: 'file' }, facts: null },
  };
}

/** Reads `text`; with the tree of the text before `damage`, statements that the edit did not touch are kept as they are. */
export function parseNftables(text: string, old?: NftablesTree, damage?: Damage | null): NftablesTree {
  return rootOf(cursor(text, text.length, old && damage ? reuseOf(old.root, damage) : undefined, null));
}

/** What may stand at `offset`: the vocabulary's rows, as the parser meets them when the text ends there. */
export function expectedAt(text: string, offset: number): readonly Row[] {
  const wanted: Row[] = [];
  rootOf(cursor(text, offset, undefined, wanted));
  return [...new Map(wanted.map((row) => [row.name, row])).values()];
}
