// How loud each rule is in each file: as the editor's settings say, and over them the workspace files above it.
import type { Level } from '../policy/facts.ts';
import { levelNames } from '../policy/facts.ts';
import { equalData } from '../text/equal.ts';
import type { Files } from './parsed-file.ts';

/** Levels by rule. */
export type Levels = Readonly<Record<string, Level>>;

export const noLevels: Levels = {};

export interface WorkspaceLevels {
  readonly settings: Levels;
  /** The folders of workspace files with what each says, outermost first. */
  readonly folders: readonly { readonly folder: string; readonly rules: Levels }[];
}

/** The levels of a workspace; `old` itself where nothing changed. */
export function workspaceLevels(files: Files, settings: Levels, old?: WorkspaceLevels): WorkspaceLevels {
  const folders: { folder: string; rules: Levels }[] = [];
  for (const [uri, { policy }] of files)
    if (policy) folders.push({ folder: uri.slice(0, uri.lastIndexOf('/') + 1), rules: policy.facts.rules });
  folders.sort((a, b) => a.folder.length - b.folder.length);
  const next = { settings, folders };
  return old && equalData(old, next) ? old : next;
}

/** The level that somebody set for a rule in a file; undefined where nobody did. The workspace file wins: it is the team's. */
export function levelOf({ settings, folders }: WorkspaceLevels, uri: string, rule: string): Level | undefined {
  let level = settings[rule];
  for (const { folder, rules } of folders) if (uri.startsWith(folder)) level = rules[rule] ?? level;
  return level;
}

/** What of the editor's setting `meshwarden.rules` can be taken. */
export function levelsFrom(setting: unknown): Levels {
  if (typeof setting !== 'object' || setting === null) return noLevels;
  const levels: Record<string, Level> = {};
  for (const [rule, value] of Object.entries(setting)) {
    const level = levelNames.find((one) => one === value);
    if (level) levels[rule] = level;
  }
  return levels;
}
