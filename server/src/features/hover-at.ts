// The hover at a place, whatever the language.
import type { Analysis } from '../analysis/analysis.ts';
import type { Hover } from './hover.ts';
import { nftablesHover } from './nftables-hover.ts';
import { policyHover } from './policy-hover.ts';
import { wireguardHover } from './wireguard-hover.ts';

/** What is told at `offset` of a file; null where there is nothing to tell. */
export function hoverAt(analysis: Analysis, uri: string, offset: number): Hover | null {
  const file = analysis.files.get(uri);
  if (file?.wireguard) return wireguardHover(analysis, file, file.wireguard, offset);
  if (file?.nftables) return nftablesHover(analysis, file, file.nftables, offset);
  if (file?.policy) return policyHover(analysis, file, offset);
  return null;
}
