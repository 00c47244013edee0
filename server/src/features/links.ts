// Links from an `include` to the files that it names, where they are here: on their host they lie below its root.
import type { Analysis } from '../analysis/analysis.ts';
import { locationOf } from '../mesh/location.ts';
import type { Span } from '../text/span.ts';
import { headWidth } from '../text/statement.ts';

export interface Link {
  readonly span: Span;
  readonly target: string;
}

export function linksOf(analysis: Analysis, uri: string): readonly Link[] {
  const file = analysis.files.get(uri);
  if (!file?.nftables) return [];
  const { root, folder } = locationOf(uri);
  const links: Link[] = [];
  let at = headWidth(file.nftables.root);
  for (const { syntax, width } of file.nftables.root.body) {
    if (syntax.kind === 'include' && syntax.path) {
      const span = { start: at + syntax.path.start, end: at + syntax.path.end };
      const path = file.source.text.slice(span.start, span.end).replace(/^["']|["']$/g, '');
      // nft looks for what does not begin with / or . in its include path, /etc unless told otherwise (nft(8), INCLUDE FILES)
      const bases = path.startsWith('/') ? [root] : [`${folder}/`, `${root}/etc/`];
      const [target] = bases.flatMap((base) => firstLike(analysis, base + path.replace(/^\.\//, '')));
      if (target !== undefined) links.push({ span, target });
    }
    at += width;
  }
  return links;
}

/** The first file, in alphabetical order as nft reads them, whose URI a pattern with `*` takes. */
function firstLike(analysis: Analysis, pattern: string): readonly string[] {
  const plain = (text: string): string => text.replace(/[\\^$.+?()[\]{}|]/g, '\\$&');
  const like = new RegExp(`^${pattern.split('*').map(plain).join('[^/]*')}$`);
  return [...analysis.files.keys()]
    .filter((uri) => like.test(uri))
    .sort()
    .slice(0, 1);
}
