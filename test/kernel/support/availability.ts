// Says what this machine lacks for a test against the real tools, as the reason a test gives for its skip.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { environment, searchPath } from './command.ts';
import { unshareFlags } from './namespace.ts';

/** Program → the Debian package that brings it. */
const packages = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  bash: 'bash',
  ip: 'iproute2',
  nft: 'nftables',
  wg: 'wireguard-tools',
  'wg-quick': 'wireguard-tools',
  'wireguard-go': 'wireguard-go',
  python3: 'python3',
} as const;
export type Tool = keyof typeof packages;

type Oracle = 'nft' | 'wg' | 'packets';

const needed: Readonly<Record<Oracle, readonly Tool[]>> = {
  nft: ['unshare', 'nsenter', 'bash', 'ip', 'nft'],
  wg: ['unshare', 'nsenter', 'bash', 'ip', 'wg', 'wg-quick', 'wireguard-go'],
  packets: ['ip', 'nft', 'python3'],
};

/**
 * The reason why a test against the given tools cannot run here, with its mend; false where it can. Made for node:test:
 * `test('…', { skip: skipReason('nft') }, …)`.
 */
export function skipReason(...oracles: readonly Oracle[]): string | false {
  if (process.platform !== 'linux') return `nft and wg need Linux, this is ${process.platform}`;
  const missing = oracles.flatMap((oracle) => needed[oracle]).find((tool) => !installed(tool));
  if (missing) return `${missing} is not installed: apt-get install ${packages[missing]}`;
  if (oracles.includes('wg') || oracles.includes('packets')) {
    if (!existsSync('/dev/net/tun')) return '/dev/net/tun is needed and not there: modprobe tun';
    if (!allowed('/dev/net/tun', constants.R_OK | constants.W_OK)) return '/dev/net/tun may not be opened: run as root';
  }
  return namespaceReason();
}

/** Whether a program lies on the PATH that the tools run with. */
export function installed(tool: string): boolean {
  return searchPath.some((folder) => allowed(path.join(folder, tool), constants.X_OK));
}

function allowed(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}

function namespaceReason(): string | false {
  const { status, stderr } = spawnSync('unshare', [...unshareFlags, 'true'], { env: environment, encoding: 'utf8' });
  if (status === 0) return false;
  return `network namespaces are not permitted (${stderr.trim().split('\n')[0] ?? ''}): run as root with CAP_SYS_ADMIN (in a container: --privileged)`;
}
