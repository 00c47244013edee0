// Colours a text by our TextMate grammars as VS Code does, with the same libraries.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import onigurumaModule from 'vscode-oniguruma';
import textmate from 'vscode-textmate';

export const root = path.resolve(import.meta.dirname, '../..');

export const languages = ['wireguard', 'wireguard-networkd', 'wireguard-networkmanager', 'nftables'] as const;
export type Language = (typeof languages)[number];

/** A stretch of a text, in UTF-16 units, with its scopes from the outermost on; the first is the language's own and left out. */
export interface Coloured {
  readonly start: number;
  readonly end: number;
  readonly scopes: readonly string[];
}

const { OnigScanner, OnigString, loadWASM } = onigurumaModule;
const { INITIAL, Registry, parseRawGrammar } = textmate;

function grammarFile(language: Language): string {
  return path.join(root, `syntaxes/${language}.tmLanguage.json`);
}

let registry: textmate.Registry | null = null;

export async function grammarOf(language: Language): Promise<textmate.IGrammar> {
  if (!registry) {
    const wasm = readFileSync(createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm'));
    await loadWASM(new Uint8Array(wasm).buffer);
    registry = new Registry({
      onigLib: Promise.resolve({
        createOnigScanner: (sources) => new OnigScanner(sources),
        createOnigString: (text) => new OnigString(text),
      }),
      loadGrammar: async (scope) => {
        const known = languages.find((name) => scope === `source.${name}`);
        return known ? parseRawGrammar(readFileSync(grammarFile(known), 'utf8'), grammarFile(known)) : null;
      },
    });
  }
  const grammar = await registry.loadGrammar(`source.${language}`);
  if (!grammar) throw new Error(`no grammar for ${language}`);
  return grammar;
}

/** The text's lines with the offset of each, their line breaks left out as the editor does. */
export function linesOf(text: string): readonly { readonly at: number; readonly line: string }[] {
  let at = 0;
  return text.split('\n').map((line) => {
    const start = at;
    at += line.length + 1;
    return { at: start, line: line.endsWith('\r') ? line.slice(0, -1) : line };
  });
}

/** Every stretch of the text but line breaks, in order. */
export function coloured(grammar: textmate.IGrammar, text: string): readonly Coloured[] {
  const result: Coloured[] = [];
  let state = INITIAL;
  for (const { at, line } of linesOf(text)) {
    const { tokens, ruleStack, stoppedEarly } = grammar.tokenizeLine(line, state);
    if (stoppedEarly) throw new Error(`the grammar took too long over: ${line.slice(0, 80)}`);
    for (const { startIndex, endIndex, scopes } of tokens) {
      // an empty line is one token that reaches behind it
      const end = Math.min(endIndex, line.length);
      if (end > startIndex) result.push({ start: at + startIndex, end: at + end, scopes: scopes.slice(1) });
    }
    state = ruleStack;
  }
  return result;
}
