// A stage that is one command: it counts as one test, and prints only where it fails.
import { spawn } from 'node:child_process';
import { type Outcome, root, type Stage } from './stage.ts';

/** A stage that runs a script of package.json, so that `npm test` and the script never mean two things. At most `minutes`. */
export function npmScript(name: string, script: string, args: readonly string[] = [], minutes = 15): Stage {
  return { name, run: () => runCommand('npm', ['run', '--silent', script, ...(args.length > 0 ? ['--', ...args] : [])], minutes) };
}

export function runCommand(program: string, args: readonly string[], minutes: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32', // npm is a batch file there
      timeout: minutes * 60_000,
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    const fail = (why: string): void => {
      console.log(`${Buffer.concat(output).toString().trimEnd()}\n✖ ${program} ${args.join(' ')}: ${why}`);
      resolve({ passed: 0, failed: 1, skipped: [] });
    };
    child.once('error', (error) => fail(error.message));
    child.once('close', (status, signal) => {
      if (status === 0) resolve({ passed: 1, failed: 0, skipped: [] });
      else fail(signal ? `ended by ${signal}, its limit is ${minutes} minutes` : `status ${status}`);
    });
  });
}
