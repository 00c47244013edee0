// What stands at an offset of a workspace file, for completion: the text may be half written.
import { getLocation } from 'jsonc-parser';
import type { Span } from '../text/span.ts';

export interface PolicyPlace {
  /** A host or group; a service; a host or group with a service, as in a test. */
  readonly wants: 'party' | 'service' | 'target';
  /** Between the quotation marks. */
  readonly span: Span;
  /** Of a target: the part that names whom, up to its service. */
  readonly before: string;
}

/** Null where no name and no service may stand, or outside of a text's quotation marks. */
export function policyPlaceAt(text: string, offset: number): PolicyPlace | null {
  const { path, previousNode, isAtPropertyKey } = getLocation(text, offset);
  if (isAtPropertyKey || previousNode?.type !== 'string') return null;
  const start = previousNode.offset + 1;
  const closed = previousNode.length > 1 && text[previousNode.offset + previousNode.length - 1] === '"';
  const end = previousNode.offset + previousNode.length - (closed ? 1 : 0);
  if (offset < start || offset > end) return null;
  const wants = wantedAt(path);
  return wants && { wants, span: { start, end }, before: text.slice(start, offset) };
}

function wantedAt([top, second, third]: readonly (string | number)[]): PolicyPlace['wants'] | null {
  if (top === 'groups') return typeof second === 'string' ? 'party' : null;
  if (top === 'grants') return third === 'src' || third === 'dst' ? 'party' : third === 'ip' ? 'service' : null;
  if (top !== 'tests') return null;
  return third === 'src' ? 'party' : third === 'accept' || third === 'deny' ? 'target' : null;
}
