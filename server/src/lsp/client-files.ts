// The files of the editor, asked for through the protocol: for a server in a browser, and for folders that are on no disk.
import type { Connection } from 'vscode-languageserver';
import { watchedGlobs } from '../analysis/recognise.ts';
import type { FileHost, ReadAnswer } from '../host/host.ts';
import { placePattern } from '../nftables/ruleset/includes.ts';

/** Asks the client by `meshwarden/findFiles` and `meshwarden/readFile`; only clients that said they serve them are asked. */
export function clientFiles(connection: Connection): FileHost {
  return {
    async find(folderUri) {
      const found = await Promise.all(
        watchedGlobs.map((include) => connection.sendRequest<readonly string[]>('meshwarden/findFiles', { include })),
      );
      return [...new Set(found.flat())]
        .filter((uri) => uri === folderUri || uri.startsWith(folderUri.endsWith('/') ? folderUri : `${folderUri}/`))
        .sort();
    },
    async glob(pattern) {
      // the editor's patterns are of paths in the workspace, not of URIs: by the last part, and what matches the whole is kept
      const include = `**/${decodeURIComponent(pattern.slice(pattern.lastIndexOf('/') + 1))}`;
      const found = await connection.sendRequest<readonly string[]>('meshwarden/findFiles', { include });
      const matches = placePattern(pattern);
      return found.filter((uri) => matches.test(uri)).sort();
    },
    read: (uri, limit) => connection.sendRequest<ReadAnswer>('meshwarden/readFile', { uri, limit }),
  };
}

/** Takes `own` for what it can reach (files of this machine), and `client` for the rest. */
export function combinedFiles(own: FileHost | null, client: FileHost | null): FileHost {
  const nobody: FileHost = {
    find: () => Promise.resolve([]),
    glob: () => Promise.resolve([]),
    read: () => Promise.resolve({ problem: 'unreadable', detail: 'nobody here can read it' }),
  };
  const of = (uri: string): FileHost => (uri.startsWith('file:') ? (own ?? client) : (client ?? own)) ?? nobody;
  return {
    find: (folder) => of(folder).find(folder),
    glob: (pattern) => of(pattern).glob(pattern),
    read: (uri, limit) => of(uri).read(uri, limit),
    facts: (uri) => of(uri).facts?.(uri) ?? Promise.resolve(null),
    ...(own?.history ? { history: own.history } : {}),
    ...(own?.writeSecret ? { writeSecret: own.writeSecret } : {}),
    ...(own?.checkRuleset ? { checkRuleset: own.checkRuleset } : {}),
  };
}
