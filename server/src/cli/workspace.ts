// A folder with all that is read of it, for commands that ask about its mesh.
import type { ParsedFile } from '../analysis/parsed-file.ts';
import { type BuiltMesh, buildMesh } from '../mesh/build.ts';
import type { PolicyFile } from '../mesh/known-hosts.ts';
import type { Origin } from '../text/origin.ts';
import type { Surroundings } from './command.ts';
import { gather } from './gather.ts';
import { type PrintedPlace, printedPlace } from './places.ts';
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

/** The line of a place; null where its text has moved on. */
export function lineOf({ files, folder }: Pick<Workspace, 'files' | 'folder'>, origin: Origin): PrintedPlace | null {
  return printedPlace(files, folder, origin);
}
