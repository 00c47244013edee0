// The language server, whatever carries its messages. Nothing here needs Node: the files come from a host.
import {
  type Connection,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  type InitializeParams,
  MessageType,
  SemanticTokensBuilder,
  TextDocumentSyncKind,
} from 'vscode-languageserver';
import { errorPlace, guarded, setFailureLog } from '../analysis/guard.ts';
import { levelsFrom } from '../analysis/levels.ts';
import { watchedGlobs } from '../analysis/recognise.ts';
import { completionsAt } from '../features/completion.ts';
import { hoverAt } from '../features/hover-at.ts';
import { semanticTokens, tokenModifiers, tokenTypes } from '../features/semantic-tokens.ts';
import { symbolsOf } from '../features/symbols.ts';
import type { FileHost } from '../host/host.ts';
import { isVersion, newestVersion } from '../nftables/vocabulary/versions.ts';
import { offsetAt, type Position, positionAt } from '../text/lines.ts';
import type { SourceFile } from '../text/source-file.ts';
import type { Span } from '../text/span.ts';
import { isTarget } from '../wireguard/targets/target.ts';
import { isWgVersion, newestWgVersion } from '../wireguard/version.ts';
import { type ActionContext, APPLY_FIX, applyFix, codeActions, FIX_ALL, tell } from './actions.ts';
import { clientFiles, combinedFiles } from './client-files.ts';
import { completionOf, markdownOf, rangeOf, spanOf, symbolOf } from './convert.ts';
import { daysOf, keyAgeWork } from './key-ages.ts';
import { serveNavigation } from './navigation.ts';
import { nftCheck } from './nft-check.ts';
import { serveReach } from './reach.ts';
import { withReach } from './reach-hover.ts';
import { type Workspace, workspaceOf } from './workspace.ts';

/** What a client may tell in `initializationOptions`; everything may be left out. */
interface Options {
  /** The client serves `meshwarden/findFiles` and `meshwarden/readFile`. */
  readonly files?: boolean;
  /** The client has the commands that lenses open views with, and hears `meshwarden/changed`. */
  readonly views?: boolean;
  /** Files may be written. Editors without workspace trust leave it out, which means they may. */
  readonly trusted?: boolean;
  readonly settings?: Settings;
}

interface Settings {
  readonly keyPath?: string;
  readonly keyMaxAge?: unknown;
  readonly wireguard?: { readonly version?: string; readonly targets?: readonly unknown[]; readonly amneziawg?: boolean };
  readonly nftables?: { readonly version?: string; readonly check?: boolean };
  /** Levels by rule. */
  readonly rules?: unknown;
  readonly lenses?: boolean;
}

const DEFAULT_KEY_PATH = '/etc/wireguard';

