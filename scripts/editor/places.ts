// Where the parts of the embedded VS Code lie. Nothing here says that they are installed: setup.ts does.
import { existsSync } from 'node:fs';
import path from 'node:path';

export const projectRoot = path.resolve(import.meta.dirname, '../..');
export const editorRoot = import.meta.dirname;
export const editorModules = path.join(editorRoot, 'node_modules');
/** VS Code itself, inside code-server. */
export const vscodeRoot = path.join(editorModules, 'code-server/lib/vscode');
export const serverMain = path.join(vscodeRoot, 'out/server-main.js');

const ownNode = path.join(projectRoot, 'node_modules/node');

/** The Node that runs VS Code's server: the pinned one of the project, because code-server takes no other than Node 24. */
export const node24 = existsSync(path.join(ownNode, 'bin/node')) ? path.join(ownNode, 'bin/node') : process.execPath;

/** Where set-up puts a Node package of its own for its headers, where `node24` has none beside it. */
export const ownHeaders = path.join(editorModules, '.headers');
export const nodePackage = `node-${process.platform}-${process.arch}`;

/** The folder that holds `node24`'s `include/node`, for node-gyp; undefined where it is not on the machine. */
export function nodeHeaders(): string | undefined {
  const candidates = [
    // as `npm ci` leaves it; a later `npm install` of anything takes it away
    path.join(ownNode, 'node_modules', nodePackage),
    path.resolve(node24, '../..'),
    path.join(ownHeaders, 'node_modules', nodePackage),
  ];
  return candidates.find((folder) => existsSync(path.join(folder, 'include/node/node_version.h')));
}
