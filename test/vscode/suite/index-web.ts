// The door of the suite in the web worker extension host: VS Code calls `run`.
/// <reference types="mocha" />
import 'mocha/mocha.js';
import { options, runWithLines } from './lines.ts';

// mocha's browser build puts itself on the global object
declare const mocha: BrowserMocha;

export async function run(): Promise<void> {
  mocha.setup(options);
  await import('./meshwarden.suite.ts');
  return runWithLines(mocha);
}
