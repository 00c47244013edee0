// What can be folded: sections of WireGuard's files, blocks of nftables, and runs of comments in either.
import type { ParsedFile } from '../analysis/parsed-file.ts';
import type { NftablesStatement } from '../nftables/tree.ts';
import { eachStatement, headWidth, type Statement } from '../text/statement.ts';
import { Token, tokenClass, tokenEnd } from '../text/token.ts';

export interface Fold {
  /** In the file: from somewhere in the first line to somewhere in the last. */
  readonly start: number;
  readonly end: number;
  readonly kind: 'region' | 'comment';
}

export function foldsOf(file: ParsedFile): readonly Fold[] {
  const { text } = file.source;
  if (file.wireguard) return [...sections(file.wireguard.root.body), ...comments(file.wireguard.root, text)];
  if (file.nftables) return [...blocks(file.nftables.root), ...comments(file.nftables.root, text)];
  return [];
}

/** From a header to the last line of its section that says something. */
function sections(lines: readonly Statement<{ readonly kind: string }>[]): readonly Fold[] {
  const folds: Fold[] = [];
  let start = -1;
  let end = -1;
  let at = 0;
  for (const { syntax, width } of lines) {
    if (syntax.kind === 'section') {
      if (start >= 0) folds.push({ start, end, kind: 'region' });
      start = at;
      end = at;
    } else if (syntax.kind === 'entry' || syntax.kind === 'junk') end = at + width - 1;
    at += width;
  }
  if (start >= 0) folds.push({ start, end, kind: 'region' });
  return folds;
}

function blocks(root: NftablesStatement): readonly Fold[] {
  const folds: Fold[] = [];
  eachStatement(root, (statement, offset) => {
    if (statement.syntax.kind === 'file' || statement.body.length === 0) return undefined;
    const head = offset + headWidth(statement);
    const last = statement.body[statement.body.length - 1] as NftablesStatement;
    // the line of the closing brace stays to be seen
    const close = last.syntax.kind === 'close' ? offset + statement.width - last.width : offset + statement.width;
    const start = Math.max(offset, head - 1);
    folds.push({ start, end: Math.max(start, close - 1), kind: 'region' });
    return undefined;
  });
  return folds;
}

/** Comments on lines that follow each other, with nothing else on them; and what stands between `# region` and `# endregion`. */
function comments(root: Statement, text: string): readonly Fold[] {
  const folds: Fold[] = [];
  const regions: number[] = [];
  let run: { start: number; end: number } | null = null;
  const close = (): void => {
    if (run) folds.push({ ...run, kind: 'comment' });
    run = null;
  };
  eachStatement(root, (statement, offset) => {
    let from = offset;
    for (const packed of statement.head) {
      const end = offset + tokenEnd(packed);
      if (tokenClass(packed) === Token.Comment && alone(text, from)) {
        const mark = /^[#;][ \t]*(end)?region\b/.exec(text.slice(from, Math.min(end, from + 40)));
        const opened = mark?.[1] ? regions.pop() : undefined;
        if (opened !== undefined) folds.push({ start: opened, end, kind: 'region' });
        if (mark) {
          close();
          if (!mark[1]) regions.push(from);
        } else if (run && /^[ \t]*\r?\n[ \t]*$/.test(text.slice(run.end, from))) run.end = end;
        else {
          close();
          run = { start: from, end };
        }
      }
      from = end;
    }
    return undefined;
  });
  close();
  return folds.filter(({ start, end }) => text.slice(start, end).includes('\n'));
}

function alone(text: string, offset: number): boolean {
  return /^[ \t]*$/.test(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset));
}
