// Words that are keywords wherever they stand, in nft 1.0.6 to 1.1.6 alike (scanner.l, what has no start condition): none of them can
// be a name, or a value unless the grammar says so.
import { bareMeta, selectors } from './selectors.ts';
import { betweenWords, operators, statements, verdicts } from './statements.ts';
import { chainWords, commands, families, preprocessor, setWords, tableWords } from './structure.ts';

/** Words of the tables below that nft 1.0.6, or a later one, still takes for a name. */
const free = new Set(['last', 'destroy', 'tunnel', 'vxlan', 'geneve', 'gre', 'gretap', '==', '!=', '<', '>', '<=', '>=', '!']);

const others =
  'all and constant device dynamic element exists expires handle hook index interval lshift missing not offload or position priority random rshift rule ruleset table xor ecn';

export const reserved: ReadonlySet<string> = new Set(
  [
    ...[
      verdicts,
      statements,
      operators,
      betweenWords,
      families,
      commands,
      preprocessor,
      chainWords,
      tableWords,
      setWords,
      selectors,
    ].flatMap((rows) => rows.map(({ name }) => name)),
    ...bareMeta.keys(),
    ...others.split(' '),
  ].filter((name) => !free.has(name)),
);

/** Keywords that a statement takes for a value (parser_bison.y, keyword_expr). */
const valueWords = ['ether', 'ip', 'ip6', 'vlan', 'arp', 'dnat', 'snat', 'ecn', 'reset', 'exists', 'missing'];

/** Keywords that a match takes for a value (parser_bison.y, primary_rhs_expr). */
const comparedWords = ['tcp', 'udp', 'udplite', 'esp', 'ah', 'icmp', 'igmp', 'icmpv6', 'comp', 'dccp', 'sctp', 'redirect'];

const notValues = new Set(reserved);
for (const name of valueWords) notValues.delete(name);
const notCompared = new Set(notValues);
for (const name of comparedWords) notCompared.delete(name);

/** Whether a word cannot be a value on this side: in a match or set (`compared`), or behind `set`, `to` and their like. */
export function cannotBeValue(word: string, compared: boolean): boolean {
  return (compared ? notCompared : notValues).has(word);
}
