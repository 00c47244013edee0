// Hooks: what bash will run, with what wg-quick leaves of it.
import { Token } from '../../text/token.ts';
import { hookNftProblems } from '../hook-nft.ts';
import { isSpace, type LineReader, problem, push } from '../line-reader.ts';
import { readShell } from '../shell.ts';
import type { Reading } from '../tree.ts';
import { wgBehaviour } from '../version.ts';

export function readHook(reader: LineReader, start: number, end: number): Reading {
  const { commands, comment, fault } = readShell(reader.text, start, end, reader.start);
  if (cutInHook(reader, start, end)) {
    const behind = lineEnd(reader.text, end);
    const hash = reader.text.indexOf('#', end);
    problem(
      reader,
      'hook-cut',
      hash,
      behind,
      `wg-quick ${reader.version} cuts a hook at the first #, even in a word or in quotation marks: what follows is never run. Since 1.0.20260223 bash gets all of it`,
      fault ? { failsAt: 'hook' } : {},
    );
  } else if (fault)
    problem(reader, 'invalid-value', reader.start + fault.start, reader.start + fault.end, fault.message, { failsAt: 'hook' });
  for (const command of commands) {
    command.words.forEach((word, index) => {
      push(reader, Token.Punctuation, reader.start + word.start);
      push(reader, index === 0 ? Token.Command : Token.String, reader.start + word.end);
    });
  }
  push(reader, Token.Punctuation, comment ? reader.start + comment.start : end);
  push(reader, Token.Comment, end);
  const line = reader.text.slice(reader.start, end);
  if (!fault && line.includes('nft')) for (const command of commands) reader.problems.push(...hookNftProblems(line, command));
  return { is: 'hook', commands };
}

function lineEnd(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  let end = newline < 0 ? text.length : newline;
  while (end > from && isSpace(text.charCodeAt(end - 1))) end--;
  return end;
}

/** Whether wg-quick, where it cuts hooks at `#`, cuts what bash would not have taken for a comment. */
function cutInHook(reader: LineReader, start: number, end: number): boolean {
  if (wgBehaviour(reader.version).wholeHooks) return false;
  const behind = lineEnd(reader.text, end);
  const hash = reader.text.indexOf('#', end);
  if (hash < 0 || hash >= behind) return false;
  return readShell(reader.text, start, behind, 0).comment?.start !== hash;
}
