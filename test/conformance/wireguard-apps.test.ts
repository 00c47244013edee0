// The apps' own verdicts, and other people's templates and .netdev files, where these are here.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type Measure, passes, tableOf } from '../../scripts/conformance/measure.ts';
import { wireguardAppMeasures, wireguardDialectMeasures } from '../../scripts/conformance/wireguard-apps.ts';

const folder = path.resolve(import.meta.dirname, '../../../shared/conformance/wireguard');
const skip = existsSync(folder) ? false : 'optional data: ../shared/conformance is not here';

function assertAll(measures: readonly Measure[], least: number): void {
  assert.ok(measures.reduce((sum, { of }) => sum + of, 0) >= least, 'so few rows prove little');
  for (const { deviations } of measures) assert.deepEqual(deviations, []);
  assert.ok(measures.every(passes), `${tableOf(measures)}\n${measures.flatMap(({ misses }) => misses).join('\n')}`);
}

test('each app’s own verdict, under its target', { skip }, () => assertAll(wireguardAppMeasures(folder), 39));
test('templates and the files of systemd-networkd', { skip }, () => assertAll(wireguardDialectMeasures(folder), 36));
