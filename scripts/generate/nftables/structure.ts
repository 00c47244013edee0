// What stands around rules: definitions, commands, the heads of blocks, and the settings of chains, sets and objects.
import { datatypes } from '../../../server/src/nftables/vocabulary/datatypes.ts';
import {
  chainFlags,
  ctObjects,
  logFlags,
  logHeaderFlags,
  mapData,
  objectSettings,
  placeWords,
  queueWords,
} from '../../../server/src/nftables/vocabulary/phrases.ts';
import { selectorByName } from '../../../server/src/nftables/vocabulary/selectors.ts';
import {
  chainTypes,
  chainWords,
  commands,
  families,
  hooks,
  policies,
  preprocessor,
  priorities,
  setFlags,
  setPolicies,
  setWords,
  tableFlags,
  tableWords,
} from '../../../server/src/nftables/vocabulary/structure.ts';
import { groups, type Rule } from '../textmate.ts';
import { anyOf, namesOf } from '../words.ts';
import { END, GAP, NAME, START, WORD } from './lexis.ts';

export const keyword = 'keyword.other.nftables';
export const storage = 'storage.type.nftables';
export const constant = 'constant.language.nftables';
export const operator = 'keyword.operator.nftables';
export const verdict = 'keyword.control.verdict.nftables';
const family = 'storage.modifier.family.nftables';
const datatype = 'storage.type.datatype.nftables';

/** Scopes of names, by what they are names of. */
function nameOf(thing: string): string {
  return `entity.name.function.${thing}.nftables`;
}

const FAMILY = anyOf(namesOf(families)) + END;
const COMMAND = anyOf(namesOf(commands)) + END;
const FIELD = anyOf(families.flatMap(({ name }) => namesOf(selectorByName.get(name)?.fields ?? []))) + END;
/** A name that is not the word before a handle's number. */
const NAME_HERE = `(?!${anyOf(namesOf(placeWords))}${END})${NAME}`;

/** The kinds of things that stand in a table under a name: the words that begin their blocks. */
const things = namesOf(tableWords).filter((name) => !namesOf(chainWords).includes(name) && name !== 'ct');
const THING = `(?:(?:${anyOf(things)}|meter)${END}|ct${GAP}${anyOf(namesOf(ctObjects))}${END})`;
/** What a command may speak of, one or all of a kind. */
const OBJECT = anyOf(commands.flatMap(({ objects }) => objects)) + END;

/** `define NAME =`. */
export const definition: Rule = {
  match: `(${anyOf(namesOf(preprocessor).filter((name) => name !== 'include'))})${GAP}(${WORD})`,
  captures: groups(keyword, 'variable.other.readwrite.definition.nftables'),
};

export const include: Rule = { name: 'keyword.control.include.nftables', match: `include${END}` };

/** Heads of blocks and commands: their names are names, whatever word they are. */
export const heads: Rule = {
  patterns: [
    {
      match: `(?:(${COMMAND})${GAP})?(table)${END}(?:${GAP}(${FAMILY})(?=${GAP}[^ \\t{;]))?(?:${GAP}(${NAME_HERE}))?`,
      captures: groups(keyword, storage, family, nameOf('table')),
    },
    // in a table: chain NAME {
    { match: `${START}(${THING})${GAP}(${NAME})(?=[ \\t]*\\{)`, captures: groups(storage, nameOf('definition')) },
    // at file level, with or without a command: set inet TABLE NAME {
    {
      match: `${START}(${THING})${GAP}(?:(${FAMILY})${GAP})?(${NAME})${GAP}(${NAME})(?=[ \\t]*\\{)`,
      captures: groups(storage, family, nameOf('table'), nameOf('definition')),
    },
    {
      match: `${START}((?:rule|element)${END})(?:${GAP}(${FAMILY}))?${GAP}(${NAME})${GAP}(${NAME})`,
      captures: groups(storage, family, nameOf('table'), nameOf('reference')),
    },
    {
      match: `(rename)${GAP}(chain)(?:${GAP}(${FAMILY}))?${GAP}(${NAME})${GAP}(${NAME})${GAP}(${NAME})`,
      captures: groups(keyword, storage, family, nameOf('table'), nameOf('reference'), nameOf('definition')),
    },
    {
      match: `(${COMMAND})${GAP}(${THING}|(?:rule|element)${END})(?:${GAP}(${FAMILY}))?(?:${GAP}(${NAME_HERE}))?(?:${GAP}(${NAME_HERE}))?`,
      captures: groups(keyword, storage, family, nameOf('table'), nameOf('reference')),
    },
    { match: `(${COMMAND})${GAP}(${OBJECT})(?:${GAP}(${FAMILY}))?`, captures: groups(keyword, storage, family) },
    // a rule without its words; what begins like a selector is one
    {
      match: `^[ \\t]*(${FAMILY})${GAP}(?!${FIELD})(${NAME})${GAP}(${NAME})`,
      captures: groups(family, nameOf('table'), nameOf('reference')),
    },
  ],
};

