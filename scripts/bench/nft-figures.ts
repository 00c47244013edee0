// What nft takes to parse a ruleset file, and how much memory to check it: `nft -c` in a network namespace of its own.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { lineCount } from './document.ts';

export interface NftFigures {
  /** Milliseconds of the processor, without those that starting the process takes. */
  readonly parseOnly: number;
  /** Bytes: the peak of its resident memory. */
  readonly peak: number;
}

const flags = process.getuid?.() === 0 ? '-n' : '-rn';
const { PATH = '/usr/bin:/bin' } = process.env;
const env = { ...process.env, PATH: `${PATH}:/usr/sbin:/sbin`, LC_ALL: 'C' };

/** Why nft cannot be asked; null where it can. */
export function nftAbsent(): string | null {
  const { status, error, stderr } = spawnSync('unshare', [flags, 'nft', '--version'], { encoding: 'utf8', env });
  return status === 0 ? null : (error?.message ?? stderr.trim());
}

/** bash says what processor time its children took, as the kernel counted it: what else the machine does counts for nobody. */
function timed(file: string): { readonly stderr: string; readonly ms: number } {
  const script = `TIMEFORMAT='%U %S'; time unshare ${flags} nft -c -f "$1"`;
  const { stderr, error } = spawnSync('bash', ['--noprofile', '--norc', '-c', script, 'bash', file], { encoding: 'utf8', env });
  if (error) throw error;
  const [, user, system] = /(\d+\.\d+) (\d+\.\d+)\s*$/.exec(stderr) ?? [];
  return { stderr, ms: (Number(user) + Number(system)) * 1000 };
}

/** The best of `rounds` runs. */
export async function nftFigures(file: string, text: string, rounds: number): Promise<NftFigures> {
  // with a syntax error as its last line nft parses all of the file, and stops
  const broken = `${file}.broken`;
  const empty = `${file}.empty`;
  writeFileSync(broken, `${text}syntax error\n`);
  writeFileSync(empty, 'syntax error\n');
  const last = `${broken}:${lineCount(text) + 1}:`;
  const least = (of: string): number => Math.min(...Array.from({ length: rounds }, () => timed(of).ms));
  if (!timed(broken).stderr.startsWith(last)) throw new Error(`nft did not read ${broken} to its last line`);
  return { parseOnly: least(broken) - least(empty), peak: await peakOf(broken) };
}

/** The kernel's own high-water mark, read again and again while nft runs. */
function peakOf(file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    // unshare becomes nft: its process is nft's
    const child = spawn('unshare', [flags, 'nft', '-c', '-f', file], { stdio: 'ignore', env });
    let peak = 0;
    const look = setInterval(() => {
      try {
        const mark = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
        peak = Math.max(peak, Number(mark ?? 0) * 1024);
      } catch {
        // it has just ended
      }
    }, 2);
    child.once('error', reject);
    child.once('close', () => {
      clearInterval(look);
      resolve(peak);
    });
  });
}
