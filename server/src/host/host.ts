// What the outside offers: files, and nft. Everything else asks through this, so that the server runs where there is no file system.

export type ReadAnswer = { readonly text: string } | { readonly problem: 'missing' | 'unreadable' | 'too-large'; readonly detail: string };

export interface SecretFile {
  /** The file that holds the secret now. */
  readonly besideUri: string;
  readonly fileName: string;
  /** The key's characters. Held no longer than the call. */
  readonly characters: string;
}

/** What nft said of a file. */
export interface NftAnswer {
  readonly accepted: boolean;
  readonly said: string;
}

/** What the disk and git say of a file, null where it cannot be told. `mesh/model.ts` says what each means. */
export interface FileFacts {
  readonly openToOthers: boolean | null;
  readonly tracked: boolean | null;
  readonly ignored: boolean | null;
}

/** A file as it was for a time. */
export interface FileVersion {
  readonly text: string;
  /** When it came, or the oldest moment from which it is known to have been so; seconds since 1970. */
  readonly from: number;
}

export interface FileHost {
  /** The URIs of the files below a folder that may be ours, by name. */
  find(folderUri: string): Promise<readonly string[]>;
  /** The URIs of the ordinary files that match a pattern of URIs (`nftables/ruleset/includes.ts`), by name. */
  glob(pattern: string): Promise<readonly string[]>;
  /** A file's text, read as UTF-8; larger than `limit` bytes is told, not read. */
  read(uri: string, limit: number): Promise<ReadAnswer>;
  /** Mode and git's view of a file. Absent where there is no real file system. */
  facts?(uri: string): Promise<FileFacts | null>;
  /**
   * Calls `visit` for the versions of files that git has, of each the newest first; false from it ends that file’s. A bounded number of
   * commits is read, a little at a time. Absent where there is no real file system.
   */
  history?(uris: readonly string[], visit: (uri: string, version: FileVersion) => boolean): Promise<void>;
  /** Writes a key to a new file beside another one: mode 0600, never over a file, and out of git's sight. Absent where there is no real file system. */
  writeSecret?(file: SecretFile): Promise<{ readonly path: string } | { readonly problem: string }>;
  /** Asks the machine's nft about a file; null where it has none, or none that answers in time. Absent where no process can be run. */
  checkRuleset?(uri: string, milliseconds: number): Promise<NftAnswer | null>;
}
