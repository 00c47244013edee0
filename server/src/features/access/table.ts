// The matrix as a table to paste elsewhere: Markdown or CSV. Rows are from whom, columns to whom; a service stands as in grants (`tcp:443`),
// behind a question mark where it is not known, and `(one-way)` behind one that no answer comes back for.
import type { AccessMatrix } from '../../reach/matrix/matrix.ts';
import { common, type ServiceNumbers, type ServiceSet, withoutServices } from '../../reach/matrix/service-set.ts';
import { numbersText } from '../../reach/matrix/service-text.ts';
import { shownNames } from './who.ts';

export const tableFormats = ['markdown', 'csv'] as const;
export type TableFormat = (typeof tableFormats)[number];

/** Yields between rows; hosts that neither reach nor are reached stand in it as well. */
export function* matrixTable(matrix: AccessMatrix, format: TableFormat): Generator<void, string, void> {
  const names = shownNames(matrix.members);
  const rows: string[][] = [['from \\ to', ...names]];
  for (const from of matrix.members.keys()) {
    const cells = [...matrix.members.keys()].map((to) => (from === to ? '' : cellText(matrix, from, to)));
    rows.push([names[from] ?? '', ...cells]);
    yield;
  }
  return format === 'markdown' ? markdown(rows) : csv(rows);
}

function cellText(matrix: AccessMatrix, from: number, to: number): string {
  const { allowed, unknown, oneWay } = matrix.cell(from, to);
  const sure = granted(withoutServices(allowed, oneWay), matrix);
  const single = granted(oneWay, matrix).map((text) => `${text} (one-way)`);
  const perhaps = granted(unknown, matrix).map((text) => `?${text}`);
  return [...sure, ...single, ...perhaps].join(', ');
}

/** As grants write them, one by one; those of one version of IP alone are told as such. */
function granted({ v4, v6 }: ServiceSet, { view }: AccessMatrix): readonly string[] {
  if (v4.length === 0 && v6.length === 0) return [];
  const four = textsOf(v4, view, 4);
  const six = textsOf(v6, view, 6);
  if (v6.length === 0 || same(four, six)) return four;
  if (v4.length === 0) return six;
  const both = common(v4, v6);
  const rest = (numbers: ServiceNumbers, version: 4 | 6): readonly string[] =>
    textsOf(numbers, view, version).filter((text) => !textsOf(both, view, version).includes(text));
  return [...textsOf(both, view, 4), ...rest(v4, 4).map((text) => `${text} (IPv4)`), ...rest(v6, 6).map((text) => `${text} (IPv6)`)];
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}

function textsOf(numbers: ServiceNumbers, view: AccessMatrix['view'], version: 4 | 6): readonly string[] {
  const text = numbersText(numbers, view, version);
  if (text === 'nothing') return [];
  if (text === 'any service') return ['*'];
  if (text.startsWith('all but ')) return [text];
  return text.split(', ').flatMap((part) => {
    const [protocol = '', ports] = part.split('/');
    return ports === undefined ? [portless(part)] : ports.split(',').map((port) => `${protocol}:${port}`);
  });
}

/** A protocol with ports and none named means all of them. */
function portless(part: string): string {
  return /^(?:tcp|udp|dccp|sctp|udplite)$/.test(part) ? `${part}:*` : part;
}

function markdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replace(/[|\\]/g, '\\$&').replace(/\s/g, ' ')).join(' | ')} |`;
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}

/** RFC 4180; what a spreadsheet would take as a formula is quoted as text. */
function csv(rows: readonly (readonly string[])[]): string {
  const field = (cell: string): string => {
    const plain = /^[=+@-]/.test(cell) ? `'${cell}` : cell;
    return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
  };
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}
