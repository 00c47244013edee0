// Quick fixes as code actions. A fix that moves a key is a command: the server writes the key's file, then the edit is made.
import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Connection,
  MessageType,
  ShowMessageNotification,
} from 'vscode-languageserver';
import { type Analysis, shownFindings } from '../analysis/analysis.ts';
import { type FixSettings, fixesOf } from '../analysis/fixes.ts';
import type { FileHost } from '../host/host.ts';
import type { ShownFinding } from '../rules/rule.ts';
import type { Fix, TextEdit } from '../text/edit.ts';
import { counted } from '../text/words.ts';
import { spanOf, workspaceEdit } from './convert.ts';
import type { Workspace } from './workspace.ts';

/** Of our own, below source.fixAll: made only when somebody asks for it by this name or its parent’s. */
export const FIX_ALL = `${CodeActionKind.SourceFixAll}.meshwarden`;

export const APPLY_FIX = 'meshwarden.applyFix';

/** Which fix is meant: found again by what it mends, in the version it was offered for. */
interface FixReference {
  readonly uri: string;
  readonly version: number | null;
  readonly rule: string;
  readonly start: number;
  readonly end: number;
  readonly title: string;
}

export interface ActionContext {
  readonly connection: Connection;
  readonly workspace: Workspace;
  readonly files: FileHost;
  readonly settings: () => FixSettings;
  readonly trusted: () => boolean;
  /** The client can select a part of an edit. */
  readonly snippets: () => boolean;
}

export function codeActions(
  { workspace, files, settings, trusted, snippets }: ActionContext,
  { textDocument: { uri }, range, context }: CodeActionParams,
): CodeAction[] {
  const analysis = workspace.current();
  const file = analysis.files.get(uri);
  if (!file) return [];
  const wants = (kind: string): boolean =>
    !context.only || context.only.some((one) => one === '' || kind === one || kind.startsWith(`${one}.`));
  const all = context.only && wants(FIX_ALL) ? fixAll(analysis, uri, settings(), workspace.versionOf) : [];
  if (!wants(CodeActionKind.QuickFix)) return all;
  const asked = spanOf(file.source, range);
  const actions: CodeAction[] = [...all];
  for (const finding of shownFindings(analysis, uri)) {
    if (finding.span.end < asked.start || finding.span.start > asked.end) continue;
    const diagnostics = context.diagnostics.filter(({ code, message }) => code === finding.rule && message === finding.message);
    for (const fix of fixesOf(analysis, finding, settings())) {
      // one fix may mend two findings of a place: it is offered once, for both
      const same = actions.find(({ title }) => title === fix.title);
      if (same) {
        same.diagnostics?.push(...diagnostics);
        continue;
      }
      const action: CodeAction = { title: fix.title, kind: CodeActionKind.QuickFix, diagnostics: [...diagnostics] };
      if (fix.preferred) action.isPreferred = true;
      if (!fix.moves) action.edit = workspaceEdit(fix.edits, analysis.files, workspace.versionOf, snippets());
      else {
        const why = cannotMove(uri, files, trusted());
        if (why) action.disabled = { reason: why };
        else action.command = { title: fix.title, command: APPLY_FIX, arguments: [reference(finding, workspace.versionOf(uri), fix)] };
      }
      actions.push(action);
    }
  }
  return actions;
}

/** All fixes of the file that the files themselves prove right, in one edit; of two that touch each other the first. */
function fixAll(analysis: Analysis, uri: string, settings: FixSettings, versionOf: (uri: string) => number | null): CodeAction[] {
  const edits: TextEdit[] = [];
  for (const finding of shownFindings(analysis, uri)) {
    const fix = fixesOf(analysis, finding, settings).find(({ evident }) => evident);
    const apart = fix?.edits.every((edit) =>
      edits.every((other) => other.uri !== edit.uri || edit.span.end <= other.span.start || edit.span.start >= other.span.end),
    );
    if (fix && apart) edits.push(...fix.edits);
  }
  if (edits.length === 0) return [];
  const title = `Narrow ${counted(edits.length, 'AllowedIPs entry', 'AllowedIPs entries')} to the hosts that the files name`;
  return [{ title, kind: FIX_ALL, edit: workspaceEdit(edits, analysis.files, versionOf) }];
}

function reference(finding: ShownFinding, version: number | null, fix: Fix): FixReference {
  return { uri: finding.uri, version, rule: finding.rule, start: finding.span.start, end: finding.span.end, title: fix.title };
}

function cannotMove(uri: string, files: FileHost, trusted: boolean): string | null {
  if (!uri.startsWith('file:') || !files.writeSecret) return 'a key can be moved to a file only on a real file system';
  return trusted ? null : 'trust this workspace first: the fix writes a file';
}

/** Shows a message. As a notification: an answer, or that there is none, is nothing to wait for. */
export function tell(connection: Connection, type: MessageType, message: string): void {
  void connection.sendNotification(ShowMessageNotification.type, { type, message });
}

/** Writes the keys' files, then makes the edit. Tells what went wrong; then nothing was edited. */
export async function applyFix({ connection, workspace, files, settings, trusted }: ActionContext, argument: unknown): Promise<void> {
  const wanted = argument as FixReference;
  const analysis = workspace.current();
  const finding =
    workspace.versionOf(wanted.uri) === wanted.version
      ? shownFindings(analysis, wanted.uri).find(
          ({ rule, span }) => rule === wanted.rule && span.start === wanted.start && span.end === wanted.end,
        )
      : undefined;
  const fix = finding && fixesOf(analysis, finding, settings()).find(({ title }) => title === wanted.title);
  if (!fix) {
    tell(connection, MessageType.Warning, 'The file has changed since this fix was offered; open the light bulb again.');
    return;
  }
  const why = cannotMove(wanted.uri, files, trusted());
  if (why) {
    tell(connection, MessageType.Error, `The key was not moved: ${why}.`);
    return;
  }
  const written: string[] = [];
  for (const { uri, from, fileName } of fix.moves ?? []) {
    const characters = analysis.files.get(uri)?.source.text.slice(from.start, from.end) ?? '';
    const answer = await files.writeSecret?.({ besideUri: uri, fileName, characters });
    if (!answer || 'problem' in answer) {
      tell(connection, MessageType.Error, `The key was not moved: ${answer?.problem ?? 'no file system'}.`);
      return;
    }
    written.push(answer.path);
  }
  const { applied } = await connection.workspace.applyEdit(workspaceEdit(fix.edits, analysis.files, workspace.versionOf));
  if (applied) {
    tell(
      connection,
      MessageType.Info,
      `The key is now in ${written.join(', ')} (mode 0600). Bring it to its host, to the path that the hook names, and save this file.`,
    );
  } else
    tell(
      connection,
      MessageType.Warning,
      `The key was written to ${written.join(', ')}, but this file could not be edited; it is unchanged.`,
    );
}
