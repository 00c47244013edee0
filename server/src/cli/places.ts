// Where in the files an origin stands, as commands print it: a path relative to the working folder, and a line.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ParsedFile, placeSpan } from '../analysis/parsed-file.ts';
import { positionAt } from '../text/lines.ts';
import type { Origin } from '../text/origin.ts';

export type Files = ReadonlyMap<string, ParsedFile>;

export interface PrintedPlace {
  /** Relative to the working folder, with slashes. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/** null for what no file of these says. */
export function printedPlace(files: Files, folder: string, { uri, ...place }: Origin): PrintedPlace | null {
  const file = files.get(uri);
  const span = file && placeSpan(file, place);
  if (!file || !span) return null;
  return { path: shownPath(uri, folder), line: positionAt(file.source.lines, span.start).line + 1 };
}

/** Relative to the working folder, with slashes. */
export function shownPath(uri: string, folder: string): string {
  return path.relative(folder, fileURLToPath(uri)).split(path.sep).join('/');
}
