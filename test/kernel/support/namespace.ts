// One private network, mount and process namespace, kept open so that many runs can share it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { environment, type Ran, runCommand } from './command.ts';

export interface Namespace {
  /** A temporary folder, mode 0700, seen from inside and outside under the same name. It goes with the namespace. */
  readonly folder: string;
  /**
   * Runs a program inside. `cwd` is its working folder (else an empty one), `seconds` its limit (else 60; status 124 when it is
   * reached). Rejects where the namespace is gone.
   */
  run(command: readonly string[], options?: { readonly cwd?: string; readonly seconds?: number }): Promise<Ran>;
  /** Does one piece of work after the other, for what the whole namespace shares: a ruleset, a device. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /** Ends every process inside and removes the folder. */
  close(): Promise<void>;
}

/** Root asks for the namespaces outright; anyone else needs a user namespace around them. */
const asRoot = process.getuid?.() === 0;
export const unshareFlags: readonly string[] = [
  ...(asRoot ? [] : ['--map-root-user']),
  '--net',
  '--mount',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
];

// /run is hidden because wireguard-go keeps its control sockets there, one folder for all network namespaces (facts/nftables.md).
// resolv.conf and nsswitch.conf point at 127.0.0.1, where an oracle may answer names; a resolv.conf that was a link into /run gets its
// target anew. At the end cat waits for the end of its standard input: so the namespace cannot outlive the process that opened it.
const setUp = `
set -e
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir /run/empty /run/wireguard
printf 'nameserver 127.0.0.1\\n' >/run/resolv.conf.private
printf 'hosts: files dns\\n' >/run/nsswitch.conf.private
resolv=$(readlink -m /etc/resolv.conf)
case $resolv in /run/*) mkdir -p "\${resolv%/*}"; : >>"$resolv" ;; esac
if [ -e "$resolv" ]; then mount --bind /run/resolv.conf.private "$resolv"; fi
if [ -e /etc/nsswitch.conf ]; then mount --bind /run/nsswitch.conf.private /etc/nsswitch.conf; fi
ip link set lo up
echo ready
exec cat >/dev/null
`;

/** Opens a namespace that holds nothing but a loopback interface. Rejects with the system's words where it is not permitted. */
export async function openNamespace(): Promise<Namespace> {
  const holder = spawn('unshare', [...unshareFlags, 'bash', '--noprofile', '--norc', '-c', setUp], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment,
  });
  const complaints: Buffer[] = [];
  holder.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  const ended = new Promise<void>((resolve) => {
    holder.once('error', () => resolve());
    holder.once('close', () => resolve());
  });
  const ready = await Promise.race([once(holder.stdout, 'data').then(() => true), ended.then(() => false)]);
  if (!ready || holder.pid === undefined) {
    throw new Error(`a private namespace could not be opened: ${Buffer.concat(complaints).toString().trim()}`);
  }

  const folder = mkdtempSync(path.join(tmpdir(), 'meshwarden-kernel-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  const inside = [
    ...(asRoot ? [] : [`--user=/proc/${holder.pid}/ns/user`, '--preserve-credentials']),
    `--net=/proc/${holder.pid}/ns/net`,
    `--mount=/proc/${holder.pid}/ns/mnt`,
    `--pid=/proc/${holder.pid}/ns/pid_for_children`,
  ];
  let last: Promise<unknown> = Promise.resolve();
  return {
    folder,
    run(command, { cwd = '/run/empty', seconds = 60 } = {}) {
      if (holder.exitCode !== null) return Promise.reject(new Error('the namespace is closed'));
      // the folder is entered inside: nsenter's own --wd would keep the one outside, under no name (nsenter(1))
      const enter = ['--', 'sh', '-c', 'cd -- "$1" && shift && exec "$@"', 'sh', path.resolve(cwd)];
      return runCommand('nsenter', [...inside, ...enter, 'timeout', '--kill-after=5', String(seconds), ...command]);
    },
    exclusive(work) {
      const result = last.then(work);
      last = result.catch(() => undefined);
      return result;
    },
    async close() {
      await last;
      holder.stdin.end();
      await ended;
      removeFolder();
      process.off('exit', removeFolder);
    },
  };
}
