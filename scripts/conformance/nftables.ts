// Our verdicts on rulesets beside those of nft 1.0.6 and 1.1.3.
import path from 'node:path';
import type { ShownFinding } from '../../server/src/rules/rule.ts';
import { refusals } from './file.ts';
import { type Measure, measure, readRows } from './measure.ts';
import { averageKept } from './recovery.ts';

interface Outcome {
  /** Of `nft -c`. */
  readonly class: 'ok' | 'syntax' | 'eval' | 'kernel' | 'env' | 'include' | 'crash';
  /** The status of a real load, where one was tried. */
  readonly load?: string;
  readonly message: string;
}

export interface RulesetRow {
  readonly id: string;
  readonly text: string;
  readonly nft_1_0_6: Outcome;
  readonly nft_1_1_3: Outcome;
}

/** Whether nft takes the ruleset: the newer by its check, the older where a real load worked too. */
export function isTaken({ nft_1_0_6: older, nft_1_1_3: newer }: RulesetRow): boolean {
  return newer.class === 'ok' || (older.class === 'ok' && older.load === '0');
}

function bothRefuse({ nft_1_0_6: older, nft_1_1_3: newer }: RulesetRow, by: Outcome['class']): boolean {
  return older.class === by && newer.class === by;
}

const taken = new Map([
  [
    'sh-master-bogons/bogons__nft-f__tchandle_type_parse_heap_overflow',
    '1.0.6 loads a classid of ::a, and reads past its end; 1.1.3 refuses it',
  ],
]);

/** nft stops where a file that is included is not there, and so reads no further than we do. */
function includesMissing(rows: readonly RulesetRow[]): ReadonlyMap<string, string> {
  const found = rows.filter((row) => /File not found/.test(row.nft_1_1_3.message) && /File not found/.test(row.nft_1_0_6.message));
  return new Map(found.map(({ id }) => [id, 'it includes a file that is not there']));
}

/** Where our first problem stands on another line than nft's first, and why ours holds the cause. */
const causes: readonly (readonly [string, string])[] = [
  ['mirror/G3iX_WG__nftables.conf', 'the empty braces that nft does not take begin two lines above the one it names'],
  ['sh-master-bogons/bogons__nft-f__cmd_is_null_on_free', 'the first word of the file is none of nft’s; nft names what follows from it'],
];

/** The line of a message of nft's, `NAME:LINE:COLUMN-COLUMN: Error: …`. */
function lineOf(message: string): number | null {
  const line = /:(\d+):\d+-\d+: Error/.exec(message)?.[1];
  return line === undefined ? null : Number(line);
}

/** What nft says of what was not there on the machine it ran on, and of nothing else. */
const ofMachine: readonly (readonly [message: RegExp, reason: string])[] = [
  [/(?:User|Group) does not exist/, 'the user or group was not there'],
  [/Could not resolve hostname/, 'there was no name server'],
  [/cgroupv2 path fails/, 'the control group was not there'],
  [/Could not parse packet mark/, '/etc/iproute2/rt_marks did not know the name'],
];

/** Why a file that nft refused there may be taken elsewhere; null where it is wrong everywhere. By what nft says and what the file makes. */
function hangsOnMachine({ text, nft_1_0_6: older, nft_1_1_3: newer }: RulesetRow): string | null {
  const reasons = [older.message, newer.message].map((message) => {
    const known = ofMachine.find(([pattern]) => pattern.test(message))?.[1];
    if (known) return known;
    const [, line, from, to] = /:(\d+):(\d+)-(\d+): Error: (?:Could not process rule: )?No such file or directory/.exec(message) ?? [];
    const name = text.split('\n')[Number(line) - 1]?.slice(Number(from) - 1, Number(to));
    if (name && /^[\w.-]+$/.test(name) && isTableName(text, Number(line), Number(from)) && !makesTable(text, name))
      return 'the table was not loaded';
    const variable = /unknown identifier '([\w.-]+)'/.exec(message)?.[1];
    return variable && !new RegExp(`\\bdefine\\s+${variable}\\b`).test(text) ? 'a file that includes it may define the variable' : null;
  });
  return reasons.every((reason) => reason !== null) ? (reasons[0] ?? null) : null;
}

/** Whether a command stands before the name, a family perhaps, and nothing else. */
function isTableName(text: string, line: number, column: number): boolean {
  const before = text.split('\n')[line - 1]?.slice(0, column - 1) ?? '';
  return /^\s*(?:[a-z]+\s+)*(?:table|chain|rule|set|map|element|flowtable|counter|quota|limit|ct \w+|secmark|synproxy)\s+(?:(?:ip6?|inet|arp|bridge|netdev)\s+)?$/.test(
    before,
  );
}

function makesTable(text: string, name: string): boolean {
  return new RegExp(`^\\s*(?:(?:add|create)\\s+)?table\\s+(?:\\w+\\s+)?${name}\\b`, 'm').test(text);
}

