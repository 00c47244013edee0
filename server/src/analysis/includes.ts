// Which files a ruleset's includes call for that are to be read: only below its own host's root, its own folder or the workspace,
// so that no text can make us read elsewhere.

import { placesOf } from '../mesh/includes.ts';
import { locationOf } from '../mesh/location.ts';
import { includePaths, isPattern } from '../nftables/ruleset/includes.ts';
import type { ParsedFile } from './parsed-file.ts';

export interface WantedPlace {
  /** A URI, or a pattern of URIs. */
  readonly place: string;
  readonly pattern: boolean;
}

export function wantedPlaces({ source, facts }: ParsedFile, folders: Iterable<string>): readonly WantedPlace[] {
  if (facts.language !== 'nftables') return [];
  const { folder, root, whole } = locationOf(source.uri);
  const allowed = [...folders, folder, ...(whole ? [root] : [])];
  return includePaths(facts).flatMap((path) =>
    placesOf(source.uri, path)
      .filter((place) => allowed.some((one) => place.startsWith(one.endsWith('/') ? one : `${one}/`)))
      .map((place) => ({ place, pattern: isPattern(path) })),
  );
}
