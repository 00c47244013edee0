// Measures Mesh Warden: `npm run bench [SUBJECT] [-- OPTION…]`. A subject is one file of bench/ with a `run`; without one, the keystroke bench runs.
const subjects: Readonly<Record<string, () => Promise<{ run(args: readonly string[]): Promise<number> }>>> = {
  keystroke: () => import('./bench/keystroke.ts'),
  mesh: () => import('./bench/mesh.ts'),
  nftables: () => import('./bench/nftables.ts'),
  generate: () => import('./bench/generate.ts'),
  reach: () => import('./bench/reach.ts'),
  wireguard: () => import('./bench/wireguard.ts'),
};

const [first, ...rest] = process.argv.slice(2);
const named = first !== undefined && !first.startsWith('-');
const subject = subjects[named ? first : 'keystroke'];
if (subject) {
  const { run } = await subject();
  process.exitCode = await run(named ? rest : process.argv.slice(2));
} else {
  console.error(`bench: no subject "${first}". There are: ${Object.keys(subjects).join(', ')}`);
  process.exitCode = 2;
}
