// What nft itself says of a ruleset, read from its words: `FILE:LINE:COLUMN-COLUMN: Error: MESSAGE`.
import type { SourceFile } from '../text/source-file.ts';
import type { Span } from '../text/span.ts';

export interface NftMessage {
  readonly span: Span;
  /** From 0. */
  readonly line: number;
  readonly message: string;
}

/**
 * What only the empty namespace is to blame for that nft is asked in: neither the machine's devices, nor its names, nor what another
 * file has loaded is there.
 */
const ELSEWHERE =
  /^(?:Interface does not exist|Could not resolve|No such file or directory|Could not process rule: (?:No such |Operation not ))/;

/** nft's messages about the file at `path`, with their places in its text; those that hang on the machine are left out. */
export function nftMessages(source: SourceFile, path: string, said: string): readonly NftMessage[] {
  const messages: NftMessage[] = [];
  for (const text of said.split('\n')) {
    const [, file, line, from, to, message] = /^(.*):(\d+):(\d+)-(\d+): Error: (.*)$/.exec(text) ?? [];
    if (file !== path || !line || !from || !to || !message || ELSEWHERE.test(message)) continue;
    const start = source.lines[Number(line) - 1];
    if (start === undefined) continue;
    const next = source.lines[Number(line)] ?? source.text.length;
    const content = source.text.slice(start, next).replace(/[\r\n]+$/, '');
    const span = { start: start + unitsOf(content, Number(from) - 1), end: start + unitsOf(content, Number(to)) };
    messages.push({ span: span.end > span.start ? span : { start, end: start + content.length }, line: Number(line) - 1, message });
  }
  return messages;
}

/** How many UTF-16 units the first `bytes` bytes are, as nft counts columns. */
function unitsOf(text: string, bytes: number): number {
  let left = bytes;
  let units = 0;
  for (const character of text) {
    if (left <= 0) break;
    const code = character.codePointAt(0) as number;
    left -= code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    units += character.length;
  }
  return units;
}
