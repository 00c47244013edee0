#!/usr/bin/env node
// Stands in for the desktop `code` that @vscode/test-electron starts: takes its arguments, runs the suite in the embedded editor and ends
// with the suite's exit code. Needs Node 24 first on PATH, as npm puts it.
import path from 'node:path';
import { runSuite } from './hosts.ts';

const value = (name: string): string => process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3) ?? '';
const folder = path.resolve(process.argv.slice(2).find((arg) => !arg.startsWith('-')) ?? '');
const run = await runSuite('node', { folder, extension: value('extensionDevelopmentPath'), suite: value('extensionTestsPath') });
for (const line of run.lines.filter((text) => text.startsWith('[suite] '))) console.log(line);
process.exit(run.exitCode === 'timeout' ? 3 : run.exitCode);
