// A folder with all that is read of it, for commands that ask about its mesh.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ParsedFile, placeSpan } from '../analysis/parsed-file.ts';
import { type BuiltMesh, buildMesh } from '../mesh/build.ts';
import type { PolicyFile } from '../mesh/known-hosts.ts';
import { positionAt } from '../text/lines.ts';
import type { Origin } from '../text/origin.ts';
import type { Surroundings } from './command.ts';
import { gather } from './gather.ts';
import type { Reader } from './reader.ts';

export interface Workspace {
  readonly files: ReadonlyMap<string, ParsedFile>;
  readonly mesh: BuiltMesh;
  readonly policies: readonly PolicyFile[];
  /** That paths are told relative to. */
  readonly folder: string;
}

/** Reads a folder. Null where something cannot be read, which is told. */
export async function readWorkspace(given: string, { folder, err }: Surroundings, reader?: Reader): Promise<Workspace | null> {
  const { files: found, included, troubles } = await gather([given], folder, {}, reader);
  for (const trouble of troubles) err.write(`meshwarden: ${trouble}\n`);
  return troubles.length > 0 ? null : workspaceOf(new Map([...found, ...included]), folder);
}

export function workspaceOf(files: ReadonlyMap<string, ParsedFile>, folder: string): Workspace {
  const mesh = buildMesh([...files.values()].map(({ source, facts }) => ({ uri: source.uri, facts })));
  const policies = [...files.values()].flatMap(({ source: { uri }, facts }) => (facts.language === 'policy' ? [{ uri, facts }] : []));
  return { files, mesh, policies, folder };
}

/** Relative to the working folder, with slashes. */
export function shownPath(uri: string, folder: string): string {
  return path.relative(folder, fileURLToPath(uri)).split(path.sep).join('/');
}

export interface Line {
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/** The line of a place; null where its text has moved on. */
export function lineOf({ files, folder }: Pick<Workspace, 'files' | 'folder'>, { uri, ...place }: Origin): Line | null {
  const file = files.get(uri);
  const span = file && placeSpan(file, place);
  return file && span ? { path: shownPath(uri, folder), line: positionAt(file.source.lines, span.start).line + 1 } : null;
}
