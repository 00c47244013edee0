// Edits that give entries the AllowedIPs they need.
import { prefixText } from '../net/address.ts';
import type { TextEdit } from '../text/edit.ts';
import type { Place } from '../text/origin.ts';
import type { Span } from '../text/span.ts';
import type { Entry } from './allowed-ips.ts';

export interface Texts {
  text(uri: string): string;
  /** The span in the file of a place; null where the text has moved on. */
  span(uri: string, place: Place): Span | null;
}

/** The first line of an entry's AllowedIPs gets all of them, further lines go; where there is none, one comes behind its PublicKey. */
export function allowedIpsEdits(entries: readonly Entry[], texts: Texts): readonly TextEdit[] {
  return entries.filter(({ same }) => !same).flatMap((entry) => editsOf(entry, texts));
}

function editsOf({ node: { uri, facts }, peer, allowedIps }: Entry, texts: Texts): readonly TextEdit[] {
  const list =
    facts.dialect === 'networkmanager'
      ? allowedIps.map((prefix) => `${prefixText(prefix)};`).join('')
      : allowedIps.map(prefixText).join(', ');
  const text = texts.text(uri);
  /** Of each line of AllowedIPs its items, from the first to the last. */
  const lines = new Map<number, Span>();
  for (const { at } of peer.facts.allowedIps) {
    const span = texts.span(uri, at);
    if (!span) return [];
    const line = lines.get(at.statement);
    lines.set(at.statement, line ? { start: Math.min(line.start, span.start), end: Math.max(line.end, span.end) } : span);
  }
  const [first, ...rest] = [...lines.values()];
  if (!first) {
    const key = peer.facts.publicKey && texts.span(uri, peer.facts.publicKey.at);
    if (!key || allowedIps.length === 0) return [];
    const end = lineAt(text, key.end).end;
    const name = facts.dialect === 'networkmanager' ? 'allowed-ips=' : facts.dialect === 'networkd' ? 'AllowedIPs=' : 'AllowedIPs = ';
    return [{ uri, span: { start: end, end }, text: `\n${name}${list}` }];
  }
  // a list of NetworkManager's may end with its sign
  const end = facts.dialect === 'networkmanager' && text[first.end] === ';' ? first.end + 1 : first.end;
  const whole = allowedIps.length > 0 ? { uri, span: { start: first.start, end }, text: list } : removed(uri, text, first);
  return [whole, ...rest.map((span) => removed(uri, text, span))];
}

function removed(uri: string, text: string, span: Span): TextEdit {
  const { start, end } = lineAt(text, span.start);
  return { uri, span: { start, end: Math.min(text.length, end + 1) }, text: '' };
}

/** Without its line break. */
function lineAt(text: string, offset: number): Span {
  const newline = text.indexOf('\n', offset);
  return { start: text.lastIndexOf('\n', offset - 1) + 1, end: newline < 0 ? text.length : newline };
}
