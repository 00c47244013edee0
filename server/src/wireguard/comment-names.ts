// What comments call the peers: read with the lines, put together for a file.
import { copied, type Span } from '../text/span.ts';
import { isSpace } from './line-reader.ts';
import type { Line, WireguardSyntax, WireguardTree } from './tree.ts';

const NAME_ENTRY = /^#+\s*(?:friendly[_ -]?name|name|peer|client|user|device|hostname)\s*[=:]\s*(.+?)\s*$/i;
const NAME_LINE = /^#+\s*(?:(?:peer|client|begin_peer|user)\s*[:=-]?\s+)?["“']?([\p{L}\p{N}][\p{L}\p{N} ._@'()-]{0,39}?)["”']?\s*#*$/iu;

/** The comment line at `text[start..end]`, whose place in its line is `span`, with the name that it gives, if it looks like one. */
export function commentLine(text: string, start: number, end: number, span: Span): WireguardSyntax {
  const word = singleWord(text, start, end);
  if (word !== null) return { kind: 'comment', text: span, calls: word, entry: false };
  const comment = text.slice(start, Math.min(end, start + 120));
  const entry = NAME_ENTRY.exec(comment)?.[1];
  if (entry && entry.length <= 40) return { kind: 'comment', text: span, calls: kept(entry), entry: true };
  return { kind: 'comment', text: span, calls: kept(NAME_LINE.exec(comment)?.[1]), entry: false };
}

/** The name in a comment behind a header; undefined where it does not look like one, null where it is none after all. */
export function nameBeside(text: string, start: number, end: number): string | null | undefined {
  const beside = NAME_LINE.exec(text.slice(start, end))?.[1];
  return beside === undefined ? undefined : kept(beside);
}

/** A comment of one plain word, as most above a peer are: the patterns would take it, and need not be asked. Null where it is another. */
function singleWord(text: string, start: number, end: number): string | null {
  let from = start;
  while (from < end && text.charCodeAt(from) === 35) from++;
  while (from < end && isSpace(text.charCodeAt(from))) from++;
  if (from === end || end - from > 31 || !isLetterOrDigit(text.charCodeAt(from))) return null;
  for (let i = from + 1; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (!isLetterOrDigit(unit) && unit !== 45 && unit !== 46 && unit !== 95) return null;
  }
  return copied(text, from, end);
}

function isLetterOrDigit(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || (unit >= 48 && unit <= 57);
}

function kept(written: string | null | undefined): string | null {
  // “### begin laptop ###” and “# laptop end” of scripts that manage peers
  const name = written?.replace(/\s+/g, ' ').replace(/^begin | (?:begin|end)$/gi, '');
  // a name is a few words; a sentence is a note
  return name && name.split(' ').length <= 4 && !/[A-Za-z0-9+/]{32,}/.test(name) ? copied(name, 0, name.length) : null;
}

/** What comments call the peers, in their order: `# Name = …` in the section, on its header, right above it or right below. */
export function peerNames(tree: WireguardTree): readonly (string | null)[] {
  const names: (string | null)[] = [];
  let above: string | null = null;
  let justBelow = false;
  const { body } = tree.root;
  for (let i = 0; i < body.length; i++) {
    const { syntax } = body[i] as Line;
    switch (syntax.kind) {
      case 'blank':
        justBelow = false;
        break;
      case 'comment': {
        const { calls: name, entry } = syntax;
        const last = names.length - 1;
        if (entry && last >= 0) names[last] = name;
        else {
          if (name && justBelow && last >= 0) names[last] ??= name;
          above = name;
        }
        break;
      }
      case 'section':
        if (syntax.section === 'Peer') names.push(syntax.calls === undefined ? above : syntax.calls);
        above = null;
        justBelow = syntax.section === 'Peer';
        break;
      default:
        above = null;
        justBelow = false;
    }
  }
  return names;
}
