// What a block holds is looked at once; after an edit, what is new in it, and what had something to tell.
import { headWidth } from '../../text/statement.ts';
import type { NftablesStatement } from '../tree.ts';
import type { Around, Sight } from './result.ts';

/** A statement of a block that has problems, jumps or definitions; `offset` is from where the block’s first statement begins. */
export interface Telling {
  readonly statement: NftablesStatement;
  readonly offset: number;
}

export interface Block {
  readonly statement: NftablesStatement;
  readonly around: Around;
  readonly sight: Sight;
  /** In order. */
  readonly telling: readonly Telling[];
}

export function sightOf({ version, declarations, scope, step }: Sight): Sight {
  return { version, declarations, scope, step };
}

/** Whether all that the statements of a block can ask for is as it was. */
export function seesTheSame(sight: Sight, block: Block, around: Around): boolean {
  const { version, declarations, scope, step } = block.sight;
  const { family, table, chain, set } = block.around;
  return (
    version === sight.version &&
    declarations === sight.declarations &&
    scope === sight.scope &&
    step === sight.step &&
    family === around.family &&
    table === around.table &&
    chain === around.chain &&
    set === around.set &&
    // what is defined in a block counts for what is behind it
    block.telling.every(({ statement }) => statement.syntax.kind !== 'definition')
  );
}

/** Calls `look` for the statements of a block in order. Those of the block `before` an edit that are still there, and had nothing to tell, are left out. */
export function eachToLookAt(
  block: NftablesStatement,
  before: Block | null,
  look: (statement: NftablesStatement, offset: number) => void,
): void {
  const { body } = block;
  const old = before?.statement.body ?? [];
  const least = Math.min(old.length, body.length);
  let first = 0;
  let offset = 0;
  while (first < least && body[first] === old[first]) offset += (body[first++] as NftablesStatement).width;
  let kept = 0;
  while (kept < least - first && body[body.length - 1 - kept] === old[old.length - 1 - kept]) kept++;
  // what is defined in between counts for what is behind it
  for (let i = first; i < body.length - kept && first + kept > 0; i++) {
    if (body[i]?.syntax.kind === 'definition') return eachToLookAt(block, null, look);
  }
  const telling = before?.telling ?? [];
  const shift = before ? bodyWidth(block) - bodyWidth(before.statement) : 0;
  for (const one of telling) if (one.offset < offset) look(one.statement, one.offset);
  for (let i = first; i < body.length - kept; i++) {
    const statement = body[i] as NftablesStatement;
    switch (statement.syntax.kind) {
      case 'blank':
      case 'close':
      case 'include':
      case 'unknown':
        break;
      default:
        look(statement, offset);
    }
    offset += statement.width;
  }
  for (const one of telling) if (one.offset + shift >= offset) look(one.statement, one.offset + shift);
}

function bodyWidth(block: NftablesStatement): number {
  return block.width - headWidth(block);
}
