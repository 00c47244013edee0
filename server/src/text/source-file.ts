// A file's text at one version, and what an edit makes of it. Values: nothing here changes in place.

import { type Lines, linesAfterEdit, linesOf, offsetAt, type Position } from './lines.ts';
import type { Damage } from './reuse.ts';

/** `networkd` and `networkmanager` are WireGuard as those managers write it. */
export type Language = 'wireguard' | 'networkd' | 'networkmanager' | 'nftables' | 'public-key' | 'policy';

export interface SourceFile {
  readonly uri: string;
  readonly version: number;
  readonly language: Language;
  readonly text: string;
  readonly lines: Lines;
  /** Whether it may hold a comment that is meant for us, `# meshwarden: …`: asked at each key, and most files have none. */
  readonly addressed: boolean;
}

const ADDRESS = 'meshwarden:';

export function sourceFile(uri: string, version: number, language: Language, text: string): SourceFile {
  return { uri, version, language, text, lines: linesOf(text), addressed: text.includes(ADDRESS) };
}

/** A change as the Language Server Protocol sends it: a range and its new text, or (without a range) the whole text. */
export interface Change {
  readonly range?: { readonly start: Position; readonly end: Position };
  readonly text: string;
}

/** Applies changes in order. `damage` is the smallest stretch that holds them all, null where the whole text was replaced. */
export function changed(file: SourceFile, version: number, changes: readonly Change[]): { file: SourceFile; damage: Damage | null } {
  let { text, lines } = file;
  let damage: Damage | null = { start: text.length, oldEnd: 0, newEnd: 0 };
  let any = false;
  for (const change of changes) {
    if (!change.range) {
      text = change.text;
      lines = linesOf(text);
      damage = null;
      continue;
    }
    const from = offsetAt(lines, text, change.range.start);
    const to = Math.max(from, offsetAt(lines, text, change.range.end));
    const newEnd = from + change.text.length;
    text = text.slice(0, from) + change.text + text.slice(to);
    lines = linesAfterEdit(lines, text, from, to, newEnd);
    if (damage) damage = any ? joined(damage, from, to, newEnd) : { start: from, oldEnd: to, newEnd };
    any = true;
  }
  if (!any && damage) damage = { start: 0, oldEnd: 0, newEnd: 0 };
  return { file: { ...file, version, text, lines, addressed: isAddressed(file, text, damage) }, damage };
}

/** Without a look at all of the text where there was no such comment: an edit can bring one only where it is. */
function isAddressed({ addressed }: SourceFile, text: string, damage: Damage | null): boolean {
  if (addressed || !damage) return text.includes(ADDRESS);
  return text.slice(Math.max(0, damage.start - ADDRESS.length), damage.newEnd + ADDRESS.length).includes(ADDRESS);
}

/** `damage` widened by a later edit, whose offsets are those of the text after `damage`. */
function joined(damage: Damage, from: number, to: number, newEnd: number): Damage {
  const start = Math.min(damage.start, from);
  const end = Math.max(damage.newEnd, to);
  return { start, oldEnd: end - (damage.newEnd - damage.oldEnd), newEnd: end + (newEnd - to) };
}
