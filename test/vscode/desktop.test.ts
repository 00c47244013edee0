// `npm run test:desktop`, with the embedded editor standing in for a desktop VS Code, and what it says where there is none.
import assert from 'node:assert/strict';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { root } from '../../scripts/build.ts';
import { cannotDrive, ready } from './machine.ts';
import { runScript } from './program.ts';

const skip = cannotDrive();
const timeout = 360_000;

describe('npm run test:desktop', () => {
  before(() => ready(skip), { timeout: 900_000 });

  test('runs the suite in the VS Code that it is given', { skip, timeout }, async () => {
    const program = runScript(root, 'test-desktop', [], { MESHWARDEN_CODE: path.join(import.meta.dirname, 'code-stand-in.ts') });
    assert.equal(await program.exit, 0, program.said());
    assert.match(program.said(), /\[suite\] [1-9]\d* passed, 0 failed/);
  });

  test('says in a sentence that VS Code cannot be downloaded', { timeout }, async () => {
    const nowhere = 'http://127.0.0.1:9';
    const program = runScript(root, 'test-desktop', ['1.91.1'], {
      ...{ MESHWARDEN_CODE: '', npm_config_proxy: nowhere, npm_config_https_proxy: nowhere },
    });
    assert.equal(await program.exit, 1, program.said());
    assert.match(program.said(), /^VS Code cannot be downloaded on this machine \(.+\)\. Mend: .+\n$/m);
    assert.doesNotMatch(program.said(), /\n {4}at /, 'no stack');
  });

  test('says that the named VS Code is not there', { timeout }, async () => {
    const program = runScript(root, 'test-desktop', [], { MESHWARDEN_CODE: '/nowhere/code' });
    assert.equal(await program.exit, 1, program.said());
    assert.match(program.said(), /MESHWARDEN_CODE: there is no \/nowhere\/code\./);
  });
});
