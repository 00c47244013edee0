// The server's state, for a person in the status bar's language menu and for whoever asks the extension's exports.
import * as vscode from 'vscode';
import { type BaseLanguageClient, State } from 'vscode-languageclient';
import { documentSelector } from './languages.ts';

export type ServerState = 'starting' | 'running' | 'stopped';

/** What `activate` returns. Tests wait for it; `serverPid` is undefined in a browser and while no server runs. */
export interface MeshWardenApi {
  readonly kind: 'node' | 'browser';
  readonly serverState: () => ServerState;
  readonly serverPid: () => number | undefined;
}

const words: Readonly<Record<ServerState, string>> = {
  starting: 'The server is starting',
  running: 'The server is running',
  stopped: 'The server does not run: nothing is checked',
};

export function serverState(client: BaseLanguageClient): ServerState {
  if (client.state === State.Running) return 'running';
  return client.state === State.Starting ? 'starting' : 'stopped';
}

/** Keeps one line in the language menu of our files: the server's state, with its restart where that helps. */
export function showStatus(client: BaseLanguageClient): vscode.Disposable {
  const item = vscode.languages.createLanguageStatusItem('meshwarden.server', documentSelector);
  item.name = 'Mesh Warden';
  const draw = (): void => {
    const state = serverState(client);
    item.text = 'Mesh Warden';
    item.detail = words[state];
    item.busy = state === 'starting';
    item.severity = state === 'stopped' ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
    item.command =
      state === 'stopped'
        ? { title: 'Restart', command: 'meshwarden.restartServer' }
        : { title: 'Output', command: 'meshwarden.showOutput' };
  };
  draw();
  return vscode.Disposable.from(item, client.onDidChangeState(draw));
}
