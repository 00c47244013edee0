// One rule: its statements in order, with what they settle on, and nothing behind the one that decides (evaluate.c, rule_evaluate).
import type { RuleStatement } from '../tree.ts';
import { type Checker, say, textOf } from './checker.ts';
import { type Layers, layersOf } from './protocols.ts';
import { checkStatement } from './statements.ts';

/** Statements behind which nft takes no other (STMT_F_TERMINAL). */
const deciding = new Set(['reject', 'queue', 'fwd']);

function decides(statement: RuleStatement): string | null {
  switch (statement.kind) {
    case 'verdict':
      return statement.verdict === 'continue' || statement.block ? null : statement.verdict;
    case 'nat':
      // tproxy names a socket, and the rule goes on
      return statement.name === 'tproxy' ? null : statement.name;
    case 'action':
      return deciding.has(statement.name) ? statement.name : null;
    default:
      return null;
  }
}

export function checkRule(k: Checker, statements: readonly RuleStatement[], layers: Layers = layersOf(k.family)): void {
  let decided: string | null = null;
  for (const statement of statements) {
    if (k.problem !== null) return;
    if (decided !== null && statement.kind !== 'comment') {
      const what = textOf(k, statement).split(/\s/, 1)[0] ?? '';
      say(
        k,
        'after-verdict',
        statement,
        `“${decided}” ends the rule, so “${what}” behind it is never reached, and nft refuses it; move it before`,
      );
      return;
    }
    checkStatement(k, layers, statement, checkNameless);
    decided = decides(statement);
  }
}

/** The rules of a chain that is written in its place. */
function checkNameless(k: Checker, rules: readonly (readonly RuleStatement[])[]): void {
  for (const rule of rules) checkRule(k, rule, layersOf(k.family));
}
