// Grants from an access matrix as people draw it: a Markdown or CSV table. Either its rows are sources, its columns destinations and its
// cells services; or each row is one grant, with columns like source, destination and port.
import { protocols } from '../net/protocols.ts';
import { serviceOf } from '../policy/service.ts';
import { quoted } from '../text/words.ts';

/** A grant as it stands in the file. */
export interface TextGrant {
  readonly src: readonly string[];
  readonly dst: readonly string[];
  readonly ip: readonly string[];
}

export interface TableGrants {
  readonly grants: readonly TextGrant[];
  /** Lines count from 1. */
  readonly problems: readonly { readonly line: number; readonly says: string }[];
}

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

export function grantsFromTable(text: string): TableGrants {
  const [head, ...body] = rowsOf(text);
  if (!head) return { grants: [], problems: [] };
  const problems: { line: number; says: string }[] = [];
  const pairs = columnsOf(head) ? fromRows(head, body, problems) : fromCells(head, body, problems);
  return { grants: joinedGrants(pairs), problems };
}

/** As the value of "grants" in meshwarden.jsonc, a grant a line. */
export function grantsText(grants: readonly TextGrant[]): string {
  const list = (texts: readonly string[]): string => `[${texts.map((text) => JSON.stringify(text)).join(', ')}]`;
  const lines = grants.map(({ src, dst, ip }) => `    { "src": ${list(src)}, "dst": ${list(dst)}, "ip": ${list(ip)} }`);
  return `{\n  "grants": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

// Rows. Markdown has bars; in CSV the sign that parts most often does.

function rowsOf(text: string): readonly Row[] {
  const lines = text.split(/\r\n|\n|\r/).map((cells, i) => ({ line: i + 1, text: cells }));
  const barred = lines.filter((one) => /^\s*\|.*\|/.test(one.text));
  if (barred.length > 1) {
    return barred
      .map(({ line, text: row }) => ({
        line,
        cells: row
          .trim()
          .replace(/^\||\|$/g, '')
          .split(/(?<!\\)\|/)
          .map(plainCell),
      }))
      .filter(({ cells }) => !cells.every((cell) => /^:?-*:?$/.test(cell)) || cells.every((cell) => cell === ''))
      .filter(({ cells }) => cells.some((cell) => cell !== ''));
  }
  const sign = ['\t', ';', ','].find((one) => (lines.find((row) => row.text.trim() !== '')?.text ?? '').includes(one)) ?? ',';
  return csvRows(text, sign);
}

/** Without the signs of Markdown around its words. */
function plainCell(cell: string): string {
  return cell
    .replace(/\\\|/g, '|')
    .replace(/<br\s*\/?>/gi, ',')
    .replace(/[`*_]{1,2}(?=\S)([^`*_]+?)[`*_]{1,2}/g, '$1')
    .trim();
}

/** RFC 4180: a quotation mark in a quoted cell is written twice. */
function csvRows(text: string, sign: string): readonly Row[] {
  const rows: Row[] = [];
  let line = 1;
  let cells: string[] = [];
  let cell = '';
  let began = 1;
  const end = (): void => {
    cells.push(cell.trim());
    cell = '';
  };
  const endRow = (): void => {
    end();
    if (cells.some((one) => one !== '')) rows.push({ line: began, cells });
    cells = [];
    began = line;
  };
  for (let i = 0, quoting = false; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '\n') line++;
    if (quoting) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[++i];
      else quoting = false;
    } else if (c === '"' && cell.trim() === '') {
      quoting = true;
      cell = '';
    } else if (c === sign) end();
    else if (c === '\n') endRow();
    else if (c !== '\r') cell += c;
  }
  endRow();
  return rows;
}

// What a table says.

interface Pair {
  readonly src: string;
  readonly dst: string;
  readonly ip: readonly string[];
}

const heads = {
  src: /^(src|sources?|from|clients?|who)$/i,
  dst: /^(dst|dest|destinations?|to|targets?|servers?|whom)$/i,
  protocol: /^(proto|protocols?)$/i,
  service: /^(ip|ports?|services?|dports?|allowed|access|port\/proto(col)?|proto(col)?\/port)$/i,
};

interface Columns {
  readonly src: number;
  readonly dst: number;
  readonly service: number;
  /** -1 where the service says it. */
  readonly protocol: number;
}

/** Of a table of which each row is a grant; null for a matrix. */
function columnsOf({ cells }: Row): Columns | null {
  const at = (like: RegExp): number => cells.findIndex((cell) => like.test(cell));
  const columns = { src: at(heads.src), dst: at(heads.dst), service: at(heads.service), protocol: at(heads.protocol) };
  return columns.src >= 0 && columns.dst >= 0 && columns.service >= 0 ? columns : null;
}

type Problems = { line: number; says: string }[];

