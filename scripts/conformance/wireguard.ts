// Our verdicts on WireGuard configs beside those of wg-quick and wg 1.0.20260223.
import path from 'node:path';
import { refusals } from './file.ts';
import { type Measure, measure, readRows } from './measure.ts';

interface ConfigRow {
  readonly id: string;
  readonly text: string;
  readonly 'tools_1.0.20260223': { readonly verdict: 'accept' | 'reject'; readonly message?: string };
}

const known = new Map([
  ['probe/listenport-domain.conf', 'wg asks the resolver for the port’s name; which names this machine has, no text says'],
]);

export function wireguardMeasures(folder: string): readonly Measure[] {
  const rows = ['probe', 'realworld'].flatMap((name) => readRows<ConfigRow>(path.join(folder, `${name}.jsonl`)));
  const verdict = (row: ConfigRow) => row['tools_1.0.20260223'];
  return [
    measure(
      'wg takes it, and so do we',
      1,
      rows.filter((row) => verdict(row).verdict === 'accept'),
      ({ text }) => refusals('wireguard', text)[0]?.message ?? null,
      known,
    ),
    measure(
      'wg refuses it, and so do we',
      1,
      rows.filter((row) => verdict(row).verdict === 'reject'),
      (row) => (refusals('wireguard', row.text).length > 0 ? null : (verdict(row).message ?? 'refused')),
      known,
    ),
  ];
}
