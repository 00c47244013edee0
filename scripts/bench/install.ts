// Brings the peers from npm, once: their versions are peers/package.json's, and peers/package-lock.json's by hash. They have a
// folder of their own so that nothing here is ever resolved to a copy that a peer brought.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const here = path.join(import.meta.dirname, 'peers');
const stamp = path.join(here, 'node_modules/.meshwarden-bench');
const patience = 5 * 60_000;

/** Undefined when the peers are there, else why they are not. */
export async function installPeers(): Promise<string | undefined> {
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(here, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return undefined;
  console.log('Installing the peers from npm (vscode-langservers-extracted, yaml-language-server; once) …');
  const start = performance.now();
  const reason = await npmCi();
  if (reason === undefined) {
    writeFileSync(stamp, wanted);
    console.log(`Installed in ${((performance.now() - start) / 1000).toFixed(0)} s.`);
  }
  return reason;
}

function npmCi(): Promise<string | undefined> {
  // `npm run` tells its scripts where the root package is; the prefix keeps this npm away from it
  const child = spawn('npm', ['ci', '--prefix', here, '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: here,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: patience,
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-4000);
  });
  const stillAtIt = setInterval(() => console.log('  still installing …'), 10_000);
  return new Promise((resolve) => {
    const end = (reason: string | undefined): void => {
      clearInterval(stillAtIt);
      resolve(reason);
    };
    child.once('error', (error) => end(`npm could not be started: ${error.message}`));
    child.once('close', (code, signal) => {
      const errors = stderr.split('\n').filter((line) => line.startsWith('npm error') && !/A complete log|^npm error\s*$/.test(line));
      const why = errors.slice(0, 3).join(' ').replaceAll('npm error ', '');
      end(code === 0 ? undefined : `npm ci failed (${signal ? `stopped after ${patience / 1000} s` : `exit status ${code}`}): ${why}`);
    });
  });
}
