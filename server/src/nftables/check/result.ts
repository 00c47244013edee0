// What a check found in a statement, and whether it still holds.
import type { SyntaxProblem } from '../../text/statement.ts';
import type { Shape } from '../shape.ts';
import type { NftVersion } from '../vocabulary/versions.ts';
import type { Uses } from './checker.ts';
import {
  type ChainDeclaration,
  type Declaration,
  type Declarations,
  type Definition,
  declarationAt,
  type SetDeclaration,
} from './declarations.ts';
import { definitionIn, type Scope } from './scope.ts';

/** A problem with its place. */
export interface Placed {
  readonly problem: SyntaxProblem;
  /** Where its statement begins. */
  readonly offset: number;
}

/** What a statement stands in. */
export interface Around {
  readonly family: string;
  readonly table: string | null;
  readonly chain: ChainDeclaration | null;
  readonly set: SetDeclaration | null;
}

/** What a statement can ask for. */
export interface Sight {
  readonly version: NftVersion;
  readonly declarations: Declarations;
  /** The variables seen here. */
  readonly scope: Scope;
  /** At which step it is carried out. */
  readonly step: number;
}

export interface Result {
  readonly kind: 'result';
  readonly around: Around;
  readonly version: NftVersion;
  /** While these are the same objects, all it asked for is the same. */
  declarations: Declarations;
  scope: Scope;
  step: number;
  /** What it asked for, where it is no block; null for nothing. */
  readonly uses: Uses | null;
  readonly volatile: boolean;
  /** Relative to the statement. */
  readonly problems: readonly Placed[];
  readonly jumps: readonly string[];
  /** The shape of its statement, where that has one. */
  readonly shape: Shape | null;
}

export function lookup({ declarations, scope, step }: Sight, key: string): Declaration | Definition | undefined {
  return key.startsWith('$') ? definitionIn(scope, key) : declarationAt(declarations, key, step);
}

export function isSameAround({ version }: Sight, result: Result, around: Around): boolean {
  if (result.volatile || result.version !== version) return false;
  const own = result.around;
  if (own === around) return true;
  return own.chain === around.chain && own.set === around.set && own.family === around.family && own.table === around.table;
}

/** Whether what was found still holds. */
export function holds(sight: Sight, result: Result, around: Around): boolean {
  if (!isSameAround(sight, result, around)) return false;
  const { declarations, scope, step } = sight;
  if (result.declarations === declarations && result.scope === scope && result.step === step) return true;
  if (result.declarations.open !== declarations.open || result.declarations.whole !== declarations.whole) return false;
  if (result.uses) for (const [key, value] of result.uses) if (lookup(sight, key) !== value) return false;
  result.declarations = declarations;
  result.scope = scope;
  result.step = step;
  return true;
}
