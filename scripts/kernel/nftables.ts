// The walker against the kernel: random rulesets, random packets, and the smallest ruleset where they differ.

import type { Namespace } from '../../test/kernel/support/namespace.ts';
import { openNamespace } from '../../test/kernel/support/namespace.ts';
import { type SentPacket, sendPackets } from '../../test/kernel/support/packets.ts';
import { seeded } from '../bench/random.ts';
import { type Compared, compare } from './compare.ts';
import { type RandomRuleset, randomPackets, randomRuleset, textOf } from './generate.ts';
import { stateOf } from './ruleset.ts';

export interface Report {
  readonly rulesets: number;
  /** Rulesets that nft would not load: of these nothing is known. */
  readonly refused: readonly { readonly seed: number; readonly message: string }[];
  readonly packets: number;
  readonly accepted: number;
  readonly dropped: number;
  readonly unknown: number;
  /** Of rulesets in which no rule is unknowable. */
  readonly knowable: number;
  readonly knowableUnknown: number;
  readonly knowableWorst: ReadonlyMap<string, number>;
  readonly difference: Difference | null;
  readonly sendSeconds: number;
  readonly walkSeconds: number;
}

export interface Difference {
  readonly seed: number;
  readonly ruleset: string;
  readonly compared: Compared;
}

const BATCH = 25;

interface Job {
  readonly seed: number;
  readonly made: RandomRuleset;
  readonly ruleset: string;
  readonly packets: readonly SentPacket[];
}

function jobOf(seed: number, packets: number): Job {
  const random = seeded(seed);
  const made = randomRuleset(random);
  return { seed, made, ruleset: textOf(made), packets: randomPackets(random, packets) };
}

/** Ruleset `i` has the seed `seed + i`. Ends at the first difference. */
export async function compareRandom(seed: number, rulesets: number, packets: number): Promise<Report> {
  const namespace = await openNamespace();
  const refused: { seed: number; message: string }[] = [];
  const worst = new Map<string, number>();
  const counts = { packets: 0, accepted: 0, dropped: 0, unknown: 0, knowable: 0, knowableUnknown: 0, send: 0, walk: 0 };
  let difference: Difference | null = null;
  try {
    for (let at = 0; at < rulesets && !difference; at += BATCH) {
      const jobs = Array.from({ length: Math.min(BATCH, rulesets - at) }, (_, i) => jobOf(seed + at + i, packets));
      const started = performance.now();
      const results = await sendPackets(namespace, jobs);
      const sent = performance.now();
      counts.send += sent - started;
      for (const [i, job] of jobs.entries()) {
        const result = results[i];
        if (!result) throw new Error('the packet helper gave no answer');
        if ('load' in result) {
          refused.push({ seed: job.seed, message: result.load.trim() });
          continue;
        }
        const state = stateOf(job.ruleset);
        for (const [k, packet] of job.packets.entries()) {
          const end = result.ends[k];
          if (!end) throw new Error('the packet helper gave no answer');
          for (const compared of compare(state, packet, end)) {
            counts.packets++;
            const { verdict, reasons } = compared.walked;
            if (verdict === 'accept') counts.accepted++;
            else if (verdict === 'drop') counts.dropped++;
            else counts.unknown++;
            if (!job.made.unknowable) {
              counts.knowable++;
              if (verdict === 'unknown') {
                counts.knowableUnknown++;
                const first = `${job.seed} ${reasons[0]?.statement ?? '?'}`;
                worst.set(first, (worst.get(first) ?? 0) + 1);
              }
            }
            if (compared.wrong !== null) difference ??= { seed: job.seed, ruleset: job.ruleset, compared };
          }
        }
        if (difference) {
          difference = await shrunk(namespace, job, difference);
          break;
        }
      }
      counts.walk += performance.now() - sent;
    }
  } finally {
    await namespace.close();
  }
  return {
    rulesets,
    refused,
    packets: counts.packets,
    accepted: counts.accepted,
    dropped: counts.dropped,
    unknown: counts.unknown,
    knowable: counts.knowable,
    knowableUnknown: counts.knowableUnknown,
    knowableWorst: worst,
    difference,
    sendSeconds: counts.send / 1000,
    walkSeconds: counts.walk / 1000,
  };
}

/** Every ruleset that has one thing less. */
function smaller(made: RandomRuleset): readonly RandomRuleset[] {
  const result: RandomRuleset[] = made.commands.map((_, i) => ({ ...made, commands: made.commands.filter((__, k) => k !== i) }));
  for (const [t, table] of made.tables.entries()) {
    const withTable = (changed: typeof table | null): void => {
      const tables = made.tables.flatMap((one, i) => (i !== t ? [one] : changed ? [changed] : []));
      result.push({ ...made, tables });
    };
    withTable(null);
    for (const [c, chain] of table.chains.entries()) {
      withTable({ ...table, chains: table.chains.filter((_, i) => i !== c) });
      for (const r of chain.rules.keys())
        withTable({
          ...table,
          chains: table.chains.map((one, i) => (i === c ? { ...one, rules: one.rules.filter((_, k) => k !== r) } : one)),
        });
    }
    for (const s of table.sets.keys()) withTable({ ...table, sets: table.sets.filter((_, i) => i !== s) });
  }
  return result;
}

/** The smallest ruleset, by taking away, that still differs for the packet alone. */
async function shrunk(namespace: Namespace, job: Job, found: Difference): Promise<Difference> {
  let best = found;
  let made = job.made;
  for (;;) {
    const candidates = smaller(made);
    if (candidates.length === 0) return best;
    const { packet } = best.compared;
    const results = await sendPackets(
      namespace,
      candidates.map((one) => ({ ruleset: textOf(one), packets: [packet] })),
    );
    const next = candidates.flatMap((one, i) => {
      const result = results[i];
      const end = result && 'ends' in result ? result.ends[0] : undefined;
      const wrong = end && compare(stateOf(textOf(one)), packet, end).find((compared) => compared.wrong !== null);
      return wrong ? [{ one, wrong }] : [];
    })[0];
    if (!next) return best;
    made = next.one;
    best = { seed: job.seed, ruleset: textOf(made), compared: next.wrong };
  }
}
