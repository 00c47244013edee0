// What we say of one text alone that the real tool would refuse.
import { analyse, shownFindings } from '../../server/src/analysis/analysis.ts';
import { type ParseOptions, parsedFile } from '../../server/src/analysis/parsed-file.ts';

import { sourceFile } from '../../server/src/text/source-file.ts';

const uris = { nftables: 'file:///etc/nftables.conf', wireguard: 'file:///etc/wireguard/wg0.conf' } as const;

export function refusals(language: 'nftables' | 'wireguard', text: string, options: ParseOptions = {}): ReturnType<typeof shownFindings> {
  const uri = uris[language];
  const files = new Map([[uri, parsedFile(sourceFile(uri, 1, language, text), undefined, null, options)]]);
  return shownFindings(analyse(files), uri).filter((finding) => finding.refusedBy !== null);
}
