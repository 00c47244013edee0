// `bench reach`: who reaches whom in a mesh of 1,000 hosts with 10,000 rules: all of it at first, and what an edit changes.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { differences } from '../../server/src/reach/matrix/differences.ts';
import { type AccessMatrix, accessMatrix, computing } from '../../server/src/reach/matrix/matrix.ts';
import type { View } from '../../server/src/reach/way/why.ts';
import { uriOf, type Workspace, withText, workspaceOf } from '../reach/edits.ts';
import type { Files } from '../reach/workloads.ts';
import { median, percentile } from './figures.ts';
import { ipv4 } from './mesh-names.ts';
import { type Random, seeded } from './random.ts';
import { adversarial, HUB_RULES, hostToHost, mesh, pairRule, roles, spokeRulesPath } from './reach-meshes.ts';
import { figure, table } from './table.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const EDITS = 60;
/** The first few run in cold code. */
const COLD = 10;

interface Bounds {
  /** Milliseconds. */
  readonly first: number;
  readonly p50: number;
  readonly p95: number;
  /** Of a rule of the hub that names no source. */
  readonly wide: number;
  /** Megabytes of live heap. */
  readonly heap: number;
}

interface Shape {
  readonly name: string;
  readonly spokes: number;
  readonly make: (random: Random) => Files;
  readonly bounds: Partial<Bounds>;
  /** Where all of it would take long and nobody asks for it: rows are asked for, one at a time. */
  readonly rows?: number;
}

const shapes: readonly Shape[] = [
  {
    name: 'mesh, 1,000 hosts, 10,000 rules',
    spokes: 1000,
    make: (random) => mesh(random, 1000),
    bounds: { first: 1000, p50: 10, p95: 50, wide: 200, heap: 150 },
  },
  { name: 'mesh, 100 hosts, 1,000 rules', spokes: 100, make: (random) => mesh(random, 100), bounds: { first: 80, p50: 3, p95: 3 } },
  { name: 'host to host, 1,000 hosts, 10,000 rules', spokes: 1000, make: (random) => hostToHost(random, 1000, 10_000), bounds: {} },
  { name: 'roles, 1,000 hosts, 100 rules', spokes: 1000, make: (random) => roles(random, 1000, 100), bounds: {} },
  {
    name: 'any prefixes, 500 ports, 10,000 rules',
    spokes: 1000,
    make: (random) => adversarial(random, 1000, 10_000),
    bounds: { heap: 512 },
    rows: 40,
  },
];

type Edit = 'spoke' | 'hub' | 'wide';

interface Times {
  readonly wall: readonly number[];
  readonly cpu: readonly number[];
}

interface Figures {
  readonly first: number;
  readonly firstCpu: number;
  readonly edits: Readonly<Record<Edit, Times>>;
  readonly row: number;
  readonly heap: number;
}

export async function run(args: readonly string[]): Promise<number> {
  const [view = 'access', only, ...rest] = args;
  if ((view !== 'access' && view !== 'blast-radius') || rest.length > 0) {
    console.error('usage: npm run bench -- reach [access | blast-radius [WORD OF A SHAPE]]');
    return 2;
  }
  const missed: string[] = [];
  const lines: string[][] = [];
  for (const shape of shapes.filter(({ name }) => name.includes(only ?? ''))) {
    const figures = measured(shape, view);
    missed.push(...missedIn(shape, figures));
    lines.push([shape.name, view, ...cellsOf(figures).map(figure)]);
  }
  console.log(table(heads, lines));
  console.log(
    'ms, and MB of live heap after a collection. CPU is processor time: what is left of the clock’s where others use the machine.',
  );
  console.log(
    'An edit: the matrix after it, and who gains and loses what by it. A row: whom one host reaches, where not all are asked for.',
  );
  console.log(missed.length === 0 ? 'PASS' : `FAIL  ${missed.join('; ')}`);
  return missed.length === 0 ? 0 : 1;
}

const heads = [
  'mesh',
  'view',
  'first',
  'CPU',
  'spoke p50',
  'p95',
  'CPU',
  'hub p50',
  'p95',
  'CPU',
  'any source',
  'CPU',
  'row p95',
  'heap MB',
];

function cellsOf({ first, firstCpu, edits: { spoke, hub, wide }, row, heap }: Figures): readonly number[] {
  const of = ({ wall, cpu }: Times): readonly number[] => [median(wall), percentile(wall, 95), median(cpu)];
  return [first, firstCpu, ...of(spoke), ...of(hub), percentile(wide.wall, 95), median(wide.cpu), row, heap];
}

