// The matrix by letting all packets of a member spread at once: a row at a time, when somebody asks for it.
import type { MeshModel } from '../../mesh/model.ts';
import type { OutcomeId } from '../filter/outcome.ts';
import { isAlikeAt, placeIn, type Row, type RowPart } from '../spread/rows.ts';
import { type Spreader, spreader } from '../spread/spreader.ts';
import type { Target } from '../spread/targets.ts';
import type { View } from '../way/why.ts';
import { type Cell, cellOf, emptyCell, type Reached } from './cell.ts';
import { flowsTo, type Sum, sumOf } from './flows.ts';
import type { AccessMatrix } from './matrix.ts';

const versions = [4, 6] as const;

/** Cells with their flows are kept up to so many; they are made again in no time. */
const MOST_CELLS = 16384;

/** `old` is the model before an edit. */
export function quickMatrix(model: MeshModel, view: View, old?: MeshModel): AccessMatrix {
  const spread = spreaderOf(model, old);
  const { members, targets } = spread.network;
  const ofMember = { 4: byMember(targets[4]), 6: byMember(targets[6]) };
  const cells = new Map<number, Cell>();
  const rowOf = (from: number, version: 4 | 6): Row => (view === 'access' ? spread.honest(from, version) : spread.taken(from, version));
  const isPair = (from: number, to: number): boolean => from !== to && members[from] !== undefined && members[to] !== undefined;
  const cell = (from: number, to: number): Cell => {
    if (!isPair(from, to)) return emptyCell;
    const key = from * members.length + to;
    let found = cells.get(key);
    if (!found) {
      const flows = versions.flatMap((version) =>
        (ofMember[version].get(to) ?? []).flatMap((target) => flowsTo(spread, view, from, target, rowOf(from, version))),
      );
      found = cellOf(flows);
      if (cells.size >= MOST_CELLS) cells.clear();
      if (flows.length > 0) cells.set(key, found);
    }
    return found;
  };
  const reach = (from: number, to: number): Reached => {
    if (!isPair(from, to)) return emptyCell;
    let only: Sum | null = null;
    for (let v = 0; v < versions.length; v++) {
      const version = versions[v] as 4 | 6;
      const own = ofMember[version].get(to);
      if (!own) continue;
      const row = rowOf(from, version);
      for (let i = 0; i < own.length; i++) {
        const target = own[i] as Target;
        // several flows are put together by the cell
        if (row.shares.has(target.index)) return cell(from, to);
        for (let k = 0; k < row.parts.length; k++) {
          const part = row.parts[k] as RowPart;
          const at = placeIn(part, target.index);
          if (at < 0) continue;
          if (only) return cell(from, to);
          const answer = view === 'access' ? spread.answers.of(target, from, part.sources.first, part.vias[at] as number) : null;
          only = { version, id: part.outcomes[at] as OutcomeId, answer };
        }
      }
    }
    return only ? sumOf(spread.outcomes, view, only) : emptyCell;
  };
  const reached = (from: number): readonly number[] => {
    const found: number[] = [];
    for (const version of versions) {
      const all = targets[version];
      if (all.length === 0 || !members[from]) continue;
      const { parts, shares } = rowOf(from, version);
      const add = (index: number): void => {
        const { member } = all[index] as Target;
        if (member !== from) found.push(member);
      };
      for (const { targets: some } of parts) some.forEach(add);
      for (const index of shares.keys()) add(index);
    }
    // a member may have several targets
    return eachOnce(found);
  };
  return {
    model,
    view,
    members,
    cell,
    reach,
    reached,
    pairsSince: (before) => pairsSince(spread, spreaders.get(before.model), view, before.view),
  };
}

/** Ascending; mostly they are already, since targets stand by their addresses. */
function eachOnce(members: number[]): readonly number[] {
  let isAscending = true;
  for (let i = 1; i < members.length; i++) isAscending &&= (members[i - 1] as number) < (members[i] as number);
  return isAscending ? members : members.sort((a, b) => a - b).filter((member, i) => member !== members[i - 1]);
}

const spreaders = new WeakMap<MeshModel, Spreader>();

/** Both views share what they can. */
function spreaderOf(model: MeshModel, old?: MeshModel): Spreader {
  const found = spreaders.get(model) ?? spreader(model, old && spreaders.get(old));
  spreaders.set(model, found);
  return found;
}

const byMemberKept = new WeakMap<readonly Target[], ReadonlyMap<number, readonly Target[]>>();

function byMember(targets: readonly Target[]): ReadonlyMap<number, readonly Target[]> {
  const known = byMemberKept.get(targets);
  if (known) return known;
  const found = new Map<number, Target[]>();
  for (const target of targets) {
    const list = found.get(target.member);
    if (list) list.push(target);
    else found.set(target.member, [target]);
  }
  byMemberKept.set(targets, found);
  return found;
}

/** Pairs of members between which anything may differ from before; null where the two have nothing in common. */
function pairsSince(
  now: Spreader,
  before: Spreader | undefined,
  view: View,
  viewBefore: View,
): readonly (readonly [number, number])[] | null {
  if (!before || view !== viewBefore || before.network.targets !== now.network.targets) return null;
  if (now === before) return [];
  const pairs = new Map<number, readonly [number, number]>();
  const { members, targets } = now.network;
  for (const version of versions) {
    const add = (from: number, index: number): void => {
      const { member } = targets[version][index] as Target;
      if (from !== member) pairs.set(from * members.length + member, [from, member]);
    };
    const all = targets[version];
    const kind = view === 'access' ? 'honest' : 'taken';
    for (const from of all.length === 0 ? [] : now.changed(kind, version, before)) {
      const [row, old] = [now[kind](from, version), before[kind](from, version)];
      if (row !== old) for (const index of targetsThatDiffer(row, old)) add(from, index);
    }
    if (view !== 'access') continue;
    // whom a target answers otherwise
    const answering = now.answers.differing(version, before.answers) ?? new Map(all.map(({ index }) => [index, null]));
    for (const [index, answers] of answering) {
      const froms = answers ? new Set(answers.map((one) => (all[one] as Target).member)) : members.keys();
      for (const from of froms) if (now.honest(from, version).parts.some((part) => placeIn(part, index) >= 0)) add(from, index);
    }
  }
  return [...pairs.values()];
}

function targetsThatDiffer(a: Row, b: Row): ReadonlySet<number> {
  const found = new Set<number>();
  const isAlike =
    a.parts.length === b.parts.length && a.parts.every(({ sources }, i) => sources.ranges.key === b.parts[i]?.sources.ranges.key);
  const both = [...a.parts, ...b.parts];
  for (const [i, part] of both.entries()) {
    const other = isAlike ? both[(i + a.parts.length) % both.length] : undefined;
    if (part === other) continue;
    for (const index of part.targets) if (!other || !isAlikeAt(part, other, index)) found.add(index);
  }
  for (const index of new Set([...a.shares.keys(), ...b.shares.keys()])) if (a.shares.get(index) !== b.shares.get(index)) found.add(index);
  return found;
}
