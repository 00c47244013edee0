// Folding, links, definitions, references and renaming over the protocol.
import { type Connection, type FoldingRange, type Location, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { guarded } from '../analysis/guard.ts';
import { foldsOf } from '../features/folding.ts';
import { linksOf } from '../features/links.ts';
import { definitionsAt, type FilePlace, referencesAt, renameable, renamed } from '../features/navigation.ts';
import { offsetAt, type Position, positionAt } from '../text/lines.ts';
import { rangeOf, workspaceEdit } from './convert.ts';
import type { Workspace } from './workspace.ts';

export function serveNavigation(connection: Connection, workspaceNow: () => Workspace): void {
  const offsetOf = (uri: string, position: Position): number | null => {
    const source = workspaceNow().current().files.get(uri)?.source;
    return source ? offsetAt(source.lines, source.text, position) : null;
  };
  const locations = (places: readonly FilePlace[]): Location[] => {
    const { files } = workspaceNow().current();
    return places.flatMap(({ uri, span }) => {
      const file = files.get(uri);
      return file ? [{ uri, range: rangeOf(file.source, span) }] : [];
    });
  };

  connection.onFoldingRanges(({ textDocument: { uri } }) =>
    guarded('folding', () => {
      const file = workspaceNow().current().files.get(uri);
      if (!file) return [];
      return foldsOf(file).flatMap(({ start, end, kind }): FoldingRange[] => {
        const startLine = positionAt(file.source.lines, start).line;
        const endLine = positionAt(file.source.lines, end).line;
        return endLine > startLine ? [{ startLine, endLine, kind }] : [];
      });
    }),
  );

  connection.onDocumentLinks(({ textDocument: { uri } }) =>
    guarded('links', () => {
      const analysis = workspaceNow().current();
      const source = analysis.files.get(uri)?.source;
      return source ? linksOf(analysis, uri).map(({ span, target }) => ({ range: rangeOf(source, span), target })) : [];
    }),
  );

  connection.onDefinition(({ textDocument: { uri }, position }) =>
    guarded('definition', () => {
      const offset = offsetOf(uri, position);
      return offset === null ? [] : locations(definitionsAt(workspaceNow().current(), uri, offset));
    }),
  );

  connection.onReferences(({ textDocument: { uri }, position, context }) =>
    guarded('references', () => {
      const offset = offsetOf(uri, position);
      return offset === null ? [] : locations(referencesAt(workspaceNow().current(), uri, offset, context.includeDeclaration));
    }),
  );

  connection.onDocumentHighlight(({ textDocument: { uri }, position }) =>
    guarded('highlight', () => {
      const offset = offsetOf(uri, position);
      const places = offset === null ? [] : referencesAt(workspaceNow().current(), uri, offset, true);
      return locations(places.filter((place) => place.uri === uri)).map(({ range }) => ({ range }));
    }),
  );

  connection.onPrepareRename(({ textDocument: { uri }, position }) =>
    guarded('prepare rename', () => {
      const offset = offsetOf(uri, position);
      const span = offset === null ? null : renameable(workspaceNow().current(), uri, offset);
      const source = workspaceNow().current().files.get(uri)?.source;
      return span && source ? rangeOf(source, span) : null;
    }),
  );

  connection.onRenameRequest(({ textDocument: { uri }, position, newName }) => {
    const analysis = workspaceNow().current();
    const offset = offsetOf(uri, position);
    const edits = offset === null ? 'This file is not known.' : guarded('rename', () => renamed(analysis, uri, offset, newName));
    if (typeof edits === 'string') return new ResponseError(LSPErrorCodes.RequestFailed, edits);
    return edits ? workspaceEdit(edits, analysis.files, workspaceNow().versionOf) : null;
  });
}
