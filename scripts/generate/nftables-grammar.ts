// The TextMate grammar of nftables rulesets, put together. Mostly flat, so that a brace that is missing while somebody types spoils no
// colour below it: what a word is follows from the words beside it on its line.
import { rawBases } from '../../server/src/nftables/vocabulary/phrases.ts';
import { addresses, comment, numbers, operators, references, string, variable, WORD, wildcard } from './nftables/lexis.ts';
import { loneSelectors, selectorRules } from './nftables/selectors.ts';
import { constantNames, constants, keywordNames, keywords, named, phrases, verdictRules, wordOperators } from './nftables/statements.ts';
import { datatypeWords, definition, familyWords, heads, include, objectSetting, settings } from './nftables/structure.ts';
import type { Grammar } from './textmate.ts';
import { anyOf, namesOf } from './words.ts';

export function nftablesGrammar(): Grammar {
  return {
    name: 'nftables',
    scopeName: 'source.nftables',
    patterns: [{ include: '#ruleset' }],
    repository: {
      // of two patterns that match at one place the first counts; every word is taken whole, so that none is coloured in part
      ruleset: {
        patterns: [
          { include: '#comment' },
          { include: '#string' },
          { include: '#reference' },
          { include: '#address' },
          { include: '#structure' },
          { include: '#rule' },
          { include: '#number' },
          { include: '#operator' },
          { match: WORD },
        ],
      },
      comment,
      string: { patterns: [string, wildcard] },
      reference: { patterns: [variable, ...references(`(?:${anyOf(namesOf(rawBases))})`)] },
      address: addresses,
      structure: { patterns: [include, definition, heads, settings] },
      rule: {
        patterns: [
          named,
          verdictRules,
          phrases,
          selectorRules,
          objectSetting,
          keywords,
          constants,
          datatypeWords,
          loneSelectors([...keywordNames, ...constantNames]),
          familyWords,
        ],
      },
      number: numbers,
      operator: operators(wordOperators),
    },
  };
}
