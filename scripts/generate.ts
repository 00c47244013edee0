// `npm run generate [-- --check]`: writes what is made from tables in the code: the TextMate grammars from the vocabularies, the rules' pages
// from the rules. With --check it writes nothing and fails where a file is stale, missing or left over.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { differences, generatedFiles, root } from './generate/files.ts';

const args = process.argv.slice(2);
if (args.some((arg) => arg !== '--check')) {
  console.error('usage: npm run generate [-- --check]');
  process.exit(2);
}
const check = args.includes('--check');

const files = generatedFiles();
const different = differences(files);
for (const { file, how } of different) {
  if (check) console.error(`${file}: ${how}`);
  else if (how === 'left over') rmSync(path.join(root, file));
  else {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), files.get(file) ?? '');
  }
}
if (check && different.length > 0) {
  console.error('These files are not as the code makes them. Mend: `npm run generate`.');
  process.exitCode = 1;
} else if (check) console.log(`${files.size} generated files are as the code makes them`);
else console.log(`${files.size} generated files: ${different.length} written or removed, ${files.size - different.length} unchanged`);
