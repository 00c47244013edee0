// nft's own opinion of a ruleset when it is saved: beside ours, on lines of which we say nothing.
import { type Connection, type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver';
import { shownFindings } from '../analysis/analysis.ts';
import { errorPlace } from '../analysis/guard.ts';
import { nftMessages } from '../analysis/nft-opinion.ts';
import type { FileHost } from '../host/host.ts';
import { positionAt } from '../text/lines.ts';
import { rangeOf } from './convert.ts';
import { pathOf, type Workspace } from './workspace.ts';

/** A check of 50,000 rules takes nft 1.0.6 half a minute; nobody waits for that. */
const PATIENCE = 5000;

export interface NftCheck {
  saved(uri: string): void;
}

/** `allowed`: the workspace is trusted, and the setting is on. */
export function nftCheck(connection: Connection, workspace: () => Workspace, files: () => FileHost, allowed: () => boolean): NftCheck {
  const running = new Set<string>();
  const again = new Set<string>();

  async function check(uri: string): Promise<void> {
    const { checkRuleset } = files();
    const source = workspace().current().files.get(uri)?.source;
    const version = workspace().versionOf(uri);
    if (!checkRuleset || source?.language !== 'nftables' || version === null || !uri.startsWith('file:') || !allowed()) return;
    const answer = await checkRuleset(uri, PATIENCE);
    // what has changed since is another text; what is allowed may have changed as well
    if (workspace().versionOf(uri) !== version || !allowed()) return;
    const own = shownFindings(workspace().current(), uri);
    const ownLines = new Set(
      own.filter(({ severity }) => severity === 'error').map(({ span }) => positionAt(source.lines, span.start).line),
    );
    const messages = answer && !answer.accepted ? nftMessages(source, pathOf(uri), answer.said) : [];
    workspace().setOpinion(
      uri,
      messages
        .filter(({ line }) => !ownLines.has(line))
        .map(
          ({ span, message }): Diagnostic => ({ range: rangeOf(source, span), severity: DiagnosticSeverity.Error, source: 'nft', message }),
        ),
    );
  }

  async function run(uri: string): Promise<void> {
    if (running.has(uri)) {
      again.add(uri);
      return;
    }
    running.add(uri);
    try {
      await check(uri);
    } finally {
      running.delete(uri);
    }
    if (again.delete(uri)) await run(uri);
  }

  return {
    saved: (uri) => void run(uri).catch((error: unknown) => connection.console.error(`asking nft failed: ${errorPlace(error)}`)),
  };
}
