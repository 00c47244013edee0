// One Mocha suite in three extension hosts, each in a real VS Code: all of it passes, and a failing test would be seen.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Host, runSuite } from './hosts.ts';
import { cannotDrive, ready } from './machine.ts';
import { type Stage, stageExtension } from './stage.ts';
import { copyOf, flatMesh } from './workspace.ts';

const skip = cannotDrive();
const timeout = 300_000;
const hosts: readonly (readonly [string, Host])[] = [
  ["Node's host", 'node'],
  ['the web worker host', 'web'],
  ['the web worker host of VS Code 1.91', 'oldest web'],
];

describe('the Mocha suite inside', { skip }, () => {
  let stage: Stage;

  before(
    async () => {
      await ready(skip);
      stage = await stageExtension();
    },
    { timeout: 900_000 },
  );
  after(() => stage?.remove());

  const run = async (host: Host, prepare: (folder: string) => void = () => {}) => {
    const workspace = copyOf(flatMesh);
    prepare(workspace.folder);
    try {
      const { node, web } = stage.suite;
      return await runSuite(host, { folder: workspace.folder, extension: stage.root, suite: host === 'node' ? node : web });
    } finally {
      workspace.remove();
    }
  };

  for (const [name, host] of hosts) {
    test(`${name} passes`, { timeout }, async (t) => {
      const { exitCode, lines, refused } = await run(host);
      const said = lines.filter((line) => line.startsWith('[suite] ')).map((line) => line.slice(8));
      for (const line of said) t.diagnostic(line);
      assert.equal(exitCode, 0, lines.slice(-60).join('\n'));
      assert.match(said.at(-1) ?? '', /^[1-9]\d* passed, 0 failed/, 'some test ran');
      assert.deepEqual(refused, [], 'nothing outside this machine was asked for');
      assert.match(said[0] ?? '', host === 'node' ? /in Node/ : /in a web worker/);
      if (host === 'oldest web') assert.match(said[0] ?? '', /VS Code 1\.91\./);
    });

    test(`${name} fails where a test fails`, { timeout }, async () => {
      const { exitCode, lines } = await run(host, (folder) => writeFileSync(path.join(folder, 'FAIL'), ''));
      assert.equal(exitCode, 1, lines.slice(-60).join('\n'));
      assert.ok(
        lines.some((line) => line.includes('failed on purpose')),
        lines.slice(-60).join('\n'),
      );
    });
  }
});
