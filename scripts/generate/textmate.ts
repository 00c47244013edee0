// The shape of a TextMate grammar as VS Code reads it, and how it is written down.

export type Captures = Readonly<Record<string, { readonly name?: string; readonly patterns?: readonly Rule[] }>>;

export type Rule =
  | { readonly include: string }
  | { readonly patterns: readonly Rule[] }
  /** Stays within one line. Without a name it only passes text over. */
  | { readonly name?: string; readonly match: string; readonly captures?: Captures }
  /** Goes on over lines until `end`, which may look back at nothing but its own line. */
  | {
      readonly name?: string;
      readonly contentName?: string;
      readonly begin: string;
      readonly beginCaptures?: Captures;
      readonly end: string;
      readonly endCaptures?: Captures;
      readonly patterns?: readonly Rule[];
    };

export interface Grammar {
  readonly name: string;
  readonly scopeName: string;
  readonly patterns: readonly Rule[];
  readonly repository: Readonly<Record<string, Rule>>;
}

/** Names for the groups of a pattern, in their order; '' leaves one out. */
export function groups(...names: readonly string[]): Captures {
  return Object.fromEntries(names.flatMap((name, i) => (name === '' ? [] : [[String(i + 1), { name }]])));
}

/** The grammar as JSON, laid out as Biome formats it. */
export function grammarText(grammar: Grammar): string {
  const { name, scopeName, patterns, repository } = grammar;
  const about = 'Made by `npm run generate` from the vocabularies in server/src. Change those, or scripts/generate, not this file.';
  return `${written({ information_for_contributors: [about], name, scopeName, patterns, repository }, '', 0)}\n`;
}

type Json = string | readonly Json[] | { readonly [key: string]: Json };

const LINE_WIDTH = 140;

function written(value: unknown, indent: string, before: number): string {
  const inner = `${indent}  `;
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    const flat = `[${items.map((item) => JSON.stringify(item)).join(', ')}]`;
    if (items.every((item) => typeof item === 'string') && indent.length + before + flat.length < LINE_WIDTH) return flat;
    return `[\n${items.map((item) => inner + written(item, inner, 0)).join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value as Readonly<Record<string, Json>>);
  if (entries.length === 0) return '{}';
  return `{\n${entries.map(([key, item]) => `${inner}"${key}": ${written(item, inner, key.length + 4)}`).join(',\n')}\n${indent}}`;
}
