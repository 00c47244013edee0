// Which host a file belongs to, by where it lies: the folder above `etc/`, else its own folder.

export interface Location {
  /** The folder's URI, without a slash at its end. */
  readonly folder: string;
  /** The folder that stands for the host. */
  readonly root: string;
  /** Whether the root was told by `etc/`: then everything below it is that host's. */
  readonly whole: boolean;
  /** The file's name without its last extension. */
  readonly stem: string;
  readonly fileName: string;
}

export function locationOf(uri: string): Location {
  const slash = uri.lastIndexOf('/');
  const folder = uri.slice(0, Math.max(0, slash));
  const fileName = decoded(uri.slice(slash + 1));
  const stem = fileName.replace(/(?<=.)\.[^.]*$/, '');
  const etc = /^(.*?)\/(?:usr\/local\/)?etc(?:\/|$)/.exec(folder);
  return etc ? { folder, root: etc[1] as string, whole: true, stem, fileName } : { folder, root: folder, whole: false, stem, fileName };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Names that say nothing about whose file it is. */
const COMMON_STEM = /^wg[-_]?\d*$/i;
const COMMON_FOLDER = /^(wireguard|etc|conf|config|configs|vpn|amneziawg)?$/i;

/** What to call a host: its folder, or where the folder says nothing or is shared, its file. */
export function hostName({ root, whole, stem }: Location, shared: boolean): string {
  const folder = decoded(root.slice(root.lastIndexOf('/') + 1));
  if (whole) return COMMON_FOLDER.test(folder) ? 'this host' : folder;
  if (shared || !COMMON_STEM.test(stem) || COMMON_FOLDER.test(folder)) return stem;
  return folder;
}

/** Whether a ruleset at `file` may be that of the host at `host`: below its root, or in the folder of a config without `etc/`. */
export function belongsTo(file: Location, host: Location): boolean {
  if (host.whole) return file.folder === host.root || file.folder.startsWith(`${host.root}/`);
  return file.folder === host.root || file.folder.startsWith(`${host.root}/nftables`);
}
