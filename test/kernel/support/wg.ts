// What the real WireGuard tools say of a config: `wg-quick strip`, then `wg setconf` on a wireguard-go device in a private namespace.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Namespace } from './namespace.ts';
import { readDump, redact, type WgState } from './wg-dump.ts';

export interface WgVerdict {
  readonly accepted: boolean;
  /** the stage that refused; 'ok' where both took the config */
  readonly stage: 'strip' | 'setconf' | 'ok';
  /** the first line of what the refusing tool said, secrets redacted; '' where it was taken. wg names no line numbers */
  readonly message: string;
  /** `Warning: …` lines, as of host bits in AllowedIPs, secrets redacted */
  readonly warnings: readonly string[];
  /** what the device then held; absent where the config was refused */
  readonly state?: WgState;
}

/** A wireguard-go device in a namespace that takes one config after the other, and a name server that knows every host. */
export interface WgDevice {
  readonly namespace: Namespace;
  readonly name: string;
}

/** A config and the name of its file, which must be INTERFACE.conf for wg-quick; else 'wg0.conf'. */
export interface WgConfig {
  readonly text: string | Uint8Array;
  readonly fileName?: string;
}

/** Every host name in an Endpoint resolves to this address (TEST-NET-1) inside the namespace. */
export const resolvedHost = '192.0.2.53';

/** Starts wireguard-go and the name server. They end with the namespace. */
export async function startWgDevice(namespace: Namespace, name = 'wgoracle'): Promise<WgDevice> {
  const server = path.join(import.meta.dirname, 'name-server.ts');
  await must(namespace, startNameServer, process.execPath, server, resolvedHost);
  const device: WgDevice = { namespace, name };
  await startDaemon(device);
  return device;
}

/** Judges one config. The device is empty before and after. */
export async function judgeWg(device: WgDevice, config: WgConfig): Promise<WgVerdict> {
  const [verdict] = await judgeWgMany(device, [config]);
  if (!verdict) throw new Error('no verdict');
  return verdict;
}

/** Judges a config file where it lies; a copy of mode 0600 is what the tools see. */
export function judgeWgFile(device: WgDevice, file: string): Promise<WgVerdict> {
  return judgeWg(device, { text: readFileSync(file), fileName: path.basename(file) });
}

/** Judges many configs on the one device: a verdict each, in their order. 2,000 take about half a minute. */
export async function judgeWgMany(device: WgDevice, configs: Iterable<WgConfig>): Promise<readonly WgVerdict[]> {
  const all = [...configs];
  const verdicts: WgVerdict[] = [];
  let restarted = -1;
  while (verdicts.length < all.length) {
    const next = verdicts.length;
    verdicts.push(...(await device.namespace.exclusive(() => judgeSome(device, all.slice(next, next + 50)))));
    if (verdicts.length > next) continue;
    if (restarted === next) throw new Error(`wireguard-go ended twice over config ${next}`);
    restarted = next;
    await device.namespace.exclusive(() => startDaemon(device));
  }
  return verdicts;
}

// One shell judges many, for speed: its arguments are the device and the files. For each it prints three fields, each ended by a zero byte:
// the status (10 and 11 say which tool refused, 12 that the device no longer answers, which ends the loop), the dump, and what was said.
// The stripped config holds keys, so it stays on the namespace's own /run. setconf replaces all that a device holds: an empty one resets it.
const judgeScript = `
device=$1; shift
judge() {
  wg-quick strip "$1" >/run/stripped.conf || return 10
  wg setconf "$device" /run/stripped.conf || return 11
}
for file; do
  said=$(judge "$file" 2>&1); status=$?
  dump=$(wg show "$device" dump && wg setconf "$device" /dev/null) || status=12
  printf '%s\\0%s\\0%s\\0' $status "$dump" "$said"
  [ $status -ne 12 ] || break
done
rm -f /run/stripped.conf
`;

/** The verdicts of the first configs, up to one over which the device was lost. */
async function judgeSome({ namespace, name }: WgDevice, configs: readonly WgConfig[]): Promise<readonly WgVerdict[]> {
  const files = configs.map(({ text, fileName = 'wg0.conf' }, index) => {
    const folder = path.join(namespace.folder, `wireguard-${index}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { mode: 0o700 });
    // wg-quick warns of a file that others may read (wg-quick/linux.bash, parse_options)
    writeFileSync(path.join(folder, fileName), text, { mode: 0o600 });
    return path.join(folder, fileName);
  });
  const { status, stdout, stderr } = await namespace.run(['bash', '--noprofile', '--norc', '-c', judgeScript, 'bash', name, ...files], {
    seconds: 300,
  });
  if (status !== 0) throw new Error(`wg-quick and wg gave no answer (status ${status}): ${stderr}`);
  const fields = stdout.split('\0');
  const verdicts: WgVerdict[] = [];
  for (const [index, { text }] of configs.entries()) {
    const [code, dump = '', said = ''] = fields.slice(3 * index, 3 * index + 3);
    if (code === '12') break;
    verdicts.push(readVerdict(Number(code), dump, redact(said, Buffer.from(text).toString())));
  }
  return verdicts;
}

function readVerdict(status: number, dump: string, said: string): WgVerdict {
  const lines = said.split('\n').filter((line) => line !== '');
  const warnings = lines.filter((line) => line.startsWith('Warning: '));
  const message = lines.find((line) => !line.startsWith('Warning: ')) ?? '';
  if (status === 0) return { accepted: true, stage: 'ok', message: '', warnings, state: readDump(dump) };
  return { accepted: false, stage: status === 10 ? 'strip' : 'setconf', message, warnings };
}

// Both go on in the background, so neither may hold the pipes that the caller reads to their end. Each is waited for until it answers.
const startNameServer = `
"$@" </dev/null >/run/name-server.out 2>/run/name-server.err &
until [ -s /run/name-server.out ]; do
  if ! kill -0 $!; then cat /run/name-server.err >&2; exit 1; fi
  sleep 0.02
done
`;
const startWireguardGo = `
ip link del "$1" 2>/run/wireguard-go.log
if ! wireguard-go "$1" </dev/null >/run/wireguard-go.log 2>&1; then cat /run/wireguard-go.log >&2; exit 1; fi
until wg show "$1" >/run/wg-show.log 2>&1; do sleep 0.02; done
`;

function startDaemon({ namespace, name }: WgDevice): Promise<void> {
  return must(namespace, startWireguardGo, name);
}

async function must(namespace: Namespace, script: string, ...args: readonly string[]): Promise<void> {
  const { status, stderr } = await namespace.run(['bash', '--noprofile', '--norc', '-c', script, 'bash', ...args]);
  if (status !== 0) throw new Error(`a helper in the namespace did not start (status ${status}): ${stderr.trim()}`);
}
