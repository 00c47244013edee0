// The door of every script: says the mend where Node is too old to run TypeScript, then runs scripts/NAME.ts.
// Plain JavaScript on purpose, so that an old Node can read it.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const [, , name, ...rest] = process.argv;
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Mesh Warden's scripts need Node 22.18 or newer, this is ${process.version} (${process.execPath}).\n` +
      'Mend: run `npm ci` once (it brings Node 24 as node_modules/.bin/node), then call the script through npm: `npm run build`, `npm start`, `npm test`.',
  );
  process.exit(2);
}
if (!name || !/^[a-z][a-z/-]*$/.test(name)) {
  console.error('usage: node scripts/run.mjs NAME [ARGUMENT…], where scripts/NAME.ts exists');
  process.exit(2);
}
process.argv.splice(1, 2, new URL(`./${name}.ts`, import.meta.url).pathname);
process.argv.length = 2;
process.argv.push(...rest);
await import(`./${name}.ts`);
