// The TextMate grammar of WireGuard configs. Words come from the vocabulary; here is where they stand.
import { amneziaKeys } from '../../server/src/wireguard/dialects/amneziawg.ts';
import { type KeyRow, keys, sections, type ValueKind } from '../../server/src/wireguard/vocabulary.ts';
import { shellRules } from './shell-words.ts';
import { type Grammar, groups, type Rule } from './textmate.ts';
import { anyOf, literal, namesOf } from './words.ts';

const property = 'support.type.property-name.wireguard';
const equals = 'keyword.operator.assignment.wireguard';
const comma = 'punctuation.separator.list.wireguard';
const port = 'punctuation.separator.port.wireguard';
const number = 'constant.numeric.wireguard';
const address = 'constant.numeric.address.wireguard';
const host = 'constant.other.host.wireguard';
const word = 'constant.language.wireguard';

/** What isspace(3) takes, within a line. */
const SPACE = '[ \\t\\x0B\\f\\r]';
const PREFIX = '(?:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]*+|[0-9]{1,3}(?:\\.[0-9]{1,3}){3})(?:/[0-9]{1,3})?';
const ITEM_END = '(?![^\\s,#])';

const comment: Rule = { name: 'comment.line.number-sign.wireguard', match: '#.*$' };
const separator: Rule = { name: comma, match: ',' };
const prefix: Rule = { name: address, match: PREFIX + ITEM_END };
const wholeNumber: Rule = { name: number, match: `\\+?[0-9]+${ITEM_END}` };

/** How values are coloured, by kind; words that a key knows are added. */
const ofKind: Readonly<Record<ValueKind, readonly Rule[]>> = {
  'private-key': keyRules('secret'),
  'preshared-key': keyRules('secret'),
  'public-key': keyRules('public'),
  'allowed-ips': [{ match: `([+-]?)(${PREFIX})${ITEM_END}`, captures: groups('keyword.operator.sign.wireguard', address) }, separator],
  addresses: [prefix, separator],
  dns: [prefix, separator, { name: host, match: '[^\\s,#]+' }],
  endpoint: [
    {
      match: `(\\[)([^\\]#]*)(\\])(:)([0-9]+)?`,
      captures: groups('punctuation.definition.address.wireguard', address, 'punctuation.definition.address.wireguard', port, number),
    },
    {
      // without brackets the last colon counts (config.c, parse_endpoint)
      match: `(?<![^\\s])([0-9.]+|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)(:)([0-9]+)${ITEM_END}`,
      captures: groups(address, port, number),
    },
    { match: `(?<![^\\s])([^\\s,#:]++)(:)([0-9]+)?`, captures: groups(host, port, number) },
  ],
  port: [wholeNumber],
  fwmark: [{ name: number, match: `0x[0-9A-Fa-f]+${ITEM_END}` }, wholeNumber],
  keepalive: [wholeNumber],
  mtu: [wholeNumber],
  table: [wholeNumber],
  boolean: [],
  hook: [{ include: '#shell' }],
  count: [wholeNumber],
  word: [],
  // kinds of other dialects, which have grammars of their own
  'private-key-file': [],
  'preshared-key-file': [],
  'public-key-file': [],
  'secret-flags': [],
  device: [],
  'device-match': [],
};

function keyRules(kind: string): readonly Rule[] {
  // config.c drops spaces inside a key too; the last letter before `=` has bits that must be 0 (encoding.c)
  return [
    {
      name: `string.unquoted.${kind}-key.wireguard`,
      match: `(?:[0-9A-Za-z+/]${SPACE}*){42}[AEIMQUYcgkosw048]${SPACE}*=(?![^\\s#])`,
    },
  ];
}

/** wg drops spaces inside words as well, wg-quick does not (config.c, process_line). */
function asRead(row: Pick<KeyRow, 'name' | 'tool'>): string {
  return row.tool !== 'wg-quick' ? [...row.name].map(literal).join(`${SPACE}*`) : literal(row.name);
}

function keyRule(row: KeyRow): Rule {
  const words = (row.values ?? []).map(({ text }) => text).filter((text) => /^[a-z]+$/.test(text));
  const known: readonly Rule[] = words.length > 0 ? [{ name: word, match: `(?i:${anyOf(words)})${ITEM_END}` }] : [];
  // what follows # in a hook is bash's to read
  const behind = row.value === 'hook' ? [] : [comment];
  return {
    begin: `^${SPACE}*((?i:${asRead(row)}))${SPACE}*(=)`,
    beginCaptures: groups(property, equals),
    end: '$',
    patterns: [...behind, ...known, ...ofKind[row.value]],
  };
}

export function wireguardGrammar(): Grammar {
  const names = namesOf(sections).map((name) => [...name].map(literal).join(`${SPACE}*`));
  return {
    name: 'WireGuard',
    scopeName: 'source.wireguard',
    patterns: [{ include: '#comment' }, { include: '#section' }, { include: '#entry' }],
    repository: {
      comment,
      section: {
        match: `^${SPACE}*(\\[${SPACE}*(?i:${names.join('|')})${SPACE}*\\])`,
        captures: groups('entity.name.type.section.wireguard'),
      },
      entry: { patterns: [...keys, ...amneziaKeys].map(keyRule) },
      ...shellRules('wireguard'),
    },
  };
}
