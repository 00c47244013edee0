// What the edits since the last save, or the last commit, change of who reaches whom.
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { Change, Changes } from '../../webview/data.ts';
import { ask } from './requests.ts';

type Base = 'saved' | 'committed';

type Node =
  | { readonly is: 'base'; readonly base: Base }
  | { readonly is: 'change'; readonly change: Change }
  | { readonly is: 'sender'; readonly id: string; readonly says: string; readonly gained: boolean }
  | { readonly is: 'note'; readonly text: string };

export interface ChangesView extends vscode.TreeDataProvider<Node> {
  changed(): void;
  attach(view: vscode.TreeView<Node>): void;
  show(base: Base): Promise<void>;
}

const bases: readonly (Node & { readonly is: 'base' })[] = [
  { is: 'base', base: 'saved' },
  { is: 'base', base: 'committed' },
];

export function changesView(client: BaseLanguageClient): ChangesView {
  const changes = new vscode.EventEmitter<undefined>();
  let view: vscode.TreeView<Node> | null = null;
  let running = new vscode.CancellationTokenSource();
  return {
    onDidChangeTreeData: changes.event,
    async getChildren(node) {
      if (!node) return [...bases];
      if (node.is !== 'base') return [];
      return nodesOf(await ask(client, 'changes', { base: node.base }, running.token), node.base);
    },
    getParent: () => undefined,
    getTreeItem: itemOf,
    changed() {
      running.cancel();
      running = new vscode.CancellationTokenSource();
      changes.fire(undefined);
    },
    attach(made) {
      view = made;
    },
    async show(base) {
      const node = bases.find((one) => one.base === base);
      if (node) await view?.reveal(node, { expand: true, focus: true, select: true });
    },
  };
}

function nodesOf(found: Changes | null, base: Base): Node[] {
  if (!found) return [{ is: 'note', text: base === 'committed' ? 'Nobody here tells what was committed.' : 'The server does not answer.' }];
  const lines: Node[] = [
    ...found.changes.map((change): Node => ({ is: 'change', change })),
    ...found.senders.flatMap(({ id, name, gained, lost }): Node[] => [
      ...(gained ? [{ is: 'sender', id, says: `${name} may now send as ${gained}`, gained: true } as const] : []),
      ...(lost ? [{ is: 'sender', id, says: `${name} may no longer send as ${lost.replace(' more ', ' ')}`, gained: false } as const] : []),
    ]),
  ];
  return lines.length > 0 ? lines : [{ is: 'note', text: 'Nobody’s access changes.' }];
}

const signs: Readonly<Record<Change['sign'], { readonly mark: string; readonly icon: string; readonly colour: string }>> = {
  gained: { mark: '+', icon: 'add', colour: 'charts.green' },
  lost: { mark: '−', icon: 'remove', colour: 'charts.red' },
  'may-gain': { mark: '+?', icon: 'question', colour: 'charts.yellow' },
  'may-lose': { mark: '−?', icon: 'question', colour: 'charts.yellow' },
};

function itemOf(node: Node): vscode.TreeItem {
  switch (node.is) {
    case 'base': {
      const label = node.base === 'saved' ? 'Since the files were saved' : 'Since the last commit';
      const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
      item.id = node.base;
      item.iconPath = new vscode.ThemeIcon(node.base === 'saved' ? 'save' : 'git-commit');
      return item;
    }
    case 'change':
      return changeItem(node.change);
    case 'sender': {
      const item = new vscode.TreeItem(node.says);
      item.iconPath = new vscode.ThemeIcon('person', new vscode.ThemeColor(node.gained ? 'charts.orange' : 'disabledForeground'));
      item.command = { title: 'Show', command: 'meshwarden.showAccessMatrix', arguments: [{ view: 'blast-radius', from: node.id }] };
      return item;
    }
    case 'note':
      return new vscode.TreeItem(node.text);
  }
}

function changeItem({ sign, of, from, to, services }: Change): vscode.TreeItem {
  const ends = (all: Change['from']): string => all.map(({ name }) => name).join(', ');
  const { mark, icon, colour } = signs[sign];
  const item = new vscode.TreeItem(`${mark} ${ends(from)} → ${ends(to)} ${services}`);
  item.iconPath = new vscode.ThemeIcon(icon, new vscode.ThemeColor(colour));
  item.description = of === 'both' ? '' : of === 'access' ? 'while it is honest' : 'once it is taken over';
  item.tooltip = `${mark} ${ends(from)} → ${ends(to)} ${services}\n${item.description}`.trim();
  const [sender] = from;
  const [receiver] = to;
  if (sender && receiver) {
    const view = of === 'access' ? 'access' : 'blast-radius';
    item.command = { title: 'Explain', command: 'meshwarden.showAccessMatrix', arguments: [{ view, from: sender.id, to: receiver.id }] };
  }
  return item;
}
