// The TextMate grammars of the dialects that systemd-networkd and NetworkManager read. Words come from their vocabularies.
import type { IniManner } from '../../server/src/wireguard/dialects/ini.ts';
import type { KeyRow } from '../../server/src/wireguard/vocabulary.ts';
import { type Grammar, groups, type Rule } from './textmate.ts';
import { anyOf, literal } from './words.ts';

/** A grammar whose scopes end in `id`. */
export function iniGrammar(id: string, name: string, manner: IniManner): Grammar {
  const property = `support.type.property-name.${id}`;
  const equals = `keyword.operator.assignment.${id}`;
  const number = `constant.numeric.${id}`;
  const word = `constant.language.${id}`;
  const end = `(?![^\\s${manner.separators}])`;
  const prefix: Rule = {
    name: `constant.numeric.address.${id}`,
    match: `(?:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]*+|[0-9]{1,3}(?:\\.[0-9]{1,3}){3})(?:/[0-9]{1,3})?(?![^\\s,;])`,
  };
  const separator: Rule = { name: `punctuation.separator.list.${id}`, match: `[${manner.separators}]` };
  const continued: Rule = { name: `constant.character.escape.${id}`, match: '\\\\$' };
  const secret = `string.unquoted.secret-key.${id}`;
  const publicKey = `string.unquoted.public-key.${id}`;
  const key = '[0-9A-Za-z+/]{42}[AEIMQUYcgkosw048]=(?!\\S)';
  const endpoint: readonly Rule[] = [
    {
      match: '(\\[)([^\\]]*)(\\])(:)([0-9]+)',
      captures: groups(
        `punctuation.definition.address.${id}`,
        `constant.numeric.address.${id}`,
        `punctuation.definition.address.${id}`,
        `punctuation.separator.port.${id}`,
        number,
      ),
    },
    {
      match: '(?<![^\\s=])([0-9.]+)(:)([0-9]+)',
      captures: groups(`constant.numeric.address.${id}`, `punctuation.separator.port.${id}`, number),
    },
    {
      match: '(?<![^\\s=])([^\\s:@]++)(:)([0-9]+)',
      captures: groups(`constant.other.host.${id}`, `punctuation.separator.port.${id}`, number),
    },
  ];

  function valueRules(row: KeyRow): readonly Rule[] {
    const words = (row.values ?? []).map(({ text }) => text).filter((text) => /^[a-z]+$/.test(text));
    const known: readonly Rule[] = words.length > 0 ? [{ name: word, match: `${anyOf(words)}${end}` }] : [];
    switch (row.value) {
      case 'private-key':
      case 'preshared-key':
        return [{ name: secret, match: key }];
      case 'public-key':
        return [{ name: publicKey, match: key }];
      case 'allowed-ips':
      case 'addresses':
        return [prefix, separator];
      case 'private-key-file':
      case 'preshared-key-file':
      case 'public-key-file':
        return [{ name: `string.unquoted.path.${id}`, match: '[^\\s].*?(?=\\s*$)' }];
      case 'endpoint':
        return endpoint;
      case 'port':
      case 'keepalive':
      case 'count':
      case 'secret-flags':
        return [...known, { name: number, match: `[0-9]+${end}` }];
      default:
        return known;
    }
  }

  function entry(row: KeyRow): Rule {
    return {
      begin: `^[ \\t]*(${row.name.endsWith('1') ? `${literal(row.name.slice(0, -1))}[0-9]*` : literal(row.name)})[ \\t]*(=)`,
      beginCaptures: groups(property, equals),
      // a backslash goes on; the line break itself is a character of the line
      end: manner.continues ? '(?<![\\\\\\n])$' : '$',
      patterns: [...(manner.continues ? [continued] : []), ...valueRules(row)],
    };
  }

  // a key once: what its name means hangs on its section, its colour hardly does
  const seen = new Set<string>();
  const rowsOnce = manner.headers.flatMap((header) => header.keys).filter((row) => !seen.has(row.name) && seen.add(row.name));
  const keyed = manner.headers.filter((header) => header.keyed);
  const sections: Rule[] = keyed.map((header) => ({
    match: `^[ \\t]*(\\[${literal(header.name)})([^\\]]*)(\\])[ \\t]*$`,
    captures: groups(`entity.name.type.section.${id}`, publicKey, `entity.name.type.section.${id}`),
  }));
  return {
    name,
    scopeName: `source.${id}`,
    patterns: [{ include: '#comment' }, { include: '#section' }, { include: '#entry' }],
    repository: {
      comment: { name: `comment.line.${id}`, match: `^[ \\t]*[${manner.comments}].*$` },
      section: {
        patterns: [...sections, { match: '^[ \\t]*(\\[[^\\]]*\\])[ \\t]*$', captures: groups(`entity.name.type.section.${id}`) }],
      },
      entry: {
        patterns: [...rowsOnce.map(entry), { match: '^[ \\t]*([^=\\[\\s][^=]*?)[ \\t]*(=)', captures: groups(property, equals) }],
      },
    },
  };
}