/** Serves one client. `own` reads and writes this machine's files; null where there are none (a web worker). */
export function startServer(connection: Connection, own: FileHost | null, version: string): void {
  setFailureLog((name, error) => connection.console.error(`${name} failed: ${errorPlace(error)}`));
  let trusted = true;
  let keyPath = DEFAULT_KEY_PATH;
  let asksNft = true;
  let wantsLenses = true;
  let params: InitializeParams | undefined;
  let files: FileHost = combinedFiles(own, null);
  let workspace: Workspace = workspaceOf(connection, files);
  const workspaceNow = (): Workspace => workspace;

  const keyAge = keyAgeWork(
    () => workspace,
    () => files,
    (error) => connection.console.error(`reading git’s history failed: ${errorPlace(error)}`),
  );

  const take = (settings: Settings | undefined): void => {
    const version = settings?.wireguard?.version;
    const wgVersion = isWgVersion(version) ? version : newestWgVersion;
    keyPath = typeof settings?.keyPath === 'string' && settings.keyPath.trim() ? settings.keyPath.trim() : DEFAULT_KEY_PATH;
    const { targets, amneziawg } = settings?.wireguard ?? {};
    const nft = settings?.nftables?.version;
    const nftVersion = typeof nft === 'string' && isVersion(nft) ? nft : newestVersion;
    workspace.configure(
      { wgVersion, nftVersion, amneziawg: amneziawg === true },
      { targets: Array.isArray(targets) ? targets.filter(isTarget) : [], levels: levelsFrom(settings?.rules) },
    );
    keyAge.configure(daysOf(settings?.keyMaxAge));
    asksNft = settings?.nftables?.check !== false;
    wantsLenses = settings?.lenses !== false;
    if (!asksNft) workspace.clearOpinions();
  };

  const reach = serveReach({
    connection,
    workspace: workspaceNow,
    lenses: () => wantsLenses,
    views: () => ((params?.initializationOptions ?? {}) as Options).views === true,
    refreshes: () => params?.capabilities.workspace?.codeLens?.refreshSupport === true,
  });

  connection.onInitialize((initialize) => {
    params = initialize;
    const options = (initialize.initializationOptions ?? {}) as Options;
    trusted = options.trusted !== false;
    files = combinedFiles(own, options.files ? clientFiles(connection) : null);
    workspace = workspaceOf(connection, files, reach.changed);
    take(options.settings);
    return {
      serverInfo: { name: 'Mesh Warden', version },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        hoverProvider: true,
        completionProvider: { triggerCharacters: ['[', '=', ' ', '@', '$', '.', ','] },
        documentSymbolProvider: true,
        foldingRangeProvider: true,
        documentLinkProvider: {},
        definitionProvider: true,
        referencesProvider: true,
        documentHighlightProvider: true,
        renameProvider: { prepareProvider: true },
        codeLensProvider: { resolveProvider: true },
        codeActionProvider: { codeActionKinds: ['quickfix', FIX_ALL] },
        executeCommandProvider: { commands: [APPLY_FIX] },
        semanticTokensProvider: { legend: { tokenTypes: [...tokenTypes], tokenModifiers: [...tokenModifiers] }, full: true, range: true },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });

  connection.onInitialized(() => {
    const { workspace: can } = params?.capabilities ?? {};
    if (can?.didChangeWatchedFiles?.dynamicRegistration) {
      const watchers = watchedGlobs.map((globPattern) => ({ globPattern }));
      connection.client
        .register(DidChangeWatchedFilesNotification.type, { watchers })
        .catch(() => connection.console.info('this client does not watch files'));
    }
    const folders = params?.workspaceFolders ?? (params?.rootUri ? [{ uri: params.rootUri, name: '' }] : []);
    for (const { uri } of folders) addFolder(uri);
    if (can?.workspaceFolders) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        for (const { uri } of removed) workspace.removeFolder(uri);
        for (const { uri } of added) addFolder(uri);
      });
    }
  });

  function addFolder(uri: string): void {
    workspace
      .addFolder(uri)
      .then(keyAge.changed)
      .catch((error: unknown) => connection.console.error(`reading a folder failed: ${errorPlace(error)}`));
  }

  connection.onDidChangeConfiguration(({ settings }) => take((settings as { readonly meshwarden?: Settings } | null)?.meshwarden));
  connection.onNotification('meshwarden/trusted', () => {
    trusted = true;
  });

  connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version: v, text } }) =>
    guarded('open', () => workspace.open(uri, languageId, v, text)),
  );
  connection.onDidChangeTextDocument(({ textDocument: { uri, version: v }, contentChanges }) =>
    guarded('change', () => workspace.change(uri, v, contentChanges)),
  );
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => guarded('close', () => workspace.close(uri)));
  const nft = nftCheck(
    connection,
    workspaceNow,
    () => files,
    () => trusted && asksNft,
  );
  connection.onDidSaveTextDocument(({ textDocument: { uri } }) => {
    workspace.saved(uri);
    nft.saved(uri);
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri, type } of changes) {
      if (type === FileChangeType.Deleted) workspace.removed(uri);
      else workspace.touched(uri);
    }
    keyAge.changed();
  });

  /** The file and the offset of a request; undefined where the file is not ours. */
  function at(uri: string, position: Position): { readonly source: SourceFile; readonly offset: number } | undefined {
    const source = workspace.current().files.get(uri)?.source;
    return source && { source, offset: offsetAt(source.lines, source.text, position) };
  }

  connection.onHover(({ textDocument: { uri }, position }, token) =>
    guarded('hover', () => {
      const place = at(uri, position);
      const hover = place && hoverAt(workspace.current(), uri, place.offset);
      if (!place || !hover) return null;
      return withReach(workspaceNow, uri, hover, () => token.isCancellationRequested).then((whole) => ({
        contents: markdownOf(whole),
        range: rangeOf(place.source, whole.span),
      }));
    }),
  );

  connection.onCompletion(({ textDocument: { uri }, position }) =>
    guarded('completion', () => {
      const place = at(uri, position);
      return place
        ? completionsAt(workspace.current(), uri, place.offset).map((offer, index) => completionOf(place.source, offer, index))
        : [];
    }),
  );

  connection.onDocumentSymbol(({ textDocument: { uri } }) =>
    guarded('symbols', () => {
      const source = workspace.current().files.get(uri)?.source;
      return source ? symbolsOf(workspace.current(), uri).map((symbol) => symbolOf(source, symbol)) : [];
    }),
  );

  serveNavigation(connection, workspaceNow);

  const actionContext = (): ActionContext => ({
    connection,
    workspace,
    files,
    settings: () => ({ keyPath }),
    trusted: () => trusted,
    snippets: () => params?.capabilities.workspace?.workspaceEdit?.snippetEditSupport === true,
  });
  connection.onCodeAction((request) => guarded('code action', () => codeActions(actionContext(), request)));
  connection.onExecuteCommand(async ({ command, arguments: [argument] = [] }) => {
    if (command !== APPLY_FIX) return;
    try {
      await applyFix(actionContext(), argument);
    } catch (error) {
      connection.console.error(`${APPLY_FIX} failed: ${errorPlace(error)}`);
      tell(connection, MessageType.Error, 'The fix failed; nothing was changed that was not told. The output of Mesh Warden says where.');
    }
  });

  const tokens = (uri: string, range: Span | null): { data: number[] } =>
    guarded('semantic tokens', () => buildTokens(workspace, uri, range)) ?? { data: [] };
  connection.languages.semanticTokens.on(({ textDocument: { uri } }) => tokens(uri, null));
  connection.languages.semanticTokens.onRange(({ textDocument: { uri }, range }) => {
    const source = workspace.current().files.get(uri)?.source;
    return source ? tokens(uri, spanOf(source, range)) : { data: [] };
  });

  connection.listen();
}

function buildTokens(workspace: Workspace, uri: string, range: Span | null): { data: number[] } {
  const file = workspace.current().files.get(uri);
  if (!file) return { data: [] };
  const { source } = file;
  const builder = new SemanticTokensBuilder();
  for (const { start, end, type, modifiers } of semanticTokens(file, range ?? { start: 0, end: source.text.length })) {
    // a token may run over several lines, an entry of the protocol may not
    for (let from = start; from < end; ) {
      const { line, character } = positionAt(source.lines, from);
      const lineEnd = source.lines[line + 1] ?? source.text.length;
      const to = Math.min(end, lineEnd);
      const length = source.text.slice(from, to).replace(/[\r\n]+$/, '').length;
      if (length > 0) builder.push(line, character, length, type, modifiers);
      from = to;
    }
  }
  return { data: builder.build().data };
}
