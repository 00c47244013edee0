// Work between messages: in slices, by turns, never while somebody types. Counted, not timed: the clock is the test's.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { newBackground } from '../../server/src/lsp/background.ts';

interface Bench {
  readonly background: ReturnType<typeof newBackground>;
  readonly failures: string[];
  /** What the clock says, in milliseconds. Each step of work takes 4. */
  time: number;
  /** Lets timers run until nothing waits, or `steps` times. */
  readonly run: (steps?: number) => Promise<void>;
}

function bench(): Bench {
  mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] });
  const failures: string[] = [];
  const made: Bench = {
    background: newBackground(
      150,
      (place) => failures.push(place),
      () => made.time,
    ),
    failures,
    time: 1000,
    async run(steps = 200) {
      for (let i = 0; i < steps; i++) {
        mock.timers.tick(1);
        made.time += 1;
        await Promise.resolve();
      }
    },
  };
  return made;
}

function* work(
  on: Bench,
  steps: number,
  log: string[],
  name = '',
  at: (step: number) => void = () => undefined,
): Generator<void, string, void> {
  for (let i = 0; i < steps; i++) {
    on.time += 4;
    at(i);
    log.push(`${name}${i}`);
    yield;
  }
  return `${name} done`;
}

test('work waits until nobody has typed for a moment, and stops when somebody types again', async (t) => {
  t.after(() => mock.timers.reset());
  const on = bench();
  const log: string[] = [];
  on.background.typed();
  const done = on.background.run(
    work(on, 9, log, '', (step) => {
      if (step === 4) on.background.typed();
    }),
    () => true,
  );
  await on.run(140);
  assert.equal(log.length, 0, 'not before the moment is over');
  await on.run(20);
  assert.equal(log.length, 6, 'what is typed meanwhile ends the slice that runs, at the latest');
  await on.run(110);
  assert.equal(log.length, 6, 'not while somebody types');
  await on.run(60);
  assert.equal(await done, ' done');
  assert.equal(log.length, 9, 'each step once');
});

test('a slice ends after ten milliseconds, and the next has its turn', async (t) => {
  t.after(() => mock.timers.reset());
  const on = bench();
  const log: string[] = [];
  const both = Promise.all([on.background.run(work(on, 6, log, 'a'), () => true), on.background.run(work(on, 4, log, 'b'), () => true)]);
  await on.run();
  assert.deepEqual(await both, ['a done', 'b done']);
  assert.deepEqual(log, ['a0', 'a1', 'a2', 'b0', 'b1', 'b2', 'a3', 'a4', 'a5', 'b3']);
});

test('work that nobody wants any more is not gone on with, and comes to nothing', async (t) => {
  t.after(() => mock.timers.reset());
  const on = bench();
  const log: string[] = [];
  const done = on.background.run(work(on, 100, log), () => log.length < 6);
  await on.run();
  assert.equal(await done, null);
  assert.equal(log.length, 6);
});

test('work that fails is told by where, and the rest goes on', async (t) => {
  t.after(() => mock.timers.reset());
  const on = bench();
  const log: string[] = [];
  // biome-ignore lint/correctness/useYield: it fails before it could
  function* failing(): Generator<void, string, void> {
    throw new Error('PrivateKey = …');
  }
  const both = Promise.all([on.background.run(failing(), () => true), on.background.run(work(on, 2, log), () => true)]);
  await on.run();
  assert.deepEqual(await both, [null, ' done']);
  assert.equal(on.failures.length, 1);
  assert.doesNotMatch(on.failures[0] ?? '', /PrivateKey/);
});

test('so does work of which nobody can say whether it is wanted', async (t) => {
  t.after(() => mock.timers.reset());
  const on = bench();
  const log: string[] = [];
  const done = on.background.run(work(on, 9, log), () => {
    throw new Error('no token');
  });
  await on.run();
  assert.equal(await done, null);
  assert.deepEqual([log.length, on.failures.length], [0, 1]);
});
