// What was committed of our files, asked of VS Code's own git extension; where there is none nothing is told. We run no git ourselves.
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { ask } from './requests.ts';

/** The part of `vscode.git`'s API that we use (extensions/git/src/api/git.d.ts). */
interface GitApi {
  readonly state: 'uninitialized' | 'initialized';
  readonly onDidChangeState: vscode.Event<unknown>;
  readonly repositories: readonly Repository[];
  readonly onDidOpenRepository: vscode.Event<Repository>;
  readonly onDidCloseRepository: vscode.Event<Repository>;
}

interface Repository {
  readonly rootUri: vscode.Uri;
  readonly state: RepositoryState & { readonly onDidChange: vscode.Event<void> };
  show(ref: string, path: string): Promise<string>;
}

interface RepositoryState {
  readonly HEAD: { readonly commit?: string } | undefined;
  readonly mergeChanges: readonly GitChange[];
  readonly indexChanges: readonly GitChange[];
  readonly workingTreeChanges: readonly GitChange[];
  /** Absent in older ones, which list them among the working tree's. */
  readonly untrackedChanges?: readonly GitChange[];
}

interface GitChange {
  readonly uri: vscode.Uri;
  readonly originalUri: vscode.Uri;
}

/** More changed files are not asked about: somebody is in the middle of something else. */
const MOST = 200;
const PAUSE = 500;

export function tellCommitted(client: BaseLanguageClient): vscode.Disposable {
  const held: vscode.Disposable[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;

  async function api(): Promise<GitApi | null> {
    const extension = vscode.extensions.getExtension<{ readonly enabled: boolean; getAPI(version: 1): GitApi }>('vscode.git');
    if (!extension) return null;
    try {
      const exported = await extension.activate();
      return exported.enabled ? exported.getAPI(1) : null;
    } catch {
      // it is there and does not run: as if it were not
      return null;
    }
  }

  function later(git: GitApi): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      tell(client, git).catch((error: unknown) => client.debug(`git did not tell what was committed: ${String(error)}`));
    }, PAUSE);
  }

  async function begin(): Promise<void> {
    const git = await api();
    if (!git || isOver) return;
    const watch = (repository: Repository): void => void held.push(repository.state.onDidChange(() => later(git)));
    for (const repository of git.repositories) watch(repository);
    held.push(
      git.onDidOpenRepository((repository) => {
        watch(repository);
        later(git);
      }),
      git.onDidCloseRepository(() => later(git)),
      // a server that was started again knows nothing
      client.onDidChangeState(() => later(git)),
    );
    later(git);
  }

  begin().catch((error: unknown) => client.debug(`git cannot be asked: ${String(error)}`));
  return new vscode.Disposable(() => {
    isOver = true;
    clearTimeout(timer);
    for (const one of held) one.dispose();
  });
}

async function tell(client: BaseLanguageClient, { repositories }: GitApi): Promise<void> {
  if (!client.isRunning()) return;
  const texts: Record<string, string | null> = {};
  const committed = repositories.filter(({ state }) => state.HEAD?.commit);
  for (const repository of committed) {
    const { mergeChanges, indexChanges, workingTreeChanges, untrackedChanges } = repository.state;
    const all = [...mergeChanges, ...indexChanges, ...workingTreeChanges, ...(untrackedChanges ?? [])];
    // a file that was renamed is one that went and one that came
    const uris = [...new Set(all.flatMap(({ uri, originalUri }) => [uri.toString(), originalUri.toString()]))].slice(0, MOST);
    const ours = (await ask(client, 'ours', { uris })) ?? [];
    for (const uri of ours) texts[uri] = await textAtHead(repository, vscode.Uri.parse(uri));
  }
  if (!client.isRunning()) return;
  await client.sendNotification('meshwarden/committed', { texts: committed.length > 0 ? texts : null });
}

/** null where the commit does not have it. */
async function textAtHead(repository: Repository, uri: vscode.Uri): Promise<string | null> {
  try {
    return await repository.show('HEAD', uri.fsPath);
  } catch {
    return null;
  }
}
