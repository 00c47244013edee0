// Holds the colours of a text against what our parser says of it: the grammar must know as keywords, comments and strings what the parser does.
import type textmate from 'vscode-textmate';
import { parseNftables } from '../../server/src/nftables/parser/parse.ts';
import { eachToken, type Statement } from '../../server/src/text/statement.ts';
import { Token, tokenClass } from '../../server/src/text/token.ts';
import { parseNetworkd } from '../../server/src/wireguard/dialects/networkd.ts';
import { parseNetworkManager } from '../../server/src/wireguard/dialects/networkmanager.ts';
import { parseWireguard } from '../../server/src/wireguard/parser.ts';
import { coloured, type Language } from './colours.ts';

export interface Agreement {
  /** Tokens of the parser that must have a colour, by class. */
  readonly words: Readonly<Record<string, number>>;
  readonly comments: number;
  readonly strings: number;
  /** Words whose colour is that of another kind of word. */
  readonly otherKind: readonly string[];
  /** What must not be, each in a sentence. */
  readonly faults: readonly string[];
}

/** Which colours a word has by its class; any other is counted. */
const kinds: Partial<Record<Token, readonly [name: string, scopes: RegExp]>> = {
  [Token.Keyword]: ['keywords', /^(?:keyword\.(?!control\.verdict)|storage\.)/],
  [Token.Verdict]: ['verdicts', /^keyword\.control\.verdict\./],
  [Token.Selector]: ['selectors', /^support\.type\.selector\./],
  [Token.Property]: ['keys', /^support\.type\.property-name\./],
  [Token.Section]: ['sections', /^entity\.name\.type\.section\./],
};

const parsers: Readonly<Record<Language, (text: string) => { readonly root: Statement }>> = {
  wireguard: (text) => parseWireguard(text),
  'wireguard-networkd': (text) => parseNetworkd(text),
  'wireguard-networkmanager': (text) => parseNetworkManager(text),
  nftables: (text) => parseNftables(text),
};

type Kind = 'comment' | 'string' | '';

export function agreement(grammar: textmate.IGrammar, language: Language, text: string): Agreement {
  const scopeAt: string[] = new Array(text.length).fill('');
  const kindAt: Kind[] = new Array(text.length).fill('');
  const faults: string[] = [];
  for (const { start, end, scopes } of coloured(grammar, text)) {
    const is = (name: string): boolean => scopes.some((scope) => scope.startsWith(`${name}.`));
    if (is('invalid')) faults.push(`${shown(text, start, end)} is coloured as invalid`);
    const kind = is('comment') ? 'comment' : is('string') ? 'string' : '';
    scopeAt.fill(scopes.filter((scope) => !scope.startsWith('meta.')).at(-1) ?? '', start, end);
    kindAt.fill(kind, start, end);
  }

  const root: Statement = parsers[language](text).root;
  const words: Record<string, number> = {};
  const otherKind: string[] = [];
  const counts = { comment: 0, string: 0, '': 0 };
  eachToken(root, (packed, start, end) => {
    const token = tokenClass(packed);
    if (token === Token.Space || token === Token.Newline) return;
    const known = kinds[token];
    if (known) {
      const [name, scopes] = known;
      words[name] = (words[name] ?? 0) + 1;
      const has = scopeAt.slice(start, end);
      if (has.includes('')) faults.push(`${shown(text, start, end)} belongs to the ${name} and has no colour`);
      else if (!has.every((scope) => scopes.test(scope))) otherKind.push(`${shown(text, start, end)}: ${name}, coloured ${has[0]}`);
    }
    for (const part of kindsOf(token, text, start, end)) {
      counts[part.kind]++;
      for (let i = part.start; i < part.end; i++) {
        if (kindAt[i] === part.kind || text[i] === '\n' || text[i] === '\r') continue;
        faults.push(`${shown(text, part.start, part.end)} is ${said(part.kind)}, and is coloured as ${said(kindAt[i] as Kind)}`);
        break;
      }
    }
  });
  return { words, comments: counts.comment, strings: counts.string, otherKind, faults };
}

/** What the token is: a comment, a string, or neither. */
function kindsOf(token: Token, text: string, start: number, end: number): { kind: Kind; start: number; end: number }[] {
  if (token === Token.Comment) return [{ kind: 'comment', start, end }];
  if (token === Token.String || token === Token.PublicKey || token === Token.Secret) return [{ kind: 'string', start, end }];
  // a name in quotation marks is a string as well
  if (text[start] === '"') return [{ kind: 'string', start, end }];
  // the parser gives a hook's own comment, which bash reads, to its punctuation
  const hash = token === Token.Punctuation ? text.slice(start, end).search(/(?<![^\s;&|()])#/) : -1;
  if (hash < 0) return [{ kind: '', start, end }];
  return [
    { kind: '', start, end: start + hash },
    { kind: 'comment', start: start + hash, end },
  ];
}

function said(kind: Kind): string {
  return kind === '' ? 'neither comment nor string' : `a ${kind}`;
}

function shown(text: string, start: number, end: number): string {
  const line = text.slice(text.lastIndexOf('\n', start) + 1, text.indexOf('\n', start) < 0 ? text.length : text.indexOf('\n', start));
  return `“${text.slice(start, Math.min(end, start + 60))}” in “${line.trim().slice(0, 120)}”`;
}
