// The door of the suite in the web worker extension host: VS Code calls `run`.
/// <reference types="mocha" />
import 'mocha/mocha.js';
import { failureAsked, options, runWithLines } from './lines.ts';

// mocha's browser build puts itself on the global object
declare const mocha: BrowserMocha;

export async function run(): Promise<void> {
  mocha.setup(options);
  if (await failureAsked()) await import('./failing.suite.ts');
  else {
    await import('./meshwarden.suite.ts');
    await import('./views.suite.ts');
    await import('./virtual.suite.ts');
  }
  return runWithLines(mocha);
}
