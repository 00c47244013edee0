// All of the server that is about who reaches whom: lenses, views, and word of what changes them.
import { CodeLensRefreshRequest, type Connection } from 'vscode-languageserver';
import type { BuiltMesh } from '../mesh/build.ts';
import { baselinesOf } from './baselines.ts';
import { editChanges } from './edit-changes.ts';
import { serveLenses } from './lenses.ts';
import { serveViews } from './views.ts';
import type { Workspace } from './workspace.ts';

export interface ReachContext {
  readonly connection: Connection;
  readonly workspace: () => Workspace;
  /** Whether lenses are wanted. */
  readonly lenses: () => boolean;
  /** Whether the client has our views. */
  readonly views: () => boolean;
  /** Whether the client asks for lenses again when it is told to. */
  readonly refreshes: () => boolean;
}

export interface ReachService {
  /** The files, or how they are read, may be others. */
  readonly changed: () => void;
}

/** Views are told once nothing has changed for so many milliseconds: they are drawn anew as a whole. */
const PAUSE = 200;

export function serveReach({ connection, workspace, lenses, views, refreshes }: ReachContext): ReachService {
  const baselines = baselinesOf(workspace);
  const changes = editChanges(workspace, baselines);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let told: { readonly mesh: BuiltMesh; readonly lenses: boolean } | null = null;
  let isOther = false;

  // the file that is typed in is asked about anyway; others that show are not
  const refresh = (): void => {
    connection.sendRequest(CodeLensRefreshRequest.type).catch(() => connection.console.info('this client does not refresh lenses'));
  };
  const served = serveLenses({ connection, workspace, baselines, changes, wanted: lenses, commands: views, refreshes, refresh });
  serveViews({
    connection,
    workspace,
    baselines,
    changes,
    committed: () => {
      isOther = true;
      changed();
    },
  });

  function tell(): void {
    const { mesh } = workspace().glance();
    const wanted = lenses();
    if (!isOther && told?.mesh === mesh && told.lenses === wanted) return;
    told = { mesh, lenses: wanted };
    isOther = false;
    if (views()) void connection.sendNotification('meshwarden/changed');
    if (served.asked() && refreshes()) refresh();
  }

  function changed(): void {
    clearTimeout(timer);
    timer = setTimeout(tell, PAUSE);
  }

  return { changed };
}
