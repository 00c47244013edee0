// The apps that a config of wg-quick's may be given to, and what a reader of theirs has to say.
import type { Span } from '../../text/span.ts';
import type { WireguardTree } from '../tree.ts';

export const targets = ['wg-quick', 'windows', 'macos', 'android', 'networkmanager-import'] as const;
export type Target = (typeof targets)[number];

export function isTarget(name: unknown): name is Target {
  return (targets as readonly unknown[]).includes(name);
}

export const targetNames: Readonly<Record<Target, string>> = {
  'wg-quick': 'wg-quick',
  windows: 'WireGuard for Windows',
  macos: 'WireGuard for macOS and iOS',
  android: 'WireGuard for Android',
  'networkmanager-import': 'NetworkManager’s import',
};

/** What an app would do with a place of the file. */
export interface TargetProblem extends Span {
  /** The whole file is refused for it; otherwise what stands there is dropped without a word. */
  readonly refuses: boolean;
  /** What is wrong and what to do, behind the app's name. */
  readonly message: string;
}

export type TargetReader = (tree: WireguardTree, text: string) => readonly TargetProblem[];
