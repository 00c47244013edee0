// Whole meshes with the real wg-quick, WireGuard and nft: hosts as namespaces on one network, packets sent through them, and where each
// of these ended (mesh.py).
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Namespace } from './namespace.ts';

export interface MeshHost {
  readonly name: string;
  /** Path below `/` → text. A ruleset is `etc/nftables.conf`. */
  readonly files: Readonly<Record<string, string>>;
  /** What it has on the network between the hosts. */
  readonly underlay: readonly string[];
  /** What it has on a network behind it; null where there is none. */
  readonly lan: readonly string[] | null;
  /** As they are before any file is read. */
  readonly sysctl: Readonly<Record<string, number>>;
  /** In the order they come up. */
  readonly up: readonly string[];
}

/** A host without WireGuard, behind another one. */
export interface LanHost {
  readonly name: string;
  readonly of: string;
  readonly underlay: readonly string[];
  readonly gateways: readonly string[];
}

export interface Flow {
  readonly from: string;
  /** Whether somebody has taken the host, and its own settings hold nothing back. */
  readonly taken: boolean;
  /** null where the kernel chooses it. */
  readonly source: string | null;
  readonly to: string;
  /** tcp 6, udp 17, icmp 1 or 58, else 89. */
  readonly protocol: number;
  /** One of those that hosts listen at; 0 where the protocol has none. */
  readonly port: number;
}

export interface FlowEnd {
  /** Where it passed the input hook; null where it was lost. */
  readonly end: string | null;
  /** As it came there. */
  readonly source: string | null;
  readonly to: string | null;
  readonly port: number | null;
  /** Whether the answer came back to whoever sent it. */
  readonly answered: boolean;
}

export interface MeshJob {
  readonly hosts: readonly MeshHost[];
  readonly lans: readonly LanHost[];
  readonly flows: readonly Flow[];
}

/** What did not come up, with what was said of it; where that is nothing, each flow's end, in order. */
export interface MeshResult {
  readonly failed: readonly (readonly [host: string, message: string])[];
  readonly flows: readonly FlowEnd[];
}

/** What hosts listen at (mesh.py). */
export const listened: readonly number[] = [22, 53, 80, 443, 5432, 8080];
/** A flow's source port is this and its number. */
export const FIRST_PORT = 20_000;

/** The network between the hosts, its gateway first: `underlay(0)` is nobody's host. */
export function underlay(host: number): readonly [v4: string, v6: string] {
  return [`192.0.2.${host + 1}`, `2001:db8::${(host + 1).toString(16)}`];
}

const gateways = underlay(0);

/** Brings the meshes up one after the other and sends each its flows. */
export async function runMeshes(namespace: Namespace, jobs: readonly MeshJob[]): Promise<readonly MeshResult[]> {
  return namespace.exclusive(async () => {
    const folder = path.join(namespace.folder, 'meshes');
    rmSync(folder, { recursive: true, force: true });
    const lines = jobs.map(({ hosts, lans, flows }, index) =>
      JSON.stringify({
        hosts: hosts.map(({ name, files, ...host }) => {
          const root = path.join(folder, String(index), name);
          for (const [file, text] of Object.entries(files)) {
            mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
            writeFileSync(path.join(root, file), text, { mode: 0o600 });
          }
          return { ...host, name, root, gateways, ruleset: 'etc/nftables.conf' in files };
        }),
        lans,
        flows,
        gateways: [`${gateways[0]}/24`, `${gateways[1]}/64`],
      }),
    );
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, 'jobs.jsonl');
    writeFileSync(file, `${lines.join('\n')}\n`);
    const helper = path.join(import.meta.dirname, 'mesh.py');
    const { status, stdout, stderr } = await namespace.run(['python3', helper, file], { seconds: 600 });
    if (status !== 0) throw new Error(`the mesh helper ended with status ${status}: ${stderr.trim().split('\n').slice(-3).join(' ')}`);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line): MeshResult => JSON.parse(line));
  });
}