/** nft reads the whole file before it looks at what it means: what it tells while reading comes first. */
const whileReading = new Set(['nftables/syntax', 'nftables/line-endings', 'nftables/newer-version']);

/** What is wrong where our first refusal begins on none of the lines that nft's two versions name; null where it does. */
function offLine({ text, nft_1_0_6: older, nft_1_1_3: newer }: RulesetRow, found: readonly ShownFinding[]): string | null {
  const theirs = [older.message, newer.message].map(lineOf);
  const last = text.trimEnd().split('\n').length;
  const told = found.filter(({ rule }) => whileReading.has(rule));
  // a block that is never closed is told where it begins, and by nft where the file ends, if nothing else is wrong
  const atEnd = theirs.some((line) => line !== null && line >= last);
  const [first] = atEnd ? told : told.filter(({ message }) => !/never closed/.test(message)).concat(told);
  if (!first)
    return found.length > 0 && theirs.includes(lineAt(text, found[0]?.span.start ?? 0)) ? null : 'nothing is said of how it reads';
  const ours = lineAt(text, first.span.start);
  if (theirs.includes(ours) || (atEnd && /never closed/.test(first.message))) return null;
  return `line ${ours} (${first.message}), and nft: ${newer.message}`;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

const DELETIONS = 5000;
/** Larger texts only take longer. */
const LARGE = 20_000;

/** Of so many rulesets from which one token is taken, by a seed: how much of what stands elsewhere is found the same. */
function recovery(rows: readonly RulesetRow[], deletions: number): Measure {
  const texts = rows.filter(({ text, nft_1_1_3: { class: verdict } }) => verdict === 'ok' && text.length < LARGE).map(({ text }) => text);
  const agreed = Math.round(averageKept(texts, deletions, 1) * deletions);
  return { name: 'one token lost, and all else is found the same', of: deletions, agreed, floor: 0.98, misses: [], deviations: [] };
}

/** What is told as newer than 1.0.6, where the file is written for that. */
function calledNewer({ text }: RulesetRow): ShownFinding | undefined {
  return refusals('nftables', text, { nftVersion: '1.0.6' }).find(({ rule }) => rule === 'nftables/newer-version');
}

/** `deletions`: how many tokens to take away; a run of the tests takes fewer. */
export function nftablesMeasures(folder: string, deletions = DELETIONS): readonly Measure[] {
  const rows = ['upstream', 'realworld'].flatMap((name) => readRows<RulesetRow>(path.join(folder, `${name}.jsonl`)));
  // what hangs on the machine may well be there
  const falseAlarm = ({ text }: RulesetRow): string | null =>
    refusals('nftables', text).find(({ failsAt }) => failsAt !== 'machine')?.message ?? null;
  // what is newer than both is refused by both
  const refused = ({ text }: RulesetRow) => refusals('nftables', text, { nftVersion: '1.1.3' });
  // an error of ours: what may be otherwise where the file is loaded is information, and refuses nothing
  const isError = ({ severity, refusedBy, failsAt }: ShownFinding): boolean =>
    severity === 'error' && refusedBy === 'nft' && failsAt !== 'machine';
  const missed = (row: RulesetRow): string | null => (refused(row).some(isError) ? null : row.nft_1_1_3.message);
  const untold = (row: RulesetRow): string | null => (refused(row).length > 0 ? null : row.nft_1_1_3.message);
  const evalRows = rows.filter((row) => bothRefuse(row, 'eval'));
  const wrong = evalRows.filter((row) => hangsOnMachine(row) === null);
  const lacking = evalRows.filter((row) => hangsOnMachine(row) !== null);
  const syntaxRows = rows.filter((row) => bothRefuse(row, 'syntax'));
  const missing = includesMissing(syntaxRows);
  return [
    measure('nft takes it, and so do we', 1, rows.filter(isTaken), falseAlarm, taken),
    measure('both nft refuse its syntax, and so do we', 0.99, syntaxRows, missed, missing),
    measure(
      'both nft refuse its syntax, and we on the same line',
      0.95,
      syntaxRows,
      (row) => offLine(row, refused(row)),
      new Map([...missing, ...causes]),
    ),
    measure('both nft refuse it in evaluation, and so do we', 0.97, wrong, missed),
    // the file may be right where what it lacks is there: we tell what must be, and mostly call it no error
    measure('both nft refuse it for what their machine lacks, and we say so', 0.97, lacking, untold),
    measure(
      'written for 1.0.6, which takes it, and nothing is called newer',
      1,
      rows.filter((row) => row.nft_1_0_6.class === 'ok'),
      (row) => calledNewer(row)?.message ?? null,
    ),
    measure(
      'written for 1.0.6, and only 1.1.3 reads it: what is newer is told',
      0.9,
      rows.filter((row) => row.nft_1_0_6.class === 'syntax' && row.nft_1_1_3.class === 'ok'),
      (row) => (calledNewer(row) ? null : row.nft_1_0_6.message),
    ),
    recovery(rows, deletions),
  ];
}
