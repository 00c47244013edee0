// The mesh as it was before it was edited: as it is on disk, and as it was committed.

import type { Files, ParsedFile } from '../analysis/parsed-file.ts';
import { type BuiltMesh, buildMesh } from '../mesh/build.ts';
import type { MeshModel } from '../mesh/model.ts';
import type { Workspace } from './workspace.ts';

export type Base = 'saved' | 'committed';

export interface Baselines {
  /** null where nobody tells what was committed. */
  model(base: Base): MeshModel | null;
  /** The file as it was; undefined where it was not there. */
  file(base: Base, uri: string): ParsedFile | undefined;
  /** What of the files was committed with another text than they have on disk, null for one that was not there; null where nobody tells. */
  setCommitted(texts: ReadonlyMap<string, string | null> | null): void;
}

export function baselinesOf(workspace: () => Workspace): Baselines {
  const built = new Map<Base, BuiltMesh>();
  let committed: ReadonlyMap<string, string | null> | null = null;
  let parsed = new Map<string, ParsedFile>();

  function filesOf(base: Base): Files {
    const onDisk = workspace().onDisk();
    if (base === 'saved' || !committed) return onDisk;
    const all = new Map<string, ParsedFile>();
    for (const uri of [...new Set([...onDisk.keys(), ...committed.keys()])].sort()) {
      const disk = onDisk.get(uri);
      const text = committed.get(uri);
      const file = text === undefined ? disk : committedFile(uri, text, disk);
      if (file) all.set(uri, file);
    }
    return all;
  }

  function committedFile(uri: string, text: string | null, disk: ParsedFile | undefined): ParsedFile | undefined {
    if (text === null) return undefined;
    if (disk?.source.text === text) return disk;
    const before = parsed.get(uri);
    const file = before?.source.text === text ? before : workspace().readAs(uri, text);
    if (!file) return undefined;
    parsed.set(uri, file);
    return { ...file, disk: disk?.disk ?? null };
  }

  return {
    model(base) {
      if (base === 'committed' && !committed) return null;
      const files = filesOf(base);
      const { mesh, files: current } = workspace().glance();
      if (files.size === current.size && [...files].every(([uri, file]) => file === current.get(uri))) return mesh.model;
      const meshFiles = [...files.values()].map(({ source, facts, disk }) => ({ uri: source.uri, facts, disk }));
      const next = buildMesh(meshFiles, built.get(base) ?? mesh);
      built.set(base, next);
      return next.model;
    },
    file: (base, uri) => (base === 'committed' && !committed ? undefined : filesOf(base).get(uri)),
    setCommitted(texts) {
      committed = texts;
      parsed = new Map();
    },
  };
}
