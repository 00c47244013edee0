// Code lenses over the protocol: where they stand is answered at once, what they say when an editor shows them.
import type { CodeLens, Connection } from 'vscode-languageserver';
import { guarded } from '../analysis/guard.ts';
import { placeSpan } from '../analysis/parsed-file.ts';
import { changesText, type ShownChanges } from '../features/access/changes.ts';
import { memberId } from '../features/access/who.ts';
import { editedLine } from '../features/edited-line.ts';
import { hostLenses, hostLensText, lensMember } from '../features/lenses.ts';
import { ruleLenses, ruleLensText } from '../features/rule-lenses.ts';
import type { MeshModel } from '../mesh/model.ts';
import type { Base, Baselines } from './baselines.ts';
import { rangeOf } from './convert.ts';
import type { EditChanges } from './edit-changes.ts';
import { crossOf, type GivenUp, ofMatrix, ofWholeMatrix } from './matrix-work.ts';
import type { Workspace } from './workspace.ts';

export interface LensContext {
  readonly connection: Connection;
  readonly workspace: () => Workspace;
  readonly baselines: Baselines;
  readonly changes: EditChanges;
  readonly wanted: () => boolean;
  /** Whether the client asks for lenses again when it is told to, by `refresh`. */
  readonly refreshes: () => boolean;
  readonly refresh: () => void;
  /** Whether the client has the commands that lenses open views with. */
  readonly commands: () => boolean;
}

/** What a lens is of. */
type Data =
  | { readonly uri: string; readonly peer: number | null }
  | { readonly uri: string; readonly rule: number }
  | { readonly uri: string; readonly base: Base };

export const SHOW_MATRIX = 'meshwarden.showAccessMatrix';
export const SHOW_CHANGES = 'meshwarden.showChanges';

export interface Lenses {
  /** Whether an editor has asked for any. */
  readonly asked: () => boolean;
}

export function serveLenses(context: LensContext): Lenses {
  const { connection, workspace, changes, commands, refreshes, refresh } = context;
  let asked = false;
  /** What was told last, and of which mesh; of a lens that is being worked out what was told before. */
  const told = new Map<string, { readonly of: MeshModel; readonly told: Told | null }>();
  const working = new Map<string, MeshModel>();

  connection.onCodeLens(({ textDocument: { uri } }) => {
    asked = true;
    return guarded('lenses', () => lensesOf(context, uri)) ?? [];
  });
  connection.onCodeLensResolve(async (lens, token): Promise<CodeLens> => {
    const data = lens.data as Data;
    const answer = refreshes() ? known(data) : await toldOf(context, data, () => token.isCancellationRequested);
    return { ...lens, command: shown(answer ?? waiting('')) };
  });

  function shown({ title, command, arguments: given }: Told): NonNullable<CodeLens['command']> {
    return commands() && command ? { title, command, arguments: [...given] } : { title, command: '' };
  }

  /** At once what is known, else what was told before; and once it is known the editor is asked to ask again. */
  function known(data: Data): Told | null {
    const key = JSON.stringify(data);
    const { model } = workspace().glance().mesh;
    if ('base' in data) {
      const found = changes.known(data.base);
      if (found) return toldChanges(data.base, found);
      workOut(key, data, model);
      // what was changed before is not what is changed now
      return waiting(`${baseNames[data.base]}: …`);
    }
    const before = told.get(key);
    if (before?.of === model) return before.told ?? waiting('');
    workOut(key, data, model);
    return before?.told ?? waiting('…');
  }

  function workOut(key: string, data: Data, model: MeshModel): void {
    if (working.get(key) === model) return;
    working.set(key, model);
    const isOld = (): boolean => working.get(key) !== model;
    void toldOf(context, data, isOld).then((answer) => {
      if (isOld()) return;
      working.delete(key);
      told.set(key, { of: workspace().glance().mesh.model, told: answer });
      if (working.size === 0) refresh();
    });
  }

  return { asked: () => asked };
}

function lensesOf({ workspace, baselines, wanted }: LensContext, uri: string): CodeLens[] {
  const analysis = workspace().glance();
  const file = analysis.files.get(uri);
  if (!file || !wanted()) return [];
  const lenses = hostLenses(analysis, uri).map(({ span, peer }): CodeLens => {
    const data: Data = { uri, peer };
    return { range: rangeOf(file.source, span), data };
  });
  for (const { span, statement } of ruleLenses(analysis, uri)) {
    const data: Data = { uri, rule: statement };
    lenses.push({ range: rangeOf(file.source, span), data });
  }
  for (const base of ['saved', 'committed'] as const) {
    const before = baselines.file(base, uri);
    const line = before ? editedLine(before.source, file.source, workspace().editedAt(uri)) : null;
    // what is unsaved is told against what is saved; both where they differ
    if (line === null || (base === 'committed' && before?.source.text === baselines.file('saved', uri)?.source.text)) continue;
    const at = { line, character: 0 };
    const data: Data = { uri, base };
    lenses.push({ range: { start: at, end: at }, data });
  }
  return lenses;
}

/** Words that open nothing. */
function waiting(title: string): Told {
  return { title, command: '', arguments: [] };
}

function toldChanges(base: Base, found: ShownChanges): Told {
  const title = `${baseNames[base]}: ${changesText(found) || 'nobody’s access changes'}`;
  return { title, command: SHOW_CHANGES, arguments: [{ base }] };
}

type Told = { readonly title: string; readonly command: string; readonly arguments: readonly unknown[] };

/** The text of a lens and what it opens; null where it was given up or is of something that is gone. */
async function toldOf({ workspace, changes }: LensContext, data: Data, givenUp: GivenUp): Promise<Told | null> {
  if ('base' in data) {
    const found = await changes.since(data.base, givenUp);
    return found && toldChanges(data.base, found);
  }
  if ('rule' in data) return toldRule(workspace, data, givenUp);
  const { uri, peer } = data;
  return ofMatrix(workspace, 'blast-radius', givenUp, function* (matrix) {
    const node = matrix.model.links.interfaceOf.get(uri);
    const place = node ? lensMember(matrix, node, peer) : null;
    if (!node || place === null) return null;
    yield* crossOf(matrix, place);
    const title = hostLensText(matrix, node, peer);
    const member = matrix.members[place];
    return title && member ? { title, command: SHOW_MATRIX, arguments: [{ view: 'blast-radius', from: memberId(member) }] } : null;
  });
}

function toldRule(
  workspace: LensContext['workspace'],
  { uri, rule }: Extract<Data, { rule: number }>,
  givenUp: GivenUp,
): Promise<Told | null> {
  return ofWholeMatrix(workspace, 'access', givenUp, function* (matrix) {
    const analysis = workspace().glance();
    const file = analysis.files.get(uri);
    const lineOf = (statement: number): number | null => {
      const span = file && placeSpan(file, { statement, item: 0 });
      return file && span ? rangeOf(file.source, span).start.line : null;
    };
    const title = yield* ruleLensText(analysis, matrix, uri, rule, lineOf);
    return title === null ? null : { title, command: SHOW_MATRIX, arguments: [{ view: 'access' }] };
  });
}

const baseNames: Readonly<Record<Base, string>> = { saved: 'Unsaved', committed: 'Since the last commit' };
