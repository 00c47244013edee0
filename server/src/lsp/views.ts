// What the editor's own views ask for: the access matrix, why it says what it says, the mesh as a tree, what an edit changes. Requests of
// our own, `meshwarden/…`; answers are plain data with the places of lines in it.
import { CancellationToken, type Connection, type Location } from 'vscode-languageserver';
import { placeSpan } from '../analysis/parsed-file.ts';
import { languageOfPath } from '../analysis/recognise.ts';
import { changesText } from '../features/access/changes.ts';
import { explainedCell } from '../features/access/explain.ts';
import { shownHost } from '../features/access/host-details.ts';
import { shownMatrix, shownMembers } from '../features/access/matrix-view.ts';
import { meshTree } from '../features/access/mesh-tree.ts';
import { matrixTable, tableFormats } from '../features/access/table.ts';
import { traced } from '../features/access/trace.ts';
import { placeWithId } from '../features/access/who.ts';
import { type View, views } from '../policy/views.ts';
import type { AccessMatrix } from '../reach/matrix/matrix.ts';
import type { Origin } from '../text/origin.ts';
import type { Baselines } from './baselines.ts';
import { rangeOf } from './convert.ts';
import type { EditChanges } from './edit-changes.ts';
import { crossOf, type GivenUp, ofMatrix, ofWholeMatrix } from './matrix-work.ts';
import { pathOf, type Workspace } from './workspace.ts';

export interface ViewContext {
  readonly connection: Connection;
  readonly workspace: () => Workspace;
  readonly baselines: Baselines;
  readonly changes: EditChanges;
  /** What is told against the last commit is another. */
  readonly committed: () => void;
}

type Params = Readonly<Record<string, unknown>>;

function isParams(sent: unknown): sent is Params {
  return typeof sent === 'object' && sent !== null && !Array.isArray(sent) && !CancellationToken.is(sent);
}

export function serveViews({ connection, workspace, baselines, changes, committed }: ViewContext): void {
  const place = ({ uri, ...at }: Origin): Location | null => {
    const file = workspace().glance().files.get(uri);
    const span = file && placeSpan(file, at);
    return file && span ? { uri, range: rangeOf(file.source, span) } : null;
  };
  /** Answers null where it was given up, or asks for nothing there is. */
  const serve = (method: string, answer: (params: Params, givenUp: GivenUp) => Promise<object | string | null>): void => {
    connection.onRequest(`meshwarden/${method}`, (...sent: unknown[]): Promise<unknown> => {
      const [params] = sent;
      // behind whatever a client has sent stands the token
      const token = sent.at(-1);
      return answer(isParams(params) ? params : {}, () => CancellationToken.is(token) && token.isCancellationRequested);
    });
  };
  const pair = ({ from, to }: Params, matrix: AccessMatrix): readonly [number, number] | null => {
    const row = placeWithId(matrix.members, String(from));
    const column = placeWithId(matrix.members, String(to));
    return row === null || column === null ? null : [row, column];
  };

  serve('matrix', (params, givenUp) => ofWholeMatrix(workspace, viewOf(params), givenUp, (matrix) => shownMatrix(matrix, place)));
  serve('explain', (params, givenUp) =>
    ofMatrix(workspace, viewOf(params), givenUp, function* (matrix) {
      const cell = pair(params, matrix);
      yield;
      return cell && explainedCell(matrix, ...cell, place);
    }),
  );
  serve('trace', ({ from, to, service, ...params }, givenUp) =>
    ofMatrix(workspace, viewOf(params), givenUp, function* (matrix) {
      yield;
      return traced(matrix, { from: String(from), to: String(to), service: String(service), view: matrix.view }, place);
    }),
  );
  serve('host', ({ id, falls }, givenUp) => {
    const work = falls === true ? ofWholeMatrix : ofMatrix;
    return work(workspace, 'blast-radius', givenUp, function* (matrix) {
      const at = placeWithId(matrix.members, String(id));
      if (at === null) return null;
      yield* crossOf(matrix, at);
      return shownHost(matrix, at, falls === true, place);
    });
  });
  serve('mesh', async ({ counts }, givenUp) => {
    if (counts !== true) return meshTree(workspace().glance().mesh.model, null, place);
    return ofWholeMatrix(workspace, 'blast-radius', givenUp, function* (matrix) {
      yield;
      return meshTree(matrix.model, matrix, place);
    });
  });
  serve('members', async () => shownMembers(workspace().glance().mesh.model, place));
  serve('changes', async ({ base }, givenUp) => {
    const found = await changes.since(base === 'committed' ? 'committed' : 'saved', givenUp);
    return found && { ...found, text: changesText(found) };
  });
  serve('table', ({ format: wanted, ...params }, givenUp) => {
    const format = tableFormats.find((one) => one === wanted) ?? 'markdown';
    return ofWholeMatrix(workspace, viewOf(params), givenUp, (matrix) => matrixTable(matrix, format));
  });
  serve('ours', async ({ uris }) => strings(uris).filter((uri) => languageOfPath(pathOf(uri)) !== null));
  connection.onNotification('meshwarden/committed', ({ texts }: { readonly texts: Readonly<Record<string, unknown>> | null }) => {
    baselines.setCommitted(texts && new Map(Object.entries(texts).map(([uri, text]) => [uri, typeof text === 'string' ? text : null])));
    committed();
  });
}

function viewOf({ view }: Params): View {
  return views.find((one) => one === view) ?? 'access';
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
