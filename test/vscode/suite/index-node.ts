// The door of the suite in Node's extension host: VS Code calls `run`.
import Mocha from 'mocha';
import { failureAsked, options, runWithLines } from './lines.ts';

export async function run(): Promise<void> {
  const mocha = new Mocha(options);
  mocha.suite.emit('pre-require', globalThis, '', mocha); // gives the suites their `suite` and `test`
  if (await failureAsked()) await import('./failing.suite.ts');
  else {
    await import('./meshwarden.suite.ts');
    await import('./views.suite.ts');
    await import('./disk.suite.ts');
  }
  return runWithLines(mocha);
}
