// Code lenses over the protocol: where they stand is answered at once, what they say when an editor shows them.
import type { CancellationToken, CodeLens, Connection } from 'vscode-languageserver';
import { guarded } from '../analysis/guard.ts';
import { changesText } from '../features/access/changes.ts';
import { memberId } from '../features/access/who.ts';
import { editedLine } from '../features/edited-line.ts';
import { hostLenses, hostLensText, lensMember } from '../features/lenses.ts';
import type { Base, Baselines } from './baselines.ts';
import { rangeOf } from './convert.ts';
import type { EditChanges } from './edit-changes.ts';
import { crossOf, ofMatrix } from './matrix-work.ts';
import type { Workspace } from './workspace.ts';

export interface LensContext {
  readonly connection: Connection;
  readonly workspace: () => Workspace;
  readonly baselines: Baselines;
  readonly changes: EditChanges;
  readonly wanted: () => boolean;
  /** Whether the client has the commands that lenses open views with. */
  readonly commands: () => boolean;
}

/** What a lens is of. */
type Data = { readonly uri: string; readonly peer: number | null } | { readonly uri: string; readonly base: Base };

export const SHOW_MATRIX = 'meshwarden.showAccessMatrix';
export const SHOW_CHANGES = 'meshwarden.showChanges';

export interface Lenses {
  /** Whether an editor has asked for any. */
  readonly asked: () => boolean;
}

export function serveLenses(context: LensContext): Lenses {
  const { connection } = context;
  let asked = false;
  connection.onCodeLens(({ textDocument: { uri } }) => {
    asked = true;
    return guarded('lenses', () => lensesOf(context, uri)) ?? [];
  });
  connection.onCodeLensResolve(async (lens, token) => ({ ...lens, command: await commandOf(context, lens.data as Data, token) }));
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

async function commandOf(context: LensContext, data: Data, token: CancellationToken): Promise<NonNullable<CodeLens['command']>> {
  const { workspace, changes, commands } = context;
  const givenUp = (): boolean => token.isCancellationRequested;
  const plain = (title: string) => ({ title, command: '' });
  if ('base' in data) {
    const found = await changes.since(data.base, givenUp);
    if (!found) return plain('');
    const title = `${data.base === 'saved' ? 'Unsaved' : 'Since the last commit'}: ${changesText(found) || 'nobody’s access changes'}`;
    return commands() ? { title, command: SHOW_CHANGES, arguments: [{ base: data.base }] } : plain(title);
  }
  const { uri, peer } = data;
  const told = await ofMatrix(workspace, 'blast-radius', givenUp, function* (matrix) {
    const node = matrix.model.links.interfaceOf.get(uri);
    const place = node ? lensMember(matrix, node, peer) : null;
    if (!node || place === null) return null;
    yield* crossOf(matrix, place);
    const text = hostLensText(matrix, node, peer);
    const member = matrix.members[place];
    return text && member ? { text, id: memberId(member) } : null;
  });
  if (!told) return plain('');
  return commands() ? { title: told.text, command: SHOW_MATRIX, arguments: [{ view: 'blast-radius', from: told.id }] } : plain(told.text);
}
