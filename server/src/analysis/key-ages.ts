// How long files have had the keys in them, from their versions in git. What a version holds is read as any config is, and nothing else of it is
// kept.
import type { OldKey } from '../mesh/file.ts';
import type { Language } from '../text/source-file.ts';
import { sourceFile } from '../text/source-file.ts';
import { parsedFile } from './parsed-file.ts';

/** The public keys that a config names: its own, and those of its peers. */
export function keysIn(text: string, language: Language): ReadonlySet<string> {
  const { facts } = parsedFile(sourceFile('', 0, language, text));
  const keys = new Set<string>();
  if (facts.language !== 'wireguard') return keys;
  const { privateKey, statedPublicKey } = facts.interface;
  for (const key of [privateKey?.value.publicKey, statedPublicKey?.value]) if (key) keys.add(key);
  for (const { publicKey, publicKeyIsSecret } of facts.peers) if (publicKey?.value && !publicKeyIsSecret) keys.add(publicKey.value);
  return keys;
}

/** Reads the versions of one file, the newest first. */
export interface KeyAges {
  /** The next older version, and the moment from which it was there, in seconds since 1970; false where no older one can say more. */
  add(text: string, from: number): boolean;
  /** The keys that the newest version has, and has had since before `moment`. */
  before(moment: number): readonly OldKey[];
}

export function keyAges(language: Language): KeyAges {
  const since = new Map<string, number>();
  /** Those that every version so far has. */
  let open: readonly string[] | null = null;
  return {
    add(text, from) {
      const keys = keysIn(text, language);
      open = open === null ? [...keys] : open.filter((key) => keys.has(key));
      for (const key of open) since.set(key, from);
      return open.length > 0;
    },
    before: (moment) =>
      [...since].flatMap(([key, from]) => (from < moment ? [{ key, since: new Date(from * 1000).toISOString().slice(0, 10) }] : [])),
  };
}
