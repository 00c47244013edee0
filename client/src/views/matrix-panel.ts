// The panel with the access matrix: a page of ours, drawn by dist/page.js from what the server answers.
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { Details, FromPage, Selection, ToPage, View } from '../../webview/data.ts';
import { exportAs } from './export.ts';
import { ask, isProblem, linkedHost, linkedMatrix, linkedWay, openPlace, withLabels } from './requests.ts';

export const PANEL = 'meshwarden.matrix';

export interface MatrixPanels {
  /** Shows the panel, with something chosen in it. */
  show(view: View, selection: Selection | null): void;
  /** Who reaches whom may be another now. */
  changed(): void;
}

export function matrixPanels(client: BaseLanguageClient, context: vscode.ExtensionContext): MatrixPanels {
  let shown: Page | null = null;
  const adopt = (panel: vscode.WebviewPanel): Page => {
    const page = pageIn(panel, client, context.extensionUri);
    shown = page;
    panel.onDidDispose(() => {
      page.end();
      if (shown === page) shown = null;
    });
    return page;
  };
  context.subscriptions.push(
    vscode.window.registerWebviewPanelSerializer(PANEL, {
      deserializeWebviewPanel(panel) {
        adopt(panel);
        return Promise.resolve();
      },
    }),
  );
  return {
    show(view, selection) {
      if (shown) {
        shown.panel.reveal();
        shown.go(view, selection);
        return;
      }
      const column = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
      adopt(vscode.window.createWebviewPanel(PANEL, 'Access Matrix', column, { enableFindWidget: true })).go(view, selection);
    },
    changed: () => shown?.changed(),
  };
}

interface Page {
  readonly panel: vscode.WebviewPanel;
  go(view: View, selection: Selection | null): void;
  changed(): void;
  end(): void;
}

function pageIn(panel: vscode.WebviewPanel, client: BaseLanguageClient, extensionUri: vscode.Uri): Page {
  const { webview } = panel;
  const dist = vscode.Uri.joinPath(extensionUri, 'dist');
  let asked: { readonly view: View; readonly selection: Selection | null } | null = null;
  let isThere = false;
  /** What the page is to show once it is there. */
  let first: { readonly view: View; readonly selection: Selection | null } | null = null;
  let stale = false;
  const running = { matrix: new vscode.CancellationTokenSource(), details: new vscode.CancellationTokenSource() };

  const tell = (message: ToPage): void => void webview.postMessage(message);
  const again = (what: keyof typeof running): vscode.CancellationToken => {
    running[what].cancel();
    running[what] = new vscode.CancellationTokenSource();
    return running[what].token;
  };

  async function sendMatrix(view: View): Promise<void> {
    const token = again('matrix');
    tell({ type: 'busy' });
    const matrix = await ask(client, 'matrix', { view }, token);
    if (token.isCancellationRequested) return;
    tell({ type: 'matrix', matrix: matrix && linkedMatrix(matrix) });
  }

  async function sendDetails(view: View, selection: Selection): Promise<void> {
    const token = again('details');
    const details = await detailsOf(client, view, selection, token);
    if (details && !token.isCancellationRequested) tell({ type: 'details', details });
  }

  async function heard(message: FromPage): Promise<void> {
    switch (message.type) {
      case 'show':
        isThere = true;
        if (first) {
          const { view, selection } = first;
          first = null;
          tell({ type: 'go', view, selection });
          return;
        }
        asked = { view: message.view, selection: null };
        return sendMatrix(message.view);
      case 'select':
        asked = { view: message.view, selection: message.selection };
        return sendDetails(message.view, message.selection);
      case 'close':
        if (asked) asked = { view: asked.view, selection: null };
        running.details.cancel();
        return;
      case 'trace': {
        const { view, from, to, service } = message;
        const traced = await ask(client, 'trace', { view, from, to, service });
        if (!traced) return;
        tell({ type: 'traced', from, to, traced: isProblem(traced) ? traced : { ...traced, way: linkedWay(traced.way) } });
        return;
      }
      case 'open':
        return openPlace(message.place);
      case 'export':
        return exportAs(client, message.what, message.view, message.open);
    }
  }

  function refresh(): void {
    stale = false;
    if (!asked) return;
    const { view, selection } = asked;
    void sendMatrix(view);
    if (selection) void sendDetails(view, selection);
  }

  webview.options = { enableScripts: true, localResourceRoots: [dist] };
  webview.html = htmlOf(webview, dist);
  panel.iconPath = vscode.Uri.joinPath(extensionUri, 'client/media/icon.png');
  const heardSubscription = webview.onDidReceiveMessage((message: FromPage) => {
    heard(message).catch((error: unknown) => client.error('The access matrix failed.', error, false));
  });
  const shownSubscription = panel.onDidChangeViewState(() => {
    // a page that is hidden is taken down, and asks anew
    if (!panel.visible) isThere = false;
    else if (stale && isThere) refresh();
  });

  return {
    panel,
    go(view, selection) {
      if (isThere) tell({ type: 'go', view, selection });
      else first = { view, selection };
    },
    changed() {
      if (panel.visible && isThere) refresh();
      else stale = true;
    },
    end() {
      for (const source of Object.values(running)) source.cancel();
      heardSubscription.dispose();
      shownSubscription.dispose();
    },
  };
}

async function detailsOf(
  client: BaseLanguageClient,
  view: View,
  selection: Selection,
  token: vscode.CancellationToken,
): Promise<Details | null> {
  if (selection.is === 'host') {
    const host = await ask(client, 'host', { id: selection.id, falls: selection.falls }, token);
    return host && { is: 'host', host: linkedHost(host) };
  }
  const { from, to } = selection;
  const explanation = await ask(client, 'explain', { view, from, to }, token);
  return explanation && { is: 'explanation', fromId: from, toId: to, explanation: withLabels(explanation) };
}

/** One script and one sheet of styles, both ours; nothing else is loaded, run or asked for. */
function htmlOf(webview: vscode.Webview, dist: vscode.Uri): string {
  const nonce = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const source = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(dist, name)).toString();
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Access Matrix</title>
<link rel="stylesheet" href="${source('page.css')}">
</head>
<body>
<script nonce="${nonce}" src="${source('page.js')}"></script>
</body>
</html>`;
}
