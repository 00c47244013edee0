// Asks the nft of this machine about a file, by Node: in a network namespace of its own, which nothing is sent from or loaded into.
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { NftAnswer } from './host.ts';

const { PATH = '/usr/bin:/bin' } = process.env;
// Debian keeps nft in a folder that a person's own PATH may lack
const environment = { ...process.env, LC_ALL: 'C', PATH: `${PATH}:/usr/sbin:/sbin` };

/** More of what nft says than anyone reads. */
const MOST_SAID = 64 * 1024;

/**
 * `nft -c` on a file. Root needs no user namespace around the network namespace, everyone else does. Null where nft or unshare is
 * not installed, where namespaces are not permitted, or where there was no answer in time; then the process has been ended.
 */
export function checkByNft(file: string, milliseconds: number, nft = 'nft'): Promise<NftAnswer | null> {
  const flags = process.getuid?.() === 0 ? ['-n'] : ['-rn'];
  return new Promise((resolve) => {
    const child = spawn('unshare', [...flags, nft, '-c', '-f', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: path.dirname(file),
      env: environment,
      // a group of its own, so that all of it can be ended
      detached: true,
    });
    let said = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) {
        try {
          process.kill(-child.pid, 'SIGKILL');
        } catch {
          // it has just ended by itself
        }
      }
    }, milliseconds);
    child.stderr.on('data', (bytes: Buffer) => {
      if (said.length < MOST_SAID) said += bytes.toString('utf8');
    });
    child.once('error', () => {
      clearTimeout(timer);
      resolve(null);
    });
    child.once('close', (status) => {
      clearTimeout(timer);
      // unshare tells by these that it could not do it, or that there is no nft
      resolve(late || status === null || /^unshare: /m.test(said) ? null : { accepted: status === 0, said });
    });
  });
}
