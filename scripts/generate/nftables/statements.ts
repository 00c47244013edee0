// What rules do: verdicts, statements, and the words in them.
import { datatypes } from '../../../server/src/nftables/vocabulary/datatypes.ts';
import {
  amountWords,
  baseChainWords,
  ctObjectSettings,
  ctObjects,
  elementWords,
  hashWords,
  wordOperators as operatorWords,
  placeWords,
  queueWords,
  selectorWords,
  synproxyWords,
  translationWords,
} from '../../../server/src/nftables/vocabulary/phrases.ts';
import {
  betweenWords,
  byteUnits,
  logLevels,
  logOptions,
  natFlags,
  operators,
  rejectWords,
  statements,
  timeUnits,
  verdicts,
} from '../../../server/src/nftables/vocabulary/statements.ts';
import { groups, type Rule } from '../textmate.ts';
import { anyOf, namesOf } from '../words.ts';
import { END, GAP, NAME, WORD } from './lexis.ts';
import { constant, keyword, operator, structureWords, verdict } from './structure.ts';

const unit = 'keyword.other.unit.nftables';
const TIME = anyOf(namesOf(timeUnits)) + END;
const BYTES = anyOf(namesOf(byteUnits));

const ending = statements.filter(({ terminal }) => terminal);

export const verdictRules: Rule = {
  patterns: [
    { match: `(jump|goto)${GAP}(${NAME})`, captures: groups(verdict, 'entity.name.function.chain.nftables') },
    { name: verdict, match: `(?:${anyOf([...namesOf(verdicts), ...namesOf(ending)])})${END}` },
  ],
};

/** Words behind which a text or a name stands, quoted or not. */
export const named: Rule = {
  patterns: [
    { match: `(comment)${GAP}(${WORD})`, captures: groups(keyword, 'string.unquoted.comment.nftables') },
    { match: `(prefix)${GAP}(?!to${END})(${WORD})`, captures: groups(keyword, 'string.unquoted.prefix.nftables') },
    { match: `(meter)${GAP}(${NAME})`, captures: groups(keyword, 'entity.name.function.definition.nftables') },
    {
      match: `(name)${GAP}(?!(?:ip6?|tcp|udp|th|ct|meta)${END})(${WORD})(?![ \\t]*(?:\\.|map${END}))`,
      captures: groups(keyword, 'entity.name.function.reference.nftables'),
    },
  ],
};

/** Words whose neighbours say what they are. */
export const phrases: Rule = {
  patterns: [
    {
      match: `(?<![0-9])([0-9]++)[ \\t]*(/)[ \\t]*(${TIME})`,
      captures: groups('constant.numeric.integer.nftables', operator, unit),
    },
    { match: `(${BYTES})[ \\t]*(/)[ \\t]*(${TIME})`, captures: groups(unit, operator, unit) },
    { name: unit, match: BYTES + END },
    { match: `(level)${GAP}(${anyOf(namesOf(logLevels))})${END}`, captures: groups(keyword, constant) },
    {
      match: `(with)${GAP}(${anyOf(namesOf(rejectWords).filter((name) => name !== 'with'))})${END}(?:${GAP}(?:(type)|(reset))${END})?`,
      captures: groups(keyword, keyword, keyword, constant),
    },
    { match: `(ct)${GAP}(count|timeout|expectation)${END}`, captures: groups(keyword, keyword) },
    {
      match: `(:)[ \\t]*(ct)${GAP}(${anyOf(namesOf(ctObjects))})${END}`,
      captures: groups('punctuation.separator.key-value.nftables', keyword, keyword),
    },
    { name: keyword, match: `ip6?(?=${GAP}(?:(?:to|prefix|interval|addr)${END}|\\$))` },
    { match: `(addr)${GAP}(\\.)${GAP}(port)${END}`, captures: groups(keyword, 'keyword.operator.concatenation.nftables', keyword) },
  ],
};

/** Keywords by the vocabulary. */
export const listedWords: readonly string[] = [
  ...structureWords,
  ...namesOf(statements),
  ...namesOf(logOptions),
  ...namesOf(natFlags),
  ...namesOf(rejectWords).filter((name) => name === 'with'),
  ...namesOf(betweenWords),
  ...[amountWords, baseChainWords, ctObjectSettings, elementWords, hashWords, placeWords].flatMap(namesOf),
  ...[queueWords, selectorWords, synproxyWords, translationWords].flatMap(namesOf),
];

export const keywordNames: ReadonlySet<string> = new Set(listedWords);

export const keywords: Rule = { name: keyword, match: `(?:${anyOf(keywordNames)})${END}` };

/** Names that datatypes give to values. */
export const constantNames: ReadonlySet<string> = new Set(datatypes.flatMap(({ constants }) => namesOf(constants)));

export const constants: Rule = { name: constant, match: `(?:${anyOf(constantNames)})${END}` };

/** `eq`, `and`, …: operators that are words. */
export const wordOperators: string = anyOf([...namesOf(operators).filter((name) => /^[a-z]+$/.test(name)), ...namesOf(operatorWords)]);
