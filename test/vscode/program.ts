// A script of the project, run as a person runs it: what it printed, how it ended, and what it started.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Program {
  readonly child: ChildProcess;
  /** All it printed so far, on both streams. */
  readonly said: () => string;
  readonly exit: Promise<number | null>;
  /** Waits until it printed something that matches. Rejects where it ends before. */
  readonly until: (pattern: RegExp) => Promise<RegExpExecArray>;
}

const longest = 300_000; // ms, after which a program that hangs is killed

/** Runs scripts/NAME.ts of the project in `root` with the Node that runs us, which is first on its PATH. */
export function runScript(root: string, name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  const { PATH = '', INIT_CWD: _, ...rest } = process.env;
  const child = spawn(process.execPath, [path.join(root, 'scripts/run.mjs'), name, ...args], {
    cwd: root,
    env: { ...rest, PATH: [path.dirname(process.execPath), PATH].join(path.delimiter), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const limit = setTimeout(kill, longest);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  let over = false;
  const exit = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      over = true;
      clearTimeout(limit);
      process.removeListener('exit', kill);
      resolve(code);
    });
  });
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const ended = over;
      const match = pattern.exec(said);
      if (match) return match;
      if (ended) throw new Error(`${name} ended without ${pattern}. It said:\n${said}`);
      await sleep(50);
    }
  };
  return { child, said: () => said, exit, until };
}

/** The processes that `pid` started, and theirs, from /proc; none where there is no /proc. */
export function descendants(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readable('/proc')) {
    // pid (name) state ppid …; the name may hold anything
    const stat = /^(\d+) \(.*\) \S (\d+) /s.exec(textOf(`/proc/${name}/stat`));
    if (stat) parents.set(Number(stat[1]), Number(stat[2]));
  }
  const isBelow = (at: number | undefined): boolean => at !== undefined && at > 0 && (at === pid || isBelow(parents.get(at)));
  return [...parents.keys()].filter((at) => at !== pid && isBelow(parents.get(at)));
}

/** The program and the arguments of a process, from /proc; none where it is gone. */
export function commandLine(pid: number): readonly string[] {
  return textOf(`/proc/${pid}/cmdline`).split('\0');
}

export function isAlive(pid: number): boolean {
  const state = /^\d+ \(.*\) (\S)/s.exec(textOf(`/proc/${pid}/stat`))?.[1];
  return state !== undefined && state !== 'Z';
}

function readable(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // gone meanwhile
  }
}
