// Traces of packets: what was asked, what came of it, and each line on the way. Questions are kept for the workspace, answers are not.
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { Hop, Problem, Traced, View } from '../../webview/data.ts';
import { viewNames, wayNames } from '../../webview/words.ts';
import { pickView } from './export.ts';
import { ask, isProblem, labelOf } from './requests.ts';

export interface Question {
  /** A host's name or id. */
  readonly from: string;
  /** Of a host or an address. */
  readonly to: string;
  readonly service: string;
  readonly view: View;
  /** What the two are called where they stand as ids. */
  readonly names?: { readonly from: string; readonly to: string };
}

type Node =
  | { readonly is: 'question'; readonly question: Question }
  | { readonly is: 'hop'; readonly hop: Hop; readonly last: boolean; readonly answer: Traced['answer'] }
  | { readonly is: 'note'; readonly text: string };

export interface TraceView extends vscode.TreeDataProvider<Node> {
  changed(): void;
  /** Asks what is not given, traces it and shows it. */
  trace(given: Partial<Question>): Promise<void>;
  clear(): Promise<void>;
  /** The view that shows it, once it is made. */
  attach(view: vscode.TreeView<Node>): void;
}

const HISTORY = 'meshwarden.traces';
const MOST = 20;

export function traceView(client: BaseLanguageClient, memory: vscode.Memento): TraceView {
  const changes = new vscode.EventEmitter<undefined>();
  const answers = new Map<string, Traced | Problem>();
  let view: vscode.TreeView<Node> | null = null;
  let nodes: readonly (Node & { readonly is: 'question' })[] = history().map((question) => ({ is: 'question', question }));

  function history(): readonly Question[] {
    const kept = memory.get<unknown>(HISTORY);
    return Array.isArray(kept) ? kept.filter(isQuestion) : [];
  }

  async function remember(questions: readonly Question[]): Promise<void> {
    nodes = questions.map((question) => nodes.find((node) => keyOf(node.question) === keyOf(question)) ?? { is: 'question', question });
    await memory.update(HISTORY, questions);
  }

  async function answerOf(question: Question): Promise<Traced | Problem | null> {
    const key = keyOf(question);
    const known = answers.get(key);
    if (known) return known;
    const { from, to, service, view: of } = question;
    const answer = await ask(client, 'trace', { from, to, service, view: of });
    if (answer) answers.set(key, answer);
    return answer;
  }

  async function childrenOf(node: Node): Promise<Node[]> {
    if (node.is !== 'question') return [];
    const answer = await answerOf(node.question);
    if (!answer) return [{ is: 'note', text: 'The server does not answer.' }];
    if (isProblem(answer)) return [{ is: 'note', text: answer.problem }];
    const { hops } = answer.way;
    return hops.map((hop, i) => ({ is: 'hop', hop, last: i === hops.length - 1, answer: answer.answer }));
  }

  return {
    onDidChangeTreeData: changes.event,
    getChildren: (node) => (node ? childrenOf(node) : [...nodes]),
    getParent: () => undefined,
    getTreeItem: (node) =>
      node.is === 'question' ? questionItem(node.question, answers.get(keyOf(node.question)) ?? null) : leafItem(node),
    changed() {
      answers.clear();
      changes.fire(undefined);
    },
    async trace(given) {
      const question = await completed(client, given, history());
      if (!question) return;
      const answer = await answerOf(question);
      if (answer && isProblem(answer)) {
        void vscode.window.showWarningMessage(`This cannot be traced: ${answer.problem}.`);
        return;
      }
      const key = keyOf(question);
      await remember([question, ...history().filter((one) => keyOf(one) !== key)].slice(0, MOST));
      changes.fire(undefined);
      const [node] = nodes;
      if (node) await view?.reveal(node, { expand: true, focus: true, select: true });
    },
    async clear() {
      await remember([]);
      changes.fire(undefined);
    },
    attach(made) {
      view = made;
    },
  };
}

function keyOf({ from, to, service, view }: Question): string {
  return [from, to, service, view].join('\n');
}

function isQuestion(kept: unknown): kept is Question {
  if (typeof kept !== 'object' || kept === null) return false;
  const { from, to, service, view } = kept as Readonly<Record<string, unknown>>;
  return [from, to, service].every((text) => typeof text === 'string') && (view === 'access' || view === 'blast-radius');
}

function questionItem({ from, to, service, view, names }: Question, answer: Traced | Problem | null): vscode.TreeItem {
  const known = answer && !isProblem(answer) ? answer : null;
  const label = `${known?.from ?? names?.from ?? from} → ${known?.to ?? names?.to ?? to} ${service}`;
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed);
  item.id = keyOf({ from, to, service, view });
  item.description = `${known ? `${known.answer} · ` : ''}${viewNames[view].toLowerCase()}`;
  item.tooltip = known
    ? [wayNames[known.way.kind], known.way.packet, known.way.sentAs && `sent as ${known.way.sentAs}`].filter(Boolean).join('\n')
    : label;
  item.iconPath = known ? answerIcon(known) : new vscode.ThemeIcon('history');
  item.contextValue = 'trace';
  return item;
}

