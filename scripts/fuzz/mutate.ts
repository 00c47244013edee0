// Breaks a text: characters, words and lines put in, taken out, moved and doubled, and pieces of another text put in.
import type { Random } from '../bench/random.ts';

/** What tends to break readers: structure, quoting, comments, escapes, and text that is hardly text. */
const pieces: readonly string[] = [
  ...'{}()[]",;:.#\\\n\r\t =$@*!/-+<>%\'`~_0aZ',
  '\r\n',
  '\u0000',
  '\ufeff',
  '\u00a0',
  '\u2028',
  '\ud83d\udd11',
  '\ud800',
  '\udc00',
  'ä',
  '\\\n',
  '# ',
  '}\n',
  '{ ',
  '" ',
  '\n\n',
  '-1',
  '4294967296',
  '0x',
  '::',
  '10.0.0.1/33',
  'fe80::1%eth0',
  'chain x {\n',
  'table inet t {\n',
  'accept\n',
  'set s { type ipv4_addr; }\n',
  'elements = {',
  'jump {',
  'comment "',
  'define a = ',
  '[Peer]\n',
  '[Interface]\n',
  'AllowedIPs = ',
  'PostUp = echo $(',
  'PublicKey = ',
];

export function randomPiece(random: Random): string {
  if (random.int(12) === 0) return String.fromCharCode(random.int(0x10000));
  return random.pick(pieces);
}

/** `text` after one random change; `other` gives the pieces of another file. */
export function mutate(text: string, other: string, random: Random): string {
  const at = random.int(text.length + 1);
  switch (random.int(10)) {
    case 0:
    case 1:
      return text.slice(0, at) + randomPiece(random) + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + random.int(3));
    case 3:
      return text.slice(0, at) + randomPiece(random) + text.slice(at + 1);
    case 4:
      return at + 2 > text.length ? text : text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2);
    case 5: {
      const line = lineAt(text, at);
      return text.slice(0, line.end) + text.slice(line.start, line.end) + text.slice(line.end);
    }
    case 6: {
      const line = lineAt(text, at);
      return text.slice(0, line.start) + text.slice(line.end);
    }
    case 7: {
      const from = random.int(other.length + 1);
      return text.slice(0, at) + other.slice(from, from + random.int(80)) + text.slice(at);
    }
    case 8:
      return text.slice(0, at) + text.slice(random.int(text.length + 1));
    default:
      return random.int(4) === 0 ? text.replaceAll('\n', '\r\n') : text.slice(0, at) + text.slice(at + random.int(200));
  }
}

function lineAt(text: string, offset: number): { readonly start: number; readonly end: number } {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.indexOf('\n', offset);
  return { start, end: newline < 0 ? text.length : newline + 1 };
}
