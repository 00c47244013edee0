// Questions to the server, `meshwarden/…`, and what its places are called.
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type {
  Changes,
  Explanation,
  HostDetails,
  Link,
  Location,
  Matrix,
  Member,
  MeshNode,
  Problem,
  Traced,
  View,
} from '../../webview/data.ts';

/** What may be asked, and what is answered; null where there is no answer any more. */
interface Requests {
  readonly matrix: { readonly asks: { readonly view: View }; readonly answers: Matrix };
  readonly explain: { readonly asks: { readonly view: View; readonly from: string; readonly to: string }; readonly answers: Explanation };
  readonly trace: {
    readonly asks: { readonly view: View; readonly from: string; readonly to: string; readonly service: string };
    readonly answers: Traced | Problem;
  };
  readonly host: { readonly asks: { readonly id: string; readonly falls: boolean }; readonly answers: HostDetails };
  readonly mesh: { readonly asks: { readonly counts: boolean }; readonly answers: readonly MeshNode[] };
  readonly members: { readonly asks: Readonly<Record<string, never>>; readonly answers: readonly Member[] };
  readonly changes: { readonly asks: { readonly base: 'saved' | 'committed' }; readonly answers: Changes };
  readonly table: { readonly asks: { readonly view: View; readonly format: 'markdown' | 'csv' }; readonly answers: string };
  readonly ours: { readonly asks: { readonly uris: readonly string[] }; readonly answers: readonly string[] };
}

/** null where the server does not run, or gave it up. */
export async function ask<K extends keyof Requests>(
  client: BaseLanguageClient,
  what: K,
  asked: Requests[K]['asks'],
  token?: vscode.CancellationToken,
): Promise<Requests[K]['answers'] | null> {
  if (!client.isRunning()) return null;
  try {
    // a token that is left out must not be sent as a second parameter
    return await client.sendRequest<Requests[K]['answers'] | null>(`meshwarden/${what}`, asked, ...(token ? [token] : []));
  } catch (error) {
    if (token?.isCancellationRequested || !client.isRunning()) return null;
    throw error;
  }
}

/** Opens the line of a place. */
export async function openPlace({ uri, range }: Location): Promise<void> {
  const { start, end } = range;
  const selection = new vscode.Range(start.line, start.character, end.line, end.character);
  await vscode.window.showTextDocument(vscode.Uri.parse(uri), { selection, viewColumn: columnFor(uri) });
}

/** Where the file shows already, or beside the matrix, if there is a text beside it. */
function columnFor(uri: string): vscode.ViewColumn {
  const groups = vscode.window.tabGroups.all;
  const isOf = ({ input }: vscode.Tab): boolean => input instanceof vscode.TabInputText && input.uri.toString() === uri;
  const shown =
    groups.find(({ tabs }) => tabs.some(isOf)) ?? groups.find(({ activeTab }) => activeTab?.input instanceof vscode.TabInputText);
  return shown?.viewColumn ?? (groups.length > 1 ? vscode.ViewColumn.One : vscode.ViewColumn.Beside);
}

/** `hub/etc/nftables.conf:21`. */
export function labelOf({ uri, range }: Location): string {
  return `${vscode.workspace.asRelativePath(vscode.Uri.parse(uri), false)}:${range.start.line + 1}`;
}

export function linked(place: Location): Link {
  return { ...place, label: labelOf(place) };
}

/** The same data, each place in it with what it is called. */
export function withLabels(explanation: Explanation): Explanation<Link> {
  return { ...explanation, ways: explanation.ways.map(linkedWay) };
}

export function linkedWay(way: Explanation['ways'][number]): Explanation<Link>['ways'][number] {
  return { ...way, hops: way.hops.map(({ says, place }) => ({ says, place: place && linked(place) })) };
}

export function linkedHost(host: HostDetails): HostDetails<Link> {
  const { place, sendsAs } = host;
  return { ...host, place: place && linked(place), sendsAs: sendsAs.map((one) => ({ ...one, place: one.place && linked(one.place) })) };
}

export function linkedMatrix(matrix: Matrix): Matrix<Link> {
  const meshes = matrix.meshes.map((mesh) => ({
    ...mesh,
    members: mesh.members.map((member) => ({ ...member, place: member.place && linked(member.place) })),
  }));
  return { ...matrix, meshes };
}

export function isProblem(answer: Traced | Problem): answer is Problem {
  return 'problem' in answer;
}