function answerIcon({ answer, way: { kind } }: Traced): vscode.ThemeIcon {
  if (answer === 'yes') return new vscode.ThemeIcon('pass', new vscode.ThemeColor('charts.green'));
  if (kind === 'one-way') return new vscode.ThemeIcon('arrow-right', new vscode.ThemeColor('charts.orange'));
  return answer === 'no'
    ? new vscode.ThemeIcon('error', new vscode.ThemeColor('charts.red'))
    : new vscode.ThemeIcon('question', new vscode.ThemeColor('charts.yellow'));
}

function leafItem(node: Exclude<Node, { readonly is: 'question' }>): vscode.TreeItem {
  if (node.is === 'note') return new vscode.TreeItem(node.text);
  const { hop, last, answer } = node;
  const item = new vscode.TreeItem(hop.says);
  item.iconPath = new vscode.ThemeIcon(
    last && answer !== 'yes' ? 'circle-slash' : /^answer: /.test(hop.says) ? 'arrow-small-left' : 'arrow-small-right',
  );
  if (hop.place) {
    item.description = labelOf(hop.place);
    item.command = { title: 'Open', command: 'meshwarden.openPlace', arguments: [hop.place] };
  }
  item.tooltip = [hop.says, item.description].filter(Boolean).join('\n');
  return item;
}

/** Asks for what is not given, with what was asked before at hand. */
async function completed(client: BaseLanguageClient, given: Partial<Question>, before: readonly Question[]): Promise<Question | null> {
  const members = (await ask(client, 'members', {})) ?? [];
  if (members.length === 0) {
    void vscode.window.showInformationMessage('There is nothing to trace: no WireGuard config is in this workspace.');
    return null;
  }
  const nameOf = (id: string): string => members.find((member) => member.id === id)?.name ?? id;
  let { from, to, service, view } = given;
  if (from === undefined && before.length > 0) {
    const again = await pickBefore(before, nameOf);
    if (again === undefined) return null;
    if (again !== 'new') return again;
  }
  const hosts = members
    .filter(({ kind }) => kind === 'host')
    .map(({ id, name, addresses }) => ({ label: name, description: addresses, id }));
  from ??= (await vscode.window.showQuickPick(hosts, { title: 'Trace a Packet (1/4)', placeHolder: 'From which host?' }))?.id;
  if (from === undefined) return null;
  const sender = from;
  to ??= await pickTarget(
    members.filter(({ id }) => id !== sender).map(({ id, name, addresses }) => ({ label: name, description: addresses, id })),
  );
  if (to === undefined) return null;
  service ??= await vscode.window.showInputBox({
    title: 'Trace a Packet (3/4)',
    prompt: 'With which service?',
    placeHolder: 'tcp/443, udp/53, icmp',
    value: before[0]?.service ?? 'tcp/443',
    validateInput: (text) =>
      /^\s*(?:[a-z][a-z0-9-]*|\d{1,3})(?:\/\d{1,5})?\s*$/i.test(text) ? undefined : 'Write one like tcp/443, udp/53 or icmp.',
  });
  if (service === undefined) return null;
  view ??= await pickView('Trace a Packet (4/4)');
  if (view === undefined) return null;
  return { from, to, service: service.trim().toLowerCase(), view, names: { from: nameOf(from), to: nameOf(to) } };
}

async function pickBefore(before: readonly Question[], nameOf: (id: string) => string): Promise<Question | 'new' | undefined> {
  const fresh: vscode.QuickPickItem & { readonly question?: Question } = { label: '$(add) A new packet…' };
  const items = before.map((question) => ({
    label: `$(history) ${nameOf(question.from)} → ${nameOf(question.to)} ${question.service}`,
    description: viewNames[question.view].toLowerCase(),
    question,
  }));
  const picked = await vscode.window.showQuickPick([fresh, ...items], { title: 'Trace a Packet', placeHolder: 'Which one?' });
  return picked && (picked.question ?? 'new');
}

/** A host of the list, or an address that is typed. */
function pickTarget(hosts: readonly (vscode.QuickPickItem & { readonly id: string })[]): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { readonly id: string }>();
  pick.title = 'Trace a Packet (2/4)';
  pick.placeholder = 'To which host? Or type an address.';
  pick.items = hosts;
  pick.onDidChangeValue((value) => {
    const typed = value.trim();
    const isAddress = /^[\d.]+$|^[\da-f.]*:[\da-f:.]*$/i.test(typed) && typed.length > 1;
    pick.items = isAddress ? [...hosts, { label: typed, description: 'this address', alwaysShow: true, id: typed }] : hosts;
  });
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.id);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}
