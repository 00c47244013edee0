// The server's door in a Node process: VS Code's IPC, or --stdio.
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { nodeHost } from '../host/node.ts';
import { version } from '../version.ts';
import { startServer } from './server.ts';

startServer(createConnection(ProposedFeatures.all), nodeHost, version);
