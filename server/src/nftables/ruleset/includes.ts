// Where an include looks: nft's rules about its path, and the matching of its pattern (scanner.l, scanner_include_file; glob(7)).

import { encodedPart } from '../../text/uri.ts';

export function isPattern(path: string): boolean {
  return /[*?[]/.test(path);
}

/** The places that an include may mean, as URIs that may hold a pattern, the likeliest first. */
export interface IncludePlaces {
  /** Of the file that includes. */
  readonly folder: string;
  /** The folder that stands for the `/` of the host that loads it; null where nothing tells it. */
  readonly root: string | null;
}

/**
 * A path that begins with `/` is the host's; one with `./` or `../` is taken from where nft runs, which people write as if it were
 * the file's own folder; any other is looked for in nft’s include path, /etc (nft(8), `-I`), and by newer nft beside the file too (libnftables.c,
 * nft_ctx_add_basedir_include_path).
 */
export function includePlaces(path: string, { folder, root }: IncludePlaces): readonly string[] {
  const relative = (): string | null => joined(folder, path);
  const absolute = (full: string): string | null => (root === null ? null : joined(root, full));
  const places = path.startsWith('/')
    ? [absolute(path.slice(1))]
    : /^\.\.?\//.test(path)
      ? [relative(), absolute(path)]
      : [absolute(`etc/${path}`), relative()];
  return [...new Set(places.filter((place) => place !== null))];
}

/** `path` from a folder's URI; null where it leads out above the top. */
function joined(folder: string, path: string): string | null {
  const [, top = '', rest = ''] = /^([a-z][\w+.-]*:(?:\/\/[^/]*)?)?(.*)$/i.exec(folder) ?? [];
  const parts = rest.split('/').filter((part) => part !== '');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(encodePart(part));
    else if (parts.pop() === undefined) return null;
  }
  return `${top}/${parts.join('/')}`;
}

/** As a file's URI writes the part, but for what makes a pattern. */
function encodePart(part: string): string {
  return part.replace(/[^\w.~!$&'()*+,;=@?[\]^-]+/g, encodedPart);
}

/** The folder of a place, up to its first part that is a pattern. */
export function fixedFolder(place: string): string {
  const parts = place.split('/');
  const first = parts.findIndex((part) => isPattern(part));
  return parts.slice(0, first < 0 ? -1 : first).join('/');
}

/** What matches a place, as glob(3) does: no part's pattern takes a leading dot or a slash. */
export function placePattern(place: string): RegExp {
  const parts = place.split('/').map((part) => {
    if (!isPattern(part)) return escaped(part);
    const pattern = part.replace(/\[(!?)([^\]]+)\]|\*|\?|[^[*?]+|\[/g, (piece, not: string | undefined, set: string | undefined) => {
      if (piece === '*') return '[^/]*';
      if (piece === '?') return '[^/]';
      if (set !== undefined) return `[${not === '!' ? '^/' : ''}${set.replace(/[\\\]^]/g, '\\$&')}]`;
      return escaped(piece);
    });
    return /^[*?[]/.test(part) ? `(?!\\.)${pattern}` : pattern;
  });
  return new RegExp(`^${parts.join('/')}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