const list = (item: string): string => `${item}(?:[ \\t]*,[ \\t]*${item})*`;
const inList: Rule[] = [
  { name: 'punctuation.separator.list.nftables', match: ',' },
  { name: constant, match: '[^ \\t,]+' },
];

const FLAG = `(?:${anyOf([...namesOf(tableFlags), ...namesOf(setFlags), ...[chainFlags, logFlags, logHeaderFlags].flatMap(namesOf)])})${END}`;
const QUEUE_FLAG = `(?:${anyOf(namesOf(queueWords).filter((word) => word !== 'num'))})${END}`;

/** Settings whose values are words of their own. */
export const settings: Rule = {
  patterns: [
    { match: `(type)${GAP}(${anyOf(namesOf(chainTypes))})${END}`, captures: groups(keyword, constant) },
    { match: `(hook)${GAP}(${anyOf(namesOf(hooks))})${END}`, captures: groups(keyword, constant) },
    {
      match: `(priority)${GAP}(${anyOf(namesOf(priorities))})${END}`,
      captures: groups(keyword, constant),
    },
    {
      match: `(policy)${GAP}(?:(${anyOf(namesOf(policies))})|(${anyOf(namesOf(setPolicies))}))${END}`,
      captures: groups(keyword, verdict, constant),
    },
    { match: `(flags)${GAP}(${list(QUEUE_FLAG)})`, captures: { 1: { name: keyword }, 2: { name: keyword } } },
    {
      match: `(flags)${GAP}(${list(`(?:(?:tcp|ip)${GAP})?${FLAG}`)})`,
      captures: { 1: { name: keyword }, 2: { patterns: inList } },
    },
    {
      begin: `(type)${GAP}(?=(?:${anyOf(namesOf(datatypes))})${END})`,
      beginCaptures: groups(keyword),
      end: '(?=[;{}#=]|$)',
      patterns: [{ name: datatype, match: `(?:${anyOf([...namesOf(datatypes), ...namesOf(mapData)])})${END}` }, { include: '#ruleset' }],
    },
  ],
};

/** Words of blocks and commands, where the patterns above do not know better. */
export const structureWords: readonly string[] = [
  ...namesOf(commands),
  ...commands.filter(({ name }) => name === 'add').flatMap(({ objects }) => objects),
  ...namesOf(chainWords),
  ...namesOf(tableWords),
  ...namesOf(setWords),
];

/** At the beginning of a statement, words that elsewhere are names or selectors. */
export const objectSetting: Rule = {
  match: `${START}(${anyOf(namesOf(objectSettings))})(?=${GAP}[^ \\t]+[ \\t]*(?:[;{}]|$))`,
  captures: groups(keyword),
};

/** Datatypes that no other word is spelt like: they may stand anywhere. */
export const datatypeWords: Rule = {
  name: datatype,
  match: anyOf(namesOf(datatypes).filter((name) => name.includes('_') || name === 'verdict')) + END,
};

export const familyWords: Rule = { name: family, match: FAMILY };
