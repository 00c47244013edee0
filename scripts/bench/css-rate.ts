// How fast vscode-css-languageservice parses, as a measure that does not hang on the machine: `node css-rate.ts`. Prints bytes a second of
// the processor.
import { createRequire } from 'node:module';
import path from 'node:path';
import { median } from './figures.ts';
import { cssDocument } from './peer-texts.ts';

interface CssService {
  parseStylesheet(document: unknown): unknown;
}

const require = createRequire(path.join(import.meta.dirname, 'peers/package.json'));
const { getCSSLanguageService, TextDocument } = require('vscode-css-languageservice') as {
  readonly getCSSLanguageService: () => CssService;
  readonly TextDocument: { create(uri: string, languageId: string, version: number, text: string): unknown };
};
const { text } = cssDocument(10_000, 20);
const service = getCSSLanguageService();
const times = Array.from({ length: 12 }, (_, version) => {
  const document = TextDocument.create('file:///a.css', 'css', version, text);
  const started = process.cpuUsage();
  service.parseStylesheet(document);
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
});
console.log(text.length / (median(times.slice(3)) / 1000));
