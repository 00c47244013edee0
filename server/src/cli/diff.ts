// meshwarden diff: who gained and who lost which access since another state of the folder. The JSON is a promise to whoever reads it.
import path from 'node:path';
import { prefixText } from '../net/address.ts';
import type { AddressSet } from '../net/address-set.ts';
import { prefixesOf } from '../net/ranges.ts';
import { type View, views } from '../policy/views.ts';
import { type Difference, type Differences, differences } from '../reach/matrix/differences.ts';
import { accessMatrix } from '../reach/matrix/matrix.ts';
import { hasNoServices } from '../reach/matrix/service-set.ts';
import { serviceSetText } from '../reach/matrix/service-text.ts';
import { type Command, formats, isWrong, oneOf, parsedArgs, toldWrong } from './command.ts';
import { gitReader } from './git-reader.ts';
import { diskReader, standIn } from './reader.ts';
import { printedAs } from './services.ts';
import { aligned } from './table.ts';
import { readWorkspace } from './workspace.ts';

export const diffCommand: Command = {
  name: 'diff',
  usage: `  meshwarden diff BASE [FOLDER]
                             who gained and who lost which access, and as whom hosts may send now and could not; BASE is a folder, or
                             a git revision of FOLDER
      --view access|blast-radius   of honest hosts (default), or of each one once it is taken
      --format pretty|json   how to print (default pretty)
      ends with 0 when access is the same, with 1 when it is not
`,
  async run(args, around) {
    const text = { type: 'string' } as const;
    const parsed = parsedArgs({ args: [...args], allowPositionals: true, options: { format: text, view: text } });
    if (isWrong(parsed)) return toldWrong(around, parsed.wrong);
    const format = oneOf('format', formats, parsed.values.format);
    if (isWrong(format)) return toldWrong(around, format.wrong);
    const view = oneOf('view', views, parsed.values.view);
    if (isWrong(view)) return toldWrong(around, view.wrong);
    const [base, given = '.', ...more] = parsed.positionals;
    if (base === undefined || more.length > 0) return toldWrong(around, 'diff takes BASE [FOLDER]');
    const folder = path.resolve(around.folder, given);
    const other = path.resolve(around.folder, base);
    if ((await diskReader.kindOf(folder)) !== 'folder') return toldWrong(around, `there is no folder “${given}”`);
    const reader = (await diskReader.kindOf(other)) === 'folder' ? standIn(folder, other) : await gitReader(folder, base);
    if (typeof reader === 'string') return toldWrong(around, reader);
    const [before, after] = [await readWorkspace(given, around, reader), await readWorkspace(given, around)];
    if (!before || !after) return 2;
    const found = differences(accessMatrix(before.mesh.model, view), accessMatrix(after.mesh.model, view));
    around.out.write(format === 'json' ? json(found, base, view) : pretty(found, view));
    return found.cells.length + found.senders.length > 0 ? 1 : 0;
  },
};

function json({ cells, senders }: Differences, base: string, view: View): string {
  const shown = {
    base,
    view,
    cells: cells.map(({ from, to, gained, lost, mayGain, mayLose }) => ({
      from: from.name,
      to: to.name,
      ...printedAs('gained', gained),
      ...printedAs('lost', lost),
      ...printedAs('mayGain', mayGain),
      ...printedAs('mayLose', mayLose),
    })),
    senders: senders.map(({ member, gained, lost }) => ({
      host: member.name,
      gained: prefixesOf(gained).map(prefixText),
      lost: prefixesOf(lost).map(prefixText),
    })),
  };
  return `${JSON.stringify(shown, null, 2)}\n`;
}

/** What is gained first: that is what somebody must have meant. */
function pretty({ cells, senders }: Differences, view: View): string {
  const rows = (sign: string, part: 'gained' | 'lost' | 'mayGain' | 'mayLose', note: string): readonly (readonly string[])[] =>
    cells
      .filter((cell: Difference) => !hasNoServices(cell[part]))
      .map((cell) => [sign, cell.from.name, '→', cell.to.name, `${serviceSetText(cell[part], view)}${note}`]);
  const sending = (sign: string, part: 'gained' | 'lost'): readonly string[] =>
    senders.flatMap((one) => {
      const addresses = addressesText(one[part]);
      return addresses ? [`${sign} ${one.member.name} may ${part === 'gained' ? 'now' : 'no longer'} send as ${addresses}`] : [];
    });
  const table = aligned([
    ...rows('+', 'gained', ''),
    ...rows('+?', 'mayGain', ' (perhaps)'),
    ...rows('−', 'lost', ''),
    ...rows('−?', 'mayLose', ' (perhaps)'),
  ]);
  const lines = [...sending('+', 'gained'), ...sending('−', 'lost')];
  if (table === '' && lines.length === 0) return 'Access is the same.\n';
  return `${table}${lines.map((line) => `${line}\n`).join('')}`;
}

const MOST_PREFIXES = 8;

function addressesText(addresses: AddressSet): string {
  const prefixes = prefixesOf(addresses).map(prefixText);
  const more = prefixes.length > MOST_PREFIXES ? ` and ${prefixes.length - MOST_PREFIXES} more` : '';
  return `${prefixes.slice(0, MOST_PREFIXES).join(', ')}${more}`;
}
