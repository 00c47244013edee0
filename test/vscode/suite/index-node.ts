// The door of the suite in Node's extension host: VS Code calls `run`.
import Mocha from 'mocha';
import { options, runWithLines } from './lines.ts';

export async function run(): Promise<void> {
  const mocha = new Mocha(options);
  mocha.suite.emit('pre-require', globalThis, '', mocha); // gives the suite its `suite` and `test`
  await import('./meshwarden.suite.ts');
  return runWithLines(mocha);
}
