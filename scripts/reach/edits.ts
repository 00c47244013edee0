// The matrix after an edit beside one that is computed afresh: every cell of both, edit after edit.
import { type ParsedFile, parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { type BuiltMesh, buildMesh } from '../../server/src/mesh/build.ts';
import type { Flow } from '../../server/src/reach/matrix/cell.ts';
import { type AccessMatrix, accessMatrix } from '../../server/src/reach/matrix/matrix.ts';
import { noServices, type ServiceSet, withoutServices, withServices } from '../../server/src/reach/matrix/service-set.ts';
import { serviceSetText } from '../../server/src/reach/matrix/service-text.ts';
import type { View } from '../../server/src/reach/way/why.ts';
import { equalData } from '../../server/src/text/equal.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import type { Random } from '../bench/random.ts';
import type { Files } from './workloads.ts';

export interface Workspace {
  readonly files: ReadonlyMap<string, ParsedFile>;
  readonly mesh: BuiltMesh;
}

export const uriOf = (path: string): string => `file:///mesh/${path}`;

function languageOf(uri: string): 'policy' | 'nftables' | 'wireguard' {
  return uri.endsWith('.jsonc') ? 'policy' : uri.endsWith('nftables.conf') ? 'nftables' : 'wireguard';
}

export function workspaceOf(files: Files): Workspace {
  const parsed = new Map(
    Object.entries(files).map(([path, text]) => [uriOf(path), parsedFile(sourceFile(uriOf(path), 1, languageOf(path), text))]),
  );
  return { files: parsed, mesh: meshOf(parsed) };
}

function meshOf(files: ReadonlyMap<string, ParsedFile>, old?: BuiltMesh): BuiltMesh {
  return buildMesh(
    [...files].map(([uri, { facts }]) => ({ uri, facts })),
    old,
  );
}

/** The workspace after one file's text has become another. */
export function withText({ files, mesh }: Workspace, uri: string, text: string): Workspace {
  const before = files.get(uri) as ParsedFile;
  const old = before.source.text;
  let start = 0;
  while (start < old.length && start < text.length && old[start] === text[start]) start++;
  let end = 0;
  while (end < old.length - start && end < text.length - start && old[old.length - 1 - end] === text[text.length - 1 - end]) end++;
  const source = sourceFile(uri, before.source.version + 1, languageOf(uri), text);
  const damage = { start, oldEnd: old.length - end, newEnd: text.length - end };
  const next = new Map(files).set(uri, parsedFile(source, before, damage));
  return { files: next, mesh: meshOf(next, mesh) };
}

/** As people type: a line goes, comes twice, moves; a number becomes another one. */
export function editedText(random: Random, text: string): string {
  const lines = text.split('\n');
  const some = lines
    .map((line, i) => ({ line, i }))
    .filter(({ line }) => /accept|drop|reject|saddr|AllowedIPs|Address|policy|PostUp|elements|Endpoint|ListenPort/.test(line));
  if (some.length === 0) return text;
  const { line, i } = random.pick(some);
  switch (random.int(8)) {
    case 0:
      return lines.toSpliced(i, 1).join('\n');
    case 1:
      return lines.toSpliced(i, 0, line).join('\n');
    case 2: {
      const other = random.pick(some).i;
      return lines
        .with(i, lines[other] as string)
        .with(other, line)
        .join('\n');
    }
    case 3:
      return lines
        .with(
          i,
          line.replace(/\baccept\b|\bdrop\b/, (word) => (word === 'accept' ? 'drop' : 'accept')),
        )
        .join('\n');
    default: {
      const numbers = [...line.matchAll(/\d+/g)];
      if (numbers.length === 0) return text;
      const { index, 0: digits } = random.pick(numbers);
      const next = String(random.pick([Number(digits) + 1, Math.max(0, Number(digits) - 1), 1 + random.int(9)]));
      return lines.with(i, line.slice(0, index) + next + line.slice(index + digits.length)).join('\n');
    }
  }
}

/** What differs between a matrix after an edit and one afresh; null where nothing does. */
export function differenceIn(after: AccessMatrix, afresh: AccessMatrix): string | null {
  if (after.members.length !== afresh.members.length) return 'other members';
  for (const [from, a] of after.members.entries()) {
    for (const [to, b] of after.members.entries()) {
      const [one, other] = [after.cell(from, to), afresh.cell(from, to)];
      for (const part of ['allowed', 'unknown', 'oneWay', 'answerUnknown'] as const) {
        const [x, y] = [serviceSetText(one[part], after.view), serviceSetText(other[part], after.view)];
        if (x !== y) return `${after.view}: ${a.name} → ${b.name}: ${part}: after the edit ${x}, afresh ${y}`;
      }
      const point = differingPoint(one.flows, other.flows);
      if (point)
        return `${after.view}: ${a.name} → ${b.name}: ${point}: after the edit ${flowsText(one.flows)}, afresh ${flowsText(other.flows)}`;
    }
  }
  return null;
}

/**
 * A source and a destination of which one says something else than the other; null where there is none. One may say of a few addresses
 * again what it says of all: flows are compared by what they say, not by how they are cut.
 */
function differingPoint(one: readonly Flow[], other: readonly Flow[]): string | null {
  if (equalData(one, other)) return null;
  for (const version of ['v4', 'v6'] as const) {
    // what both say changes nowhere else
    const edges = (part: 'sources' | 'destinations'): readonly (number | bigint)[] => [
      ...new Set(
        [...one, ...other].flatMap(({ [part]: set }) =>
          set[version].flatMap(({ from, to }) => [from, typeof to === 'bigint' ? to + 1n : to + 1]),
        ),
      ),
    ];
    for (const source of edges('sources')) {
      const [a, b] = [one, other].map((flows) => flows.filter(({ sources }) => holds(sources[version], source))) as [Flow[], Flow[]];
      if (a.length === 0 && b.length === 0) continue;
      for (const destination of edges('destinations')) {
        const at = (flows: readonly Flow[]): string =>
          saidAt(flows.filter(({ destinations }) => holds(destinations[version], destination)));
        if (at(a) !== at(b)) return `from ${source} to ${destination} ${at(a)} and ${at(b)}`;
      }
    }
  }
  return null;
}

function holds(intervals: Flow['sources']['v4'] | Flow['sources']['v6'], value: number | bigint): boolean {
  return intervals.some(({ from, to }) => from <= value && value <= to);
}

function saidAt(flows: readonly Flow[]): string {
  const of = (part: 'allowed' | 'unknown' | 'oneWay' | 'answerUnknown'): ServiceSet =>
    flows.reduce((sum, flow) => withServices(sum, flow[part]), noServices);
  const allowed = of('allowed');
  const sentTo = new Set(flows.map(({ sentTo }) => (sentTo ? flowsText([{ ...sentTo, sources: sentTo.destinations }]) : '')));
  const sets = [allowed, withoutServices(of('unknown'), allowed), of('oneWay'), of('answerUnknown')];
  return [...sets.map((set) => serviceSetText(set, 'blast-radius')), ...[...sentTo].sort()].join(' | ');
}

function flowsText(flows: readonly Pick<Flow, 'sources' | 'destinations'>[]): string {
  const set = ({ v4, v6 }: Flow['sources']): string => [...v4, ...v6].map(({ from, to }) => `${from}-${to}`).join(',');
  return flows.map(({ sources, destinations }) => `${set(sources)} → ${set(destinations)}`).join('; ');
}

/** Ends at the first difference, with the texts before and after the edit. */
export function compareEdits(random: Random, files: Files, edits: number): { readonly edits: number; readonly difference: string | null } {
  let workspace = workspaceOf(files);
  const views: readonly View[] = ['access', 'blast-radius'];
  let matrices = views.map((view) => accessMatrix(workspace.mesh.model, view));
  for (const matrix of matrices) for (const from of matrix.members.keys()) for (const to of matrix.members.keys()) matrix.cell(from, to);
  const uris = [...workspace.files.keys()];
  for (let i = 0; i < edits; i++) {
    const uri = random.pick(uris);
    const before = workspace.files.get(uri)?.source.text ?? '';
    const text = editedText(random, before);
    if (text === before) continue;
    workspace = withText(workspace, uri, text);
    const { model } = workspace.mesh;
    matrices = matrices.map((matrix) => accessMatrix(model, matrix.view, matrix));
    // of the same facts, with nothing that was computed of the mesh before
    const fresh = meshOf(workspace.files).model;
    for (const matrix of matrices) {
      const difference = differenceIn(matrix, accessMatrix(fresh, matrix.view));
      if (difference) return { edits: i, difference: `${difference}\n-- ${uri} before --\n${before}\n-- after --\n${text}` };
    }
  }
  return { edits, difference: null };
}
