// What a statement says that older versions of nft do not know.
import type { Span } from '../../text/span.ts';
import { quoted } from '../../text/words.ts';
import { type Expression, type NftablesStatement, Place, type RuleStatement, type Verdict } from '../tree.ts';
import { bareMeta } from '../vocabulary/selectors.ts';
import {
  isOlder,
  type NftVersion,
  newestVersion,
  sinceOfCommand,
  sinceOfObject,
  sinceOfRemovedDevices,
  sinceOfSelector,
  sinceOfSetting,
  sinceOfStatement,
  sinceOfTableFlag,
  sinceOfTimeoutUnits,
  sinceOfTypeofObject,
} from '../vocabulary/versions.ts';
import { type Checker, say, textBetween, textOf } from './checker.ts';

/** Tells the first thing of a statement that the version it is written for does not know. */
export function checkVersion(k: Checker, { syntax, place }: NftablesStatement): void {
  if (k.version === newestVersion) return;
  switch (syntax.kind) {
    case 'rule':
      for (const statement of syntax.statements) newerStatement(k, statement);
      return;
    case 'elements':
      if (syntax.command !== 'add') newer(k, firstWord(k), syntax.command, sinceOfCommand[syntax.command]);
      newerExpression(k, syntax.elements);
      return;
    case 'object':
      newer(k, firstWord(k), syntax.command, sinceOfCommand[syntax.command]);
      newer(k, firstWord(k), syntax.object, sinceOfObject[syntax.object]);
      return;
    case 'command': {
      const words = `${syntax.command} ${syntax.object}`;
      newer(k, firstWord(k), syntax.command, sinceOfCommand[syntax.command]);
      newer(k, firstWord(k), words, sinceOfCommand[words]);
      if (words === 'delete chain' && textBetween(k, 0, k.text.length).includes('{'))
        newer(k, firstWord(k), 'delete chain … { … }', sinceOfRemovedDevices);
      return;
    }
    case 'set-type': {
      for (const part of [...syntax.keys, ...(syntax.data ?? [])]) newerExpression(k, part);
      const { dataWord } = syntax;
      const word = dataWord && textOf(k, dataWord);
      if (dataWord && word !== 'verdict' && textOf(k, firstWord(k)) === 'typeof')
        newer(k, dataWord, `typeof … : ${word}`, sinceOfTypeofObject);
      return;
    }
    case 'option':
      if (place === Place.Chain || place === Place.Map) {
        const words = `${place === Place.Chain ? 'chain' : 'map'} ${syntax.name}`;
        newer(k, firstWord(k), words, sinceOfSetting[words]);
      }
      if (syntax.name === 'policy' && place === Place.Timeout) {
        const text = textBetween(k, 0, k.text.length);
        const unit = /:\s*(\d+[a-z]\w*)/.exec(text)?.[1];
        if (unit) newer(k, firstWord(k), unit, sinceOfTimeoutUnits);
      }
      if (syntax.name === 'flags' && place === Place.Table)
        for (const value of syntax.values) newer(k, value, textOf(k, value), sinceOfTableFlag[textOf(k, value)]);
  }
}

function firstWord(k: Checker): Span {
  const text = textBetween(k, 0, k.text.length);
  const start = text.search(/\S/);
  const end = text.slice(start).search(/\s/);
  return { start, end: end < 0 ? text.length : start + end };
}

function newer(k: Checker, span: Span, what: string, since: NftVersion | undefined): void {
  if (since === undefined || !isOlder(k.version, since)) return;
  say(
    k,
    'newer-version',
    span,
    `nft knows ${quoted(what)} since ${since}, and this is written for ${k.version} (meshwarden.nftables.version)`,
  );
}

function newerStatement(k: Checker, statement: RuleStatement): void {
  switch (statement.kind) {
    case 'match':
      newerExpression(k, statement.left);
      newerExpression(k, statement.right);
      return;
    case 'vmap':
      newerExpression(k, statement.left);
      newerExpression(k, statement.right);
      return;
    case 'assignment':
      newerExpression(k, statement.left);
      newerExpression(k, statement.value);
      return;
    case 'nat':
      if (statement.address) newerExpression(k, statement.address);
      if (statement.port) newerExpression(k, statement.port);
      return;
    case 'action':
      newer(k, statement, statement.name, sinceOfStatement[statement.name]);
      for (const value of statement.values) newerExpression(k, value);
      return;
    case 'verdict':
      for (const rule of statement.block ?? []) for (const inner of rule) newerStatement(k, inner);
  }
}

function newerExpression(k: Checker, expression: Expression | Verdict): void {
  switch (expression.kind) {
    case 'selector': {
      const [first = ''] = textOf(k, expression).split(/\s/, 1);
      const selector = bareMeta.has(first) ? 'meta' : first;
      newer(k, expression, selector, sinceOfSelector[selector]);
      const words = `${selector} ${expression.field?.name ?? ''}`;
      newer(k, expression, words, sinceOfSelector[words]);
      for (const argument of expression.arguments) newerExpression(k, argument);
      return;
    }
    case 'concatenation':
      for (const part of expression.parts) newerExpression(k, part);
      return;
    case 'binary':
      newerExpression(k, expression.left);
      newerExpression(k, expression.right);
      return;
    case 'map':
      newerExpression(k, expression.key);
      newerExpression(k, expression.map);
      return;
    case 'set':
      for (const { key, data } of expression.elements) {
        newerExpression(k, key);
        if (data) newerExpression(k, data);
      }
  }
}
