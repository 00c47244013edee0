// What one lost word costs: how much of a ruleset is found the same when a single token of it is gone.
import { parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { objectKind } from '../../server/src/nftables/check/declarations.ts';
import { statementFacts } from '../../server/src/nftables/statement-facts.ts';
import type { NftablesStatement } from '../../server/src/nftables/tree.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import { headWidth } from '../../server/src/text/statement.ts';
import { Token, tokenClass, tokenEnd } from '../../server/src/text/token.ts';

/** A generator of numbers below `limit`, the same for the same seed (mulberry32). */
export function numbers(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

interface Part {
  /** What it is, with the kinds of blocks around it, whose names may be what is lost: `/table/chain/tcp dport 22 accept`. */
  readonly what: string;
  readonly start: number;
  readonly end: number;
}

/** The rules, chains and sets of a ruleset. */
function partsOf(text: string): readonly Part[] {
  const root = parsedFile(sourceFile('file:///r.nft', 1, 'nftables', text)).nftables?.root as NftablesStatement;
  const parts: Part[] = [];
  const walk = (statement: NftablesStatement, start: number, around: string): void => {
    let offset = start + headWidth(statement);
    for (const child of statement.body) {
      const { syntax } = child;
      let inner = around;
      if (syntax.kind === 'object') {
        const fact = statementFacts(child, text, offset)?.fact;
        const name = fact?.kind === 'object' ? (fact.at.name ?? fact.at.table ?? '') : '';
        inner = `${around}/${objectKind(syntax.object, text, offset, child)}`;
        parts.push({ what: `${inner} ${name}`, start: offset, end: offset + headWidth(child) });
      } else if (syntax.kind === 'rule' && syntax.statements.every(({ kind }) => kind !== 'unknown')) {
        const own = text
          .slice(offset, offset + child.width)
          .trim()
          .replace(/\s+/g, ' ');
        parts.push({ what: `${around}/${own}`, start: offset, end: offset + child.width });
      }
      walk(child, offset, inner);
      offset += child.width;
    }
  };
  walk(root, 0, '');
  return parts;
}

interface Deletable {
  readonly start: number;
  readonly end: number;
  /** The statement that loses it; its own part does not count. */
  readonly statement: readonly [number, number];
}

function deletablesOf(text: string): readonly Deletable[] {
  const root = parsedFile(sourceFile('file:///r.nft', 1, 'nftables', text)).nftables?.root as NftablesStatement;
  const found: Deletable[] = [];
  const walk = (statement: NftablesStatement, start: number): void => {
    let at = start;
    for (const packed of statement.head) {
      const end = start + tokenEnd(packed);
      const kind = tokenClass(packed);
      if (kind !== Token.Space && kind !== Token.Comment && kind !== Token.Newline)
        found.push({ start: at, end, statement: [start, start + headWidth(statement)] });
      at = end;
    }
    let offset = start + headWidth(statement);
    for (const child of statement.body) {
      walk(child, offset);
      offset += child.width;
    }
  };
  walk(root, 0);
  return found;
}

/** The share, from 0 to 1, of what stands outside of the broken statement and is found the same. */
export function keptShare(text: string, random: (limit: number) => number): number | null {
  const tokens = deletablesOf(text);
  const lost = tokens[random(Math.max(1, tokens.length))];
  if (!lost) return null;
  const [from, to] = lost.statement;
  const before = partsOf(text).filter(({ start, end }) => end <= from || start >= to);
  if (before.length === 0) return null;
  const left = new Map<string, number>();
  for (const { what } of partsOf(text.slice(0, lost.start) + text.slice(lost.end))) left.set(what, (left.get(what) ?? 0) + 1);
  let kept = 0;
  for (const { what } of before) {
    const count = left.get(what) ?? 0;
    if (count === 0) continue;
    left.set(what, count - 1);
    kept++;
  }
  return kept / before.length;
}

/** The average share over so many deletions, from texts taken by the seed. */
export function averageKept(texts: readonly string[], deletions: number, seed: number): number {
  const random = numbers(seed);
  let sum = 0;
  let count = 0;
  for (let tries = 0; count < deletions && tries < deletions * 4; tries++) {
    const share = keptShare(texts[random(texts.length)] ?? '', random);
    if (share === null) continue;
    sum += share;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
