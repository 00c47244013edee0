// The mesh as a tree: hosts, their interfaces and peers, and how many each reaches.
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { MeshNode } from '../../webview/data.ts';
import { roleNames } from '../../webview/words.ts';
import { ask } from './requests.ts';

export interface MeshView extends vscode.TreeDataProvider<MeshNode> {
  changed(): void;
}

const icons: Readonly<Record<string, string>> = {
  hub: 'broadcast',
  spoke: 'device-desktop',
  'exit-gateway': 'globe',
  'subnet-router': 'server',
  'mesh-node': 'circuit-board',
};

export function meshView(client: BaseLanguageClient): MeshView {
  const changes = new vscode.EventEmitter<undefined>();
  let roots: readonly MeshNode[] | null = null;
  let running = new vscode.CancellationTokenSource();

  /** At first without the counts, which take longer. */
  async function load(): Promise<readonly MeshNode[]> {
    const token = restarted();
    const first = await ask(client, 'mesh', { counts: false }, token);
    if (token.isCancellationRequested) return roots ?? [];
    roots = first ?? [];
    void ask(client, 'mesh', { counts: true }, token).then(
      (counted) => {
        if (!counted || token.isCancellationRequested) return;
        roots = counted;
        changes.fire(undefined);
      },
      () => undefined,
    );
    return roots;
  }

  function restarted(): vscode.CancellationToken {
    running.cancel();
    running = new vscode.CancellationTokenSource();
    return running.token;
  }

  return {
    onDidChangeTreeData: changes.event,
    getChildren: (node) => (node ? [...node.children] : (async () => [...(roots ?? (await load()))])()),
    getTreeItem: (node) => itemOf(node),
    changed() {
      roots = null;
      changes.fire(undefined);
    },
  };
}

function itemOf({ kind, id, name, detail, role, place, children }: MeshNode): vscode.TreeItem {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(name, children.length === 0 ? None : kind === 'mesh' ? Expanded : Collapsed);
  const shownRole = role ? (roleNames[role] ?? role) : '';
  item.id = id;
  item.description = kind === 'peer' ? [shownRole, detail].filter(Boolean).join(', ') : detail;
  item.tooltip = [name, shownRole, detail].filter(Boolean).join(' · ');
  item.iconPath = new vscode.ThemeIcon(iconOf(kind, role));
  item.contextValue = kind;
  if (place) item.command = { title: 'Open', command: 'meshwarden.openPlace', arguments: [place] };
  return item;
}

function iconOf(kind: MeshNode['kind'], role: string | null): string {
  if (kind === 'mesh') return 'type-hierarchy';
  if (kind === 'interface') return 'plug';
  if (kind === 'peer') return 'arrow-small-right';
  return (role && icons[role]) ?? 'vm';
}
