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
  /** The public keys in it that it has had for longer than somebody wants, by git’s history. Left out where nobody asked. */
  readonly oldKeys?: readonly OldKey[];
}

export interface OldKey {
  readonly key: string;
  /** The day from which the file is known to have it, as 2024-05-31. */
  readonly since: string;
}

export interface MeshFile {
  readonly uri: string;
  readonly facts: FileFacts;
  readonly disk?: DiskFacts | null;
}
