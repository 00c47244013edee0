// Whom a group, a grant or a test names, read from their texts.
import { hasHostBits, masked, parsePrefix, prefixText } from '../net/address.ts';
import { quoted } from '../text/words.ts';
import type { Party } from './facts.ts';
import { itemAt, type Notes, type Text, tell } from './json.ts';

/** What a name may be in the end is known only with the mesh, so any text that is no address is one. Null where it cannot be taken. */
export function partyOf({ text, span, inside }: Text, notes: Notes): Party | null {
  const name = text.trim();
  if (name === '') {
    tell(notes, span, 'A name is missing: write a host, a group, an address, or * for everybody.');
    return null;
  }
  const at = itemAt(notes, inside ?? span);
  if (name === '*') return { kind: 'any', at };
  const written = parsePrefix(name);
  if (written) {
    if (hasHostBits(written)) tell(notes, span, `${quoted(name)} names a host in a network: write ${prefixText(masked(written))}.`);
    return { kind: 'prefix', prefix: masked(written), at };
  }
  if (/^[\d.:/]+$/.test(name)) {
    tell(notes, span, `${quoted(name)} is no address: write one like 10.10.0.2, fd00:10::2 or 192.168.7.0/24.`);
    return null;
  }
  if (inside) notes.names.push({ name: text, span: inside, makes: null });
  return { kind: 'name', name: text, at };
}
