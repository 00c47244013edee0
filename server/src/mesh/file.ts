// A file as the mesh sees it: what it says, and what the disk says of it.
import type { NftablesFacts } from '../nftables/facts.ts';
import type { PolicyFacts } from '../policy/facts.ts';
import type { WireguardFacts } from '../wireguard/facts.ts';
import type { PublicKeyFacts } from '../wireguard/public-key-file.ts';

export type FileFacts = WireguardFacts | NftablesFacts | PublicKeyFacts | PolicyFacts;

/** What the disk and git say of a file; null where it cannot be told. */
export interface DiskFacts {
  /** Every user of the machine may read it: the mode of the file and of its folder both let others in. */
  readonly openToOthers: boolean | null;
  /** In git's index. */
  readonly tracked: boolean | null;
  /** A .gitignore names it. */
  readonly ignored: boolean | null;
}

export interface MeshFile {
  readonly uri: string;
  readonly facts: FileFacts;
  readonly disk?: DiskFacts | null;
}
