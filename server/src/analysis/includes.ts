// Which files a ruleset's includes and a config's hooks call for that are to be read: only below its own host's root, its own folder or the workspace,
// so that no text can make us read elsewhere.

import { hookFilePlaces, hookFiles } from '../mesh/hook-rulesets.ts';
import { placesOf } from '../mesh/includes.ts';
import { locationOf } from '../mesh/location.ts';
import { isPattern } from '../nftables/ruleset/includes.ts';
import type { ParsedFile } from './parsed-file.ts';

export interface WantedPlace {
  /** A URI, or a pattern of URIs. */
  readonly place: string;
  readonly pattern: boolean;
}

export function wantedPlaces({ source, facts }: ParsedFile, folders: Iterable<string>): readonly WantedPlace[] {
  if (facts.language === 'public-key' || facts.language === 'policy') return [];
  const { folder, root, whole, stem } = locationOf(source.uri);
  const allowed = [...folders, folder, ...(whole ? [root] : [])];
  const wanted: WantedPlace[] =
    facts.language === 'nftables'
      ? facts.includes.flatMap((path) => placesOf(source.uri, path).map((place) => ({ place, pattern: isPattern(path) })))
      : hookFiles(facts.interface).flatMap((path) =>
          hookFilePlaces(source.uri, path.replaceAll('%i', stem)).map((place) => ({ place, pattern: false })),
        );
  return wanted.filter(({ place }) => allowed.some((one) => place.startsWith(one.endsWith('/') ? one : `${one}/`)));
}