function fromRows(head: Row, body: readonly Row[], problems: Problems): readonly Pair[] {
  const columns = columnsOf(head);
  if (!columns) return [];
  return body.flatMap(({ line, cells }) => {
    const cell = (column: number): string => cells[column] ?? '';
    const protocol = cell(columns.protocol).toLowerCase() || null;
    const ip = servicesIn(cell(columns.service), protocol, line, problems);
    const [src, dst] = [namesIn(cell(columns.src)), namesIn(cell(columns.dst))];
    if (src.length === 0 || dst.length === 0) problems.push({ line, says: 'this row does not say from whom to whom' });
    return ip.length === 0 ? [] : src.flatMap((from) => dst.map((to) => ({ src: from, dst: to, ip })));
  });
}

function fromCells({ cells: head }: Row, body: readonly Row[], problems: Problems): readonly Pair[] {
  return body.flatMap(({ line, cells }) => {
    const [first = '', ...rest] = cells;
    const sources = namesIn(first);
    if (sources.length === 0) problems.push({ line, says: 'this row does not say who: its first cell names the source' });
    return rest.flatMap((cell, i) => {
      const ip = servicesIn(cell, null, line, problems);
      const targets = namesIn(head[i + 1] ?? '');
      if (ip.length > 0 && targets.length === 0) problems.push({ line, says: `${quoted(cell)} stands in a column without a name` });
      return ip.length === 0 ? [] : sources.flatMap((src) => targets.map((dst) => ({ src, dst, ip })));
    });
  });
}

function namesIn(cell: string): readonly string[] {
  const all = /^(any|anyone|everybody|everyone|all|\*)$/i;
  return cell
    .split(/[,;]/)
    .map((name) => (all.test(name.trim()) ? '*' : name.trim()))
    .filter(Boolean);
}

const NOTHING = /^([-–—.0✗✘×❌]|no|none|nothing|deny|denied|drop|n\/a|self)?$/i;
const ANYTHING = /^(any|all|everything|\*)$/i;

/** `tcp:443`, `443/tcp`, `tcp/443, udp/53`, `ping`; with a protocol of its own column ports alone. */
function servicesIn(cell: string, protocol: string | null, line: number, problems: Problems): readonly string[] {
  // a protocol without ports leaves their column empty
  if (cell.trim() === '' && protocol) {
    const alone = serviceOf(protocol);
    if (!('problem' in alone)) return [alone.text];
  }
  if (NOTHING.test(cell.trim())) return [];
  const services: string[] = [];
  // a comma parts services, but also the ports of one: tcp:80,443
  let last = protocol;
  for (const part of cell
    .split(/[,;+&]|\band\b|\s+(?=[a-z]+[:/]|\d)/i)
    .map((one) => one.trim().toLowerCase())
    .filter(Boolean)) {
    const text = ANYTHING.test(part)
      ? protocol && protocols.has(protocol)
        ? `${protocol}:*`
        : '*'
      : part === 'ping'
        ? 'icmp'
        : written(part);
    const service = serviceOf(text, last);
    if ('problem' in service) problems.push({ line, says: service.problem.replace(/\.$/, '') });
    else {
      services.push(service.text);
      last = service.text.includes(':') ? service.text.slice(0, service.text.indexOf(':')) : last;
    }
  }
  return services;
}

/** `443/tcp`, `tcp/443` and `tcp 443` as `tcp:443`. */
function written(part: string): string {
  const swapped = /^([\d-]+)\s*[/ ]\s*([a-z]+)$/.exec(part);
  if (swapped) return `${swapped[2]}:${swapped[1]}`;
  return part.replace(/^([a-z]+)\s*[/: ]\s*([\d*-]+)$/, '$1:$2');
}

// As few grants as say the same.

function joinedGrants(pairs: readonly Pair[]): readonly TextGrant[] {
  const byPair = new Map<string, { src: string; dst: string; ip: Set<string> }>();
  for (const { src, dst, ip } of pairs) {
    const key = JSON.stringify([src, dst]);
    const found = byPair.get(key) ?? { src, dst, ip: new Set<string>() };
    byPair.set(key, found);
    for (const one of ip) found.ip.add(one);
  }
  const single = [...byPair.values()].map(({ src, dst, ip }): TextGrant => ({ src: [src], dst: [dst], ip: [...ip] }));
  return joinedBy(joinedBy(single, 'dst'), 'src');
}

/** Joins grants that differ in one side alone. */
function joinedBy(grants: readonly TextGrant[], side: 'src' | 'dst'): readonly TextGrant[] {
  const byRest = new Map<string, TextGrant>();
  for (const grant of grants) {
    const key = JSON.stringify({ ...grant, [side]: null });
    const found = byRest.get(key);
    byRest.set(key, found ? { ...found, [side]: [...new Set([...found[side], ...grant[side]])] } : grant);
  }
  return [...byRest.values()];
}
