// Sections of a dialect: what stands in their brackets, which of wg's two sections they are, and the keys they have.
import type { KeyRow, SectionName } from '../vocabulary.ts';

/** Who reads a file of WireGuard's: wg-quick and wg, or one of the network managers that bring an interface up by themselves. */
export type Dialect = 'wg-quick' | 'networkd' | 'networkmanager';

export interface HeaderRow {
  /** As in the brackets; of a peer of NetworkManager without its key. */
  readonly name: string;
  /** Which section of wg's it stands for; null where it is about something else. */
  readonly is: SectionName | null;
  readonly says: string;
  /** Whether `name` ends in a dot behind which a public key stands. */
  readonly keyed?: boolean;
  readonly keys: readonly KeyRow[];
  /** Whether `keys` are all there are: in WireGuard's own sections, of which we know each. */
  readonly complete: boolean;
}

/** The row of a key in a section. Of numbered keys (`address1`, `address2` …) the first has the row. */
export function keyIn(header: HeaderRow, name: string): KeyRow | undefined {
  const numbered = name.replace(/[0-9]+$/, '1');
  return header.keys.find((row) => row.name === name) ?? header.keys.find((row) => row.name === numbered && numbered !== name);
}
