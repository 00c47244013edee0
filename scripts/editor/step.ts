// One program of a set-up, run with a sign of life: a first-time user sees what happens and for how long already.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { node24 } from './places.ts';

export type Say = (line: string) => void;

const signOfLifeEvery = 10_000; // ms

/** Runs `command` in `cwd`, its output kept back. Rejects with the last lines of it where the command fails. */
export function step(title: string, command: string, args: readonly string[], cwd: string, say: Say): Promise<void> {
  const started = Date.now();
  const elapsed = (): string => `${Math.round((Date.now() - started) / 1000)} s`;
  say(`  ${title} …`);
  const alive = setInterval(() => say(`  ${title} … ${elapsed()}`), signOfLifeEvery);
  const child = spawn(command, args, { cwd, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = (): void => void child.kill();
  process.once('exit', stop);
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${title}: ${command} cannot be started: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) {
        say(`  ${title}: done in ${elapsed()}`);
        resolve();
        return;
      }
      const lines = output.trim().split('\n').slice(-15).join('\n    ');
      reject(
        new Error(
          `${title}: ${path.basename(command)} failed after ${elapsed()} (${signal ?? `exit code ${code}`}). It said last:\n    ${lines}\n` +
            'Mend: set right what it names (a registry that npm reaches? room on the disk?) and start again.',
        ),
      );
    });
  }).finally(() => {
    clearInterval(alive);
    process.removeListener('exit', stop);
  });
}

/** Ours, with Node 24 first, and without what an outer `npm run` says of its own package, which npm would take for settings here. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, ...rest } = process.env;
  const ours = Object.entries(rest).filter(
    ([name]) => !/^(npm_package_.*|npm_lifecycle_.*|npm_command|npm_config_(local_|global_)?prefix|INIT_CWD)$/.test(name),
  );
  return { ...Object.fromEntries(ours), PATH: [path.dirname(node24), PATH].join(path.delimiter) };
}
