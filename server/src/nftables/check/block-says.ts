// What the block of a chain or set says of it, as far as other statements depend on it.
import { headWidth, none } from '../../text/statement.ts';
import { statementFacts } from '../statement-facts.ts';
import type { Expression, NftablesStatement } from '../tree.ts';
import { newestVersion } from '../vocabulary/versions.ts';
import type { Checker } from './checker.ts';
import type { ChainDeclaration, SetDeclaration } from './declarations.ts';
import { type Kind, kindOf, typeNamed } from './kinds.ts';

type Base = ChainDeclaration['base'];
const bases = new WeakMap<NftablesStatement, { readonly base: Base }>();

/** What makes the chain of this block a base chain; null where nothing does. */
export function baseOf(chain: NftablesStatement, text: string, start: number): Base {
  const known = bases.get(chain);
  if (known) return known.base;
  let base: Base = null;
  let offset = start + headWidth(chain);
  for (const child of chain.body) {
    if (child.syntax.kind === 'base-chain') {
      const fact = statementFacts(child, text, offset)?.fact;
      if (fact?.kind === 'base-chain') base = { type: fact.type, hook: fact.hook };
    }
    offset += child.width;
  }
  bases.set(chain, { base });
  return base;
}

const sets = new WeakMap<NftablesStatement, { readonly family: string; readonly set: SetDeclaration }>();

/** What the block of a set or map says of it. */
export function setOf(block: NftablesStatement, text: string, start: number, kind: 'set' | 'map', family: string): SetDeclaration {
  const known = sets.get(block);
  if (known?.family === family) return known.set;
  let keys: Kind | null = null;
  let data: Kind | null = null;
  let dataWord: string | null = null;
  const flags: string[] = [];
  let autoMerge = false;
  let offset = start + headWidth(block);
  for (const child of block.body) {
    const { syntax } = child;
    const own = (span: { start: number; end: number }): string => text.slice(offset + span.start, offset + span.end);
    if (syntax.kind === 'set-type') {
      const of = (parts: readonly Expression[]): Kind =>
        parts.flatMap((part) => kindOfPart(part, text.slice(offset, offset + child.width), family));
      keys = of(syntax.keys);
      data = syntax.data && syntax.data.length > 0 ? of(syntax.data) : null;
      dataWord = syntax.dataWord ? own(syntax.dataWord) : null;
    } else if (syntax.kind === 'option' && syntax.name === 'flags') flags.push(...syntax.values.map(own));
    else if (syntax.kind === 'option' && syntax.name === 'auto-merge') autoMerge = true;
    else if (syntax.kind === 'include') keys ??= [null];
    offset += child.width;
  }
  const set: SetDeclaration = { kind, keys, data, dataWord, flags, autoMerge };
  sets.set(block, { family, set });
  return set;
}

function nothingDeclared(): undefined {
  return undefined;
}

function kindOfPart(part: Expression, text: string, family: string): Kind {
  if (part.kind === 'literal') return [typeNamed(text.slice(part.start, part.end))];
  const k: Checker = {
    text,
    at: null,
    depth: 0,
    family,
    table: null,
    chain: null,
    open: true,
    whole: false,
    version: newestVersion,
    lookup: nothingDeclared,
    livesOf: nothingDeclared,
    step: 0,
    names: () => none,
    uses: null,
    volatile: false,
    problem: null,
    jumps: null,
    reads: null,
  };
  return kindOf(k, part);
}
