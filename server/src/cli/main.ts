// The command line: what to run, and how to leave. `meshwarden check` is for people and for CI, `meshwarden lsp` for editors.
import { errorPlace } from '../analysis/guard.ts';
import { listed } from '../text/words.ts';
import { version } from '../version.ts';
import { accessCommand } from './access.ts';
import { checkCommand } from './check.ts';
import { type Command, type Surroundings, toldWrong } from './command.ts';
import { diffCommand } from './diff.ts';
import { generateCommand } from './generate.ts';
import { testCommand } from './test.ts';
import { traceCommand } from './trace.ts';
import { whyCommand } from './why.ts';

const lspCommand: Command = {
  name: 'lsp',
  usage: '  meshwarden lsp --stdio     serve an editor\n',
  async run(args, around) {
    if (!args.includes('--stdio')) return toldWrong(around, 'lsp speaks on its standard input and output only: add --stdio');
    await import('../lsp/node.ts');
    return null;
  },
};

const commands: readonly Command[] = [
  checkCommand,
  accessCommand,
  whyCommand,
  traceCommand,
  testCommand,
  diffCommand,
  generateCommand,
  lspCommand,
];

const usage = `Mesh Warden ${version}: WireGuard configs and nftables rulesets, read together

${commands.map((command) => command.usage).join('')}  meshwarden --help | --version

Exit status 2: a wrong call, or a file that cannot be read.
`;

const around: Surroundings = { folder: process.cwd(), input: process.stdin, out: process.stdout, err: process.stderr };

async function run([name, ...rest]: readonly string[]): Promise<number | null> {
  if (name === undefined) {
    around.err.write(usage);
    return 2;
  }
  if (name === '--help' || name === '-h' || name === 'help' || rest.includes('--help') || rest.includes('-h')) {
    around.out.write(usage);
    return 0;
  }
  if (name === '--version' || name === '-v') {
    around.out.write(`${version}\n`);
    return 0;
  }
  const command = commands.find((one) => one.name === name);
  const names = commands.map((one) => one.name);
  return command
    ? command.run(rest, around)
    : toldWrong(around, `there is no command “${name}”; there are ${listed(names, 'and', names.length)}`);
}

// a reader that has seen enough (`| head`) is no failure of ours
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

run(process.argv.slice(2)).then(
  (status) => {
    if (status !== null) process.exitCode = status;
  },
  (error: unknown) => {
    // where in our code, never what it was looking at
    process.stderr.write(`meshwarden: this is a mistake of ours, please report it: ${errorPlace(error)}\n`);
    process.exitCode = 2;
  },
);
