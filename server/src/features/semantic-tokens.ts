// What each token is to a reader, for colours that know the language better than a pattern can.
import type { ParsedFile } from '../analysis/parsed-file.ts';
import { rootOf } from '../analysis/parsed-file.ts';
import type { Span } from '../text/span.ts';
import { headWidth, type Statement } from '../text/statement.ts';
import { Token, tokenClass, tokenEnd } from '../text/token.ts';

/** The types, in the order of the numbers below; all are standard ones, which every theme colours. */
export const tokenTypes = [
  'comment',
  'keyword',
  'property',
  'class',
  'function',
  'variable',
  'number',
  'string',
  'enumMember',
  'operator',
  'type',
  'macro',
] as const;
export const tokenModifiers = ['declaration', 'readonly'] as const;

const typeOf: Partial<Record<Token, readonly [type: (typeof tokenTypes)[number], modifiers: number]>> = {
  [Token.Comment]: ['comment', 0],
  [Token.Keyword]: ['keyword', 0],
  [Token.Property]: ['property', 0],
  [Token.Section]: ['class', 0],
  [Token.Definition]: ['function', 1],
  [Token.Reference]: ['function', 0],
  [Token.Variable]: ['variable', 0],
  [Token.Number]: ['number', 0],
  [Token.String]: ['string', 0],
  [Token.Address]: ['number', 0],
  [Token.Constant]: ['enumMember', 0],
  [Token.Operator]: ['operator', 0],
  [Token.Verdict]: ['macro', 0],
  [Token.Selector]: ['type', 0],
  [Token.PublicKey]: ['string', 2],
  [Token.Secret]: ['string', 2],
  [Token.Command]: ['function', 0],
};

export interface SemanticToken extends Span {
  readonly type: number;
  readonly modifiers: number;
}

/** The coloured tokens of a file that touch `range`, in order. */
export function semanticTokens(file: ParsedFile, range: Span): readonly SemanticToken[] {
  const result: SemanticToken[] = [];
  const visit = (statement: Statement, offset: number): void => {
    if (offset > range.end || offset + statement.width < range.start) return;
    let start = offset;
    for (const packed of statement.head) {
      const end = offset + tokenEnd(packed);
      const type = typeOf[tokenClass(packed)];
      if (type && end >= range.start && start <= range.end)
        result.push({ start, end, type: tokenTypes.indexOf(type[0]), modifiers: type[1] });
      start = end;
    }
    let at = offset + headWidth(statement);
    for (const child of statement.body) {
      visit(child, at);
      at += child.width;
    }
  };
  const root = rootOf(file);
  if (root) visit(root, 0);
  return result;
}
