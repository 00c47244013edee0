// Runs one program to its end and gives back what it said, as data.
import { spawn } from 'node:child_process';

export interface Ran {
  /** the exit status; null where a signal ended the program */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const { PATH = '/usr/bin:/bin' } = process.env;

/** The folders that hold the tools: Debian's sbin folders too, which a person's own PATH may lack. */
export const searchPath: readonly string[] = [...PATH.split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The environment of every tool: messages in English, and where to look. */
export const environment: NodeJS.ProcessEnv = {
  ...process.env,
  LC_ALL: 'C',
  PATH: searchPath.join(':'),
  // a name that does not resolve is an answer at once, not after 15 tries (wireguard-tools, config.c, parse_endpoint)
  WG_ENDPOINT_RESOLUTION_RETRIES: '0',
};

/** Runs a program without a shell and with an empty standard input. Rejects only where it could not be started. */
export function runCommand(program: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.once('error', reject);
    child.once('close', (status, signal) =>
      resolve({ status, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}
