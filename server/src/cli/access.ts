// meshwarden access: who reaches whom with what. The JSON is a promise to whoever reads it.
import { prefixText } from '../net/address.ts';
import { prefixesOf } from '../net/ranges.ts';
import { views } from '../policy/views.ts';
import type { Reached } from '../reach/matrix/cell.ts';
import { type AccessMatrix, accessMatrix } from '../reach/matrix/matrix.ts';
import { hasNoServices, type ServiceSet } from '../reach/matrix/service-set.ts';
import { serviceSetText } from '../reach/matrix/service-text.ts';
import { type Command, formats, isWrong, oneOf, parsedArgs, toldWrong } from './command.ts';
import { printedAs } from './services.ts';
import { aligned } from './table.ts';
import { readWorkspace } from './workspace.ts';

export const accessCommand: Command = {
  name: 'access',
  usage: `  meshwarden access [FOLDER] who reaches whom, with which services
      --view access|blast-radius   what honest hosts can do (default), or each one once it is taken
      --from HOST, --to HOST only this row, only this column
      --format pretty|json   how to print (default pretty)
      ends with 0
`,
  async run(args, around) {
    const text = { type: 'string' } as const;
    const parsed = parsedArgs({ args: [...args], allowPositionals: true, options: { format: text, view: text, from: text, to: text } });
    if (isWrong(parsed)) return toldWrong(around, parsed.wrong);
    const { values, positionals } = parsed;
    const format = oneOf('format', formats, values.format);
    if (isWrong(format)) return toldWrong(around, format.wrong);
    const view = oneOf('view', views, values.view);
    if (isWrong(view)) return toldWrong(around, view.wrong);
    const [path = '.', ...more] = positionals;
    if (more.length > 0) return toldWrong(around, 'access takes one folder');
    const workspace = await readWorkspace(path, around);
    if (!workspace) return 2;
    const matrix = accessMatrix(workspace.mesh.model, view);
    for (const name of [values.from, values.to]) {
      if (name === undefined || matrix.members.some((member) => member.name === name)) continue;
      const names = matrix.members.map((member) => member.name).join(', ');
      return toldWrong(around, `there is no host “${name}”; there are ${names || 'none'}`);
    }
    const rows = rowsOf(matrix, values.from, values.to);
    around.out.write(format === 'json' ? json(matrix, rows) : pretty(matrix, rows));
    return 0;
  },
};

interface Row {
  readonly from: string;
  readonly to: string;
  readonly reached: Reached;
}

/** What is not surely nothing. */
function rowsOf(matrix: AccessMatrix, from: string | undefined, to: string | undefined): readonly Row[] {
  const { members } = matrix;
  return members.flatMap((source, row) =>
    from !== undefined && source.name !== from
      ? []
      : matrix.reached(row).flatMap((column): readonly Row[] => {
          const target = members[column];
          if (!target || (to !== undefined && target.name !== to)) return [];
          const reached = matrix.reach(row, column);
          return hasNoServices(reached.allowed) && hasNoServices(reached.unknown) ? [] : [{ from: source.name, to: target.name, reached }];
        }),
  );
}

function json({ members, view }: AccessMatrix, rows: readonly Row[]): string {
  const hosts = members.map(({ name, kind, addresses }) => ({ name, kind, addresses: prefixesOf(addresses).map(prefixText) }));
  const cells = rows.map(({ from, to, reached: { allowed, unknown, oneWay, answerUnknown } }) => ({
    from,
    to,
    ...printedAs('allowed', allowed),
    ...printedAs('unknown', unknown),
    ...printedAs('oneWay', oneWay),
    ...printedAs('answerUnknown', answerUnknown),
  }));
  return `${JSON.stringify({ view, hosts, cells }, null, 2)}\n`;
}

function pretty({ view }: AccessMatrix, rows: readonly Row[]): string {
  if (rows.length === 0) return 'Nobody reaches anybody.\n';
  const said = (services: ServiceSet): string => serviceSetText(services, view);
  const lines = rows.map(({ from, to, reached: { allowed, unknown, oneWay, answerUnknown } }) => {
    const notes = [
      ...(hasNoServices(unknown) ? [] : [`not known: ${said(unknown)}`]),
      ...(hasNoServices(oneWay) ? [] : [`no answer comes back: ${said(oneWay)}`]),
      ...(hasNoServices(answerUnknown) || view === 'blast-radius' ? [] : [`an answer is not known: ${said(answerUnknown)}`]),
    ];
    return [from, '→', to, hasNoServices(allowed) ? '' : said(allowed), notes.join('; ')];
  });
  return aligned(lines);
}
