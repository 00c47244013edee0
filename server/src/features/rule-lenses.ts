// What stands over the rules of a host of a mesh: how much each decides, or what leaves it nothing to decide.
import type { Analysis } from '../analysis/analysis.ts';
import { placeSpan } from '../analysis/parsed-file.ts';
import { type ReadChain, readChains, withTrait } from '../reach/chains.ts';
import type { AccessMatrix } from '../reach/matrix/matrix.ts';
import { type Outcome, type Reading, Trait } from '../reach/reading.ts';
import { shadowsOf } from '../reach/shadow.ts';
import type { Span } from '../text/span.ts';
import { counted } from '../text/words.ts';
import { flowsOfRule } from './access/rule-flows.ts';

export interface RuleLens {
  readonly span: Span;
  /** Among the statements of the file. */
  readonly statement: number;
}

/** A file with more has none: nobody reads so many, and an editor asks for all at each key. */
const MOST_RULES = 300;

const deciding = new Set<Outcome>(['accept', 'drop', 'reject', 'nat', 'queue']);

export function ruleLenses(analysis: Analysis, uri: string): readonly RuleLens[] {
  const file = analysis.files.get(uri);
  if (file?.facts.language !== 'nftables' || !analysis.mesh.hosts.has(uri)) return [];
  const chains = readChains(file.facts);
  if (chains.reduce((sum, { readings }) => sum + readings.length, 0) > MOST_RULES) return [];
  const lenses: RuleLens[] = [];
  for (const { chain, readings } of chains) {
    for (const [index, reading] of readings.entries()) {
      const statement = chain.rules[index] as number;
      const span = decides(reading) ? placeSpan(file, { statement, item: 0 }) : null;
      if (span) lenses.push({ span, statement });
    }
  }
  return lenses;
}

function decides({ arms }: Reading): boolean {
  return arms.some(({ outcome }) => deciding.has(outcome));
}

/** `decides 3 flows`, of an access matrix; null where the rule is gone. Yields while it counts. */
export function* ruleLensText(
  analysis: Analysis,
  matrix: AccessMatrix,
  uri: string,
  statement: number,
  lineOf: (statement: number) => number | null,
): Generator<void, string | null, void> {
  const file = analysis.files.get(uri);
  if (file?.facts.language !== 'nftables') return null;
  for (const read of readChains(file.facts)) {
    const index = read.chain.rules.indexOf(statement);
    const reading = read.readings[index];
    if (!reading) continue;
    const cover = coveredBy(read, index);
    const line = cover === null ? null : lineOf(cover);
    if (line !== null) return `never decides: covered by line ${line + 1}`;
    const { flows, more } = yield* flowsOfRule(matrix, { uri, statement }, reading);
    if (flows === 0) return more ? null : 'decides no flow between hosts of the mesh';
    return `decides ${counted(flows, 'flow')}${more ? ' or more' : ''}`;
  }
  return null;
}

/** The rule before it that leaves it nothing, as a statement. */
function coveredBy(read: ReadChain, index: number): number | null {
  const end = withTrait(read, Trait.closes)[0] ?? -1;
  const by = end >= 0 && index > end ? end : (shadowsOf(read)[index]?.by ?? null);
  return by === null ? null : (read.chain.rules[by] as number);
}
