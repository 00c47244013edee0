// Whether a statement or expression may stand in the chain it stands in, by the chain's family, type and hook.
import type { Span } from '../../text/span.ts';
import { listed, quoted } from '../../text/words.ts';
import { placeByStatement } from '../vocabulary/places.ts';
import { type Checker, say } from './checker.ts';

/** `what`: a row of the vocabulary’s places. A chain that only others jump to may be called from anywhere, so its hook is not known. */
export function checkPlace(k: Checker, what: string, span: Span): void {
  const row = placeByStatement.get(what);
  if (!row) return;
  const { families, type, hooks, needs } = row;
  if (families && !families.includes(k.family)) {
    say(
      k,
      'wrong-place',
      span,
      `${shown(what)} stands in tables of family ${listed(families)}, and this one is of family ${k.family}: ${needs}`,
    );
    return;
  }
  const base = k.chain?.base;
  if (!base) return;
  const wrongType = type !== null && base.type !== null && base.type !== type;
  const wrongHook = base.hook !== null && !hooks.includes(base.hook);
  if (!wrongType && !wrongHook) return;
  const chains = `${type ? `chains of type ${type}` : 'chains'} at ${listed(hooks)}`;
  const found = wrongType ? `of type ${base.type}` : `at ${base.hook}`;
  say(k, 'wrong-place', span, `${shown(what)} stands in ${chains}, and this chain is ${found}: ${needs}`);
}

function shown(what: string): string {
  return what.startsWith('meta') ? what : quoted(what);
}