function missedIn({ name, bounds }: Shape, { first, edits, heap }: Figures): readonly string[] {
  const found: readonly (readonly [string, number, number | undefined])[] = [
    ['first', first, bounds.first],
    ['spoke p50', median(edits.spoke.wall), bounds.p50],
    ['spoke p95', percentile(edits.spoke.wall, 95), bounds.p95],
    ['hub p50', median(edits.hub.wall), bounds.p50],
    ['hub p95', percentile(edits.hub.wall, 95), bounds.p95],
    ['any source', percentile(edits.wide.wall, 95), bounds.wide],
    ['heap', heap, bounds.heap],
  ];
  return found
    .filter(([, value, most]) => most !== undefined && value > most)
    .map(([what, value, most]) => `${name}: ${what} ${figure(value)} > ${most}`);
}

function measured({ spokes, make, rows }: Shape, view: View): Figures {
  const random = seeded(7);
  let workspace = workspaceOf(make(random));
  collect();
  const base = process.memoryUsage().heapUsed;
  const times: number[] = [];
  const first = timed(() => {
    const made = accessMatrix(workspace.mesh.model, view);
    if (rows === undefined) drive(made);
    else for (let i = 0; i < rows; i++) times.push(timed(() => reaching(made, random.int(made.members.length))).wall);
    return made;
  });
  let matrix = first.value;
  const edits: Record<Edit, { wall: number[]; cpu: number[] }> = {
    spoke: { wall: [], cpu: [] },
    hub: { wall: [], cpu: [] },
    wide: { wall: [], cpu: [] },
  };
  for (const kind of ['spoke', 'hub', 'wide'] as const) {
    for (let i = 0; i < (rows === undefined ? EDITS : 0); i++) {
      const next = edited(random, workspace, kind, spokes, i);
      if (!next) break;
      const took = timed(() => {
        const after = accessMatrix(next.mesh.model, view, matrix);
        differences(matrix, after);
        matrix = after;
      });
      workspace = next;
      if (i < COLD) continue;
      edits[kind].wall.push(took.wall);
      edits[kind].cpu.push(took.cpu);
    }
  }
  collect();
  const heap = (process.memoryUsage().heapUsed - base) / 1024 / 1024;
  // what it is measured of must live until here
  if (matrix.members.length === 0) throw new Error('nobody in the mesh');
  return { first: first.wall, firstCpu: first.cpu, edits, row: percentile(times, 95), heap };
}

function drive(matrix: AccessMatrix): void {
  for (const _ of computing(matrix));
}

function reaching(matrix: AccessMatrix, from: number): number {
  const reached = matrix.reached(from);
  for (const to of reached) matrix.reach(from, to);
  return reached.length;
}

function timed<T>(what: () => T): { readonly value: T; readonly wall: number; readonly cpu: number } {
  const before = process.cpuUsage();
  const started = performance.now();
  const value = what();
  const wall = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  return { value, wall, cpu: (user + system) / 1000 };
}

/** A rule becomes another one, or one for any source comes and goes; null where there is no such file. */
function edited(random: Random, workspace: Workspace, kind: Edit, spokes: number, round: number): Workspace | null {
  const uri = uriOf(kind === 'spoke' ? spokeRulesPath(1 + random.int(spokes)) : HUB_RULES);
  const text = workspace.files.get(uri)?.source.text;
  if (text === undefined) return null;
  const lines = text.split('\n');
  const rules = [...lines.keys()].filter((line) => /saddr .* dport .* accept$/.test(lines[line] as string));
  const at = random.pick(rules);
  const line = lines[at] as string;
  if (kind === 'wide') {
    const rule = `    iifname "wg0" ip daddr ${ipv4(1 + random.int(spokes))} tcp dport ${1 + random.int(65535)} accept`;
    const first = rules[0] as number;
    // what has come goes
    return withText(workspace, uri, (round % 2 === 0 ? lines.toSpliced(first, 0, rule) : lines.toSpliced(first - 1, 1)).join('\n'));
  }
  const other =
    kind === 'hub' && round % 2 === 0 ? `    ${pairRule(random, spokes)}` : line.replace(/dport \d+/, `dport ${1 + random.int(65535)}`);
  return withText(workspace, uri, lines.with(at, other).join('\n'));
}
