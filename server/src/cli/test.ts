// meshwarden test: runs the tests of workspace files. The JSON is a promise to whoever reads it.

import { plainPrefix } from '../generate/flows.ts';
import type { PolicyFile } from '../mesh/known-hosts.ts';
import type { Party } from '../policy/facts.ts';
import type { View } from '../policy/views.ts';
import { type AccessMatrix, accessMatrix } from '../reach/matrix/matrix.ts';
import { packetText } from '../rules/policy/explain.ts';
import { type Outcome, outcomesOf } from '../rules/policy/outcomes.ts';
import type { AccessContext } from '../rules/rule.ts';
import { counted } from '../text/words.ts';
import { type Command, formats, isWrong, oneOf, parsedArgs, type Surroundings, toldWrong } from './command.ts';
import { type PrintedPlace, shownPath } from './places.ts';
import { lineOf, readWorkspace, type Workspace } from './workspace.ts';

export const testCommand: Command = {
  name: 'test',
  usage: `  meshwarden test [FOLDER]   run the tests of the meshwarden.jsonc in the folder and above it
      --format pretty|json   how to print (default pretty)
      ends with 0 when all hold, with 1 when one does not, or when it is not known
`,
  async run(args, around) {
    const parsed = parsedArgs({ args: [...args], allowPositionals: true, options: { format: { type: 'string' } } });
    if (isWrong(parsed)) return toldWrong(around, parsed.wrong);
    const format = oneOf('format', formats, parsed.values.format);
    if (isWrong(format)) return toldWrong(around, format.wrong);
    const [path = '.', ...more] = parsed.positionals;
    if (more.length > 0) return toldWrong(around, 'test takes one folder');
    const workspace = await readWorkspace(path, around);
    if (!workspace) return 2;
    // a test that cannot be read would pass unseen
    if (toldMistakes(workspace, around)) return 2;
    const rows = rowsOf(workspace);
    if (rows.length === 0) return toldWrong(around, 'there is no meshwarden.jsonc with “tests” here');
    around.out.write(format === 'json' ? json(rows) : pretty(rows));
    return rows.every(({ outcome: { result } }) => result === 'pass') ? 0 : 1;
  },
};

/** Tells what cannot be taken of the workspace files. Whether there was anything. */
export function toldMistakes({ files, folder }: Workspace, { err }: Surroundings): boolean {
  let any = false;
  for (const { source, policy } of files.values()) {
    for (const { message, start } of policy?.problems ?? []) {
      any = true;
      const line = source.text.slice(0, start).split('\n').length;
      err.write(`meshwarden: ${shownPath(source.uri, folder)}:${line}: ${message}\n`);
    }
  }
  return any;
}

export function contextOf({ mesh, policies }: Workspace): AccessContext {
  const matrices = new Map<View, AccessMatrix>();
  return {
    model: mesh.model,
    policies,
    matrix(view) {
      const matrix = accessMatrix(mesh.model, view, matrices.get(view));
      matrices.set(view, matrix);
      return matrix;
    },
    holds: () => undefined,
  };
}

interface Row {
  readonly outcome: Outcome;
  readonly at: PrintedPlace | null;
  readonly decides: PrintedPlace | null;
  readonly hops: readonly { readonly at: PrintedPlace | null; readonly says: string }[];
}

function rowsOf(workspace: Workspace): readonly Row[] {
  const context = contextOf(workspace);
  return workspace.policies.flatMap((policy: PolicyFile) =>
    policy.facts.tests.flatMap((test) =>
      finished(outcomesOf(context, policy, test)).map((outcome): Row => {
        const { way, target } = outcome;
        return {
          outcome,
          at: lineOf(workspace, { uri: policy.uri, ...target.at }),
          decides: way?.decides ? lineOf(workspace, way.decides) : null,
          hops: (way?.hops ?? []).map(({ at, says }) => ({ at: at && lineOf(workspace, at), says })),
        };
      }),
    ),
  );
}

/** What a generator returns in the end. */
function finished<T>(steps: Generator<void, T, void>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

function partyText(party: Party): string {
  return party.kind === 'any' ? '*' : party.kind === 'name' ? party.name : plainPrefix(party.prefix);
}

function json(rows: readonly Row[]): string {
  const tests = rows.map(({ outcome: { test, target, expected, result, says, way }, at, decides, hops }) => ({
    ...at,
    src: test.src.map(partyText),
    expected,
    target: target.text,
    result,
    ...(says ? { says } : {}),
    ...(way ? { packet: packetText(way.sent) } : {}),
    ...(decides ? { decides } : {}),
    ...(hops.length > 0 ? { hops: hops.map((hop) => ({ ...hop.at, says: hop.says })) } : {}),
  }));
  return `${JSON.stringify({ passed: count(rows, 'pass'), tests }, null, 2)}\n`;
}

function count(rows: readonly Row[], result: Outcome['result']): number {
  return rows.filter(({ outcome }) => outcome.result === result).length;
}

const words: Readonly<Record<Outcome['result'], string>> = { pass: 'ok', fail: 'FAIL', unknown: 'NOT KNOWN', unclear: 'UNCLEAR' };

/** Each that does not hold: what was found, the line that decides, and the way to it. */
function pretty(rows: readonly Row[]): string {
  const lines: string[] = [];
  const where = (at: PrintedPlace | null): string => (at ? `${at.path}:${at.line}` : '');
  for (const { outcome, at, decides, hops } of rows) {
    if (outcome.result === 'pass') continue;
    const { test, target, expected, result, says } = outcome;
    lines.push(`${words[result]}  ${test.src.map(partyText).join(', ')} ${expected} ${target.text}  (${where(at)})`, `  ${says}`);
    if (decides) lines.push(`  decided by ${where(decides)}`);
    for (const hop of hops) lines.push(`    ${hop.says}${hop.at ? `  (${where(hop.at)})` : ''}`);
    lines.push('');
  }
  const parts = (['fail', 'unknown', 'unclear'] as const).flatMap((result) => {
    const number = count(rows, result);
    return number > 0 ? [`${number} ${result === 'fail' ? 'failed' : result === 'unknown' ? 'not known' : 'unclear'}`] : [];
  });
  lines.push(`${count(rows, 'pass')} of ${counted(rows.length, 'check')} passed${parts.length > 0 ? `: ${parts.join(', ')}` : ''}.`);
  return `${lines.join('\n')}\n`;
}
