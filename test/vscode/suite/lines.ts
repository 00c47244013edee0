// Mocha's results as lines on the console, marked so that the runner outside tells them from the host's other output.
/// <reference types="mocha" />
import * as vscode from 'vscode';

/** Runs `mocha`, prints a line for each test, and rejects where one failed. */
export function runWithLines(mocha: Mocha): Promise<void> {
  return new Promise((resolve, reject) => {
    const count = { passed: 0, failed: 0, skipped: 0 };
    const say = (line: string): void => console.log(`[suite] ${line}`);
    mocha
      .run((failures) => {
        say(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
        if (failures > 0) reject(new Error(`${failures} failed`));
        else resolve();
      })
      .on('pass', (test) => {
        count.passed++;
        say(`ok    ${test.title}`);
      })
      .on('fail', (test, error: Error) => {
        count.failed++;
        say(`FAIL  ${test.title}: ${error.message}`);
      })
      .on('pending', (test) => {
        count.skipped++;
        say(`skip  ${test.title}`);
      });
  });
}

/** A test may wait for an editor on a busy machine. */
export const options = { ui: 'tdd', timeout: 120_000, reporter: 'base' } as const;

/** Whether the workspace asks for a failing test instead of ours: hosts.test.ts proves by it that a failure is seen outside. */
export async function failureAsked(): Promise<boolean> {
  return (await vscode.workspace.findFiles('FAIL')).length > 0;
}
