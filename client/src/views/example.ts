// A mesh to try things on: a copy of the packed example, in a folder that the person names.
import * as vscode from 'vscode';

export async function openExample(extensionUri: vscode.Uri): Promise<void> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      canSelectFolders: true,
      canSelectFiles: false,
      openLabel: 'Copy the example here',
      title: 'Where shall the example mesh lie?',
    })) ?? [];
  if (!folder) return;
  const target = vscode.Uri.joinPath(folder, 'flat-mesh');
  try {
    await vscode.workspace.fs.copy(vscode.Uri.joinPath(extensionUri, 'examples/flat-mesh'), target, { overwrite: false });
  } catch (error) {
    const isThere = error instanceof vscode.FileSystemError && error.code === 'FileExists';
    if (!isThere) {
      void vscode.window.showErrorMessage(`The example could not be copied to ${target.fsPath}.`);
      return;
    }
  }
  await vscode.commands.executeCommand('vscode.openFolder', target, { forceNewWindow: false });
}
