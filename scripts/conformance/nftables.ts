// Our verdicts on rulesets beside those of nft 1.0.6 and 1.1.3.
import path from 'node:path';
import { refusals } from './file.ts';
import { type Measure, measure, readRows } from './measure.ts';

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
function isTaken({ nft_1_0_6: older, nft_1_1_3: newer }: RulesetRow): boolean {
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

export function nftablesMeasures(folder: string): readonly Measure[] {
  const rows = ['upstream', 'realworld'].flatMap((name) => readRows<RulesetRow>(path.join(folder, `${name}.jsonl`)));
  // what hangs on the machine may well be there
  const falseAlarm = ({ text }: RulesetRow): string | null =>
    refusals('nftables', text).find(({ failsAt }) => failsAt !== 'machine')?.message ?? null;
  const missed = (row: RulesetRow): string | null => (refusals('nftables', row.text).length > 0 ? null : row.nft_1_1_3.message);
  return [
    measure('nft takes it, and so do we', 1, rows.filter(isTaken), falseAlarm, taken),
    measure(
      'both nft refuse its syntax, and so do we',
      0.95,
      rows.filter((row) => bothRefuse(row, 'syntax')),
      missed,
    ),
    measure(
      'both nft refuse it in evaluation, and so do we',
      0.97,
      rows.filter((row) => bothRefuse(row, 'eval')),
      missed,
    ),
  ];
}
