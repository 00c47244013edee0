// The command line: what to run, and how to leave. `meshwarden check` is for people and for CI, `meshwarden lsp` for editors.
import { parseArgs } from 'node:util';
import { errorPlace } from '../analysis/guard.ts';
import { isVersion, newestVersion, versions } from '../nftables/vocabulary/versions.ts';
import { version } from '../version.ts';
import { isTarget, targets } from '../wireguard/targets/target.ts';
import { isWgVersion, newestWgVersion, wgVersions } from '../wireguard/version.ts';
import { type CheckOptions, check, failLevels, formats } from './check.ts';
import { traceBatch } from './trace.ts';
import { views, whyBatch, whyOne } from './why.ts';

const usage = `Mesh Warden ${version}: WireGuard configs and nftables rulesets, read together

  meshwarden check [PATH…]   check files and folders (default: this folder)
      --format pretty|json   how to print (default pretty)
      --fail-on LEVEL        the least severity that fails: error, warning, info or never (default warning)
      --wg-version VERSION   whose reading of WireGuard configs counts: ${wgVersions.join(', ')} (default the last)
      --targets APP,…        also tell what these refuse or drop of a config: ${targets.join(', ')}
      --nft-version VERSION  the version of nft that rulesets are written for (default ${newestVersion})
  meshwarden why FROM TO PROTO[/PORT] [FOLDER]
                             whether the host FROM reaches TO, an address or a host, and by which lines; PROTO is tcp, udp, icmp or
                             a number
      --view access|blast-radius   what an honest host can do (default), or one that is taken
      --source ADDRESS       what it sends from (default: its own address)
      --format pretty|json   how to print (default pretty)
  meshwarden why --batch - [FOLDER]
                             questions as JSON lines from standard input: {"from","source"?,"to","proto","port"?,"view"?}
  meshwarden trace RULESET --batch -
                             what a ruleset makes of packets, which are JSON lines from standard input: {"hook","iif","oif","src","dst",
                             "proto","sport","dport","ct","tcpFlags"?,"icmpType"?}, where hook is the way: forward, input or output
  meshwarden lsp --stdio     serve an editor
  meshwarden --help | --version

Exit status: 0 clean, 1 findings at or above the level, 2 a wrong call or a file that cannot be read. Of why: 0 yes, 1 no or unknown; of
a batch 0.
`;

function wrong(message: string): number {
  process.stderr.write(`meshwarden: ${message}\nTry “meshwarden --help”.\n`);
  return 2;
}

async function run(args: readonly string[]): Promise<number | null> {
  const [command, ...rest] = args;
  if (command === undefined || command === '--help' || command === '-h' || command === 'help') {
    (command === undefined ? process.stderr : process.stdout).write(usage);
    return command === undefined ? 2 : 0;
  }
  if (command === '--version' || command === '-v') {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  if (command === 'check') return runCheck(rest);
  if (command === 'why') return runWhy(rest);
  if (command === 'trace') return runTrace(rest);
  if (command === 'lsp') {
    if (!rest.includes('--stdio')) return wrong('lsp speaks on its standard input and output only: add --stdio');
    await import('../lsp/node.ts');
    return null;
  }
  return wrong(`there is no command “${command}”; there are check, why, trace and lsp`);
}

function runCheck(args: readonly string[]): Promise<number> | number {
  let parsed: {
    readonly values: {
      readonly format?: string;
      readonly 'fail-on'?: string;
      readonly 'wg-version'?: string;
      readonly 'nft-version'?: string;
      readonly targets?: string;
      readonly help?: boolean;
    };
    readonly positionals: readonly string[];
  };
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        format: { type: 'string' },
        'fail-on': { type: 'string' },
        'wg-version': { type: 'string' },
        targets: { type: 'string' },
        'nft-version': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
  const { format = 'pretty', 'fail-on': failOn = 'warning', help } = parsed.values;
  const { 'wg-version': wgVersion = newestWgVersion, 'nft-version': nftVersion = newestVersion } = parsed.values;
  if (help) {
    process.stdout.write(usage);
    return 0;
  }
  if (!isOneOf(formats, format)) return wrong(`--format takes ${formats.join(' or ')}, not “${format}”`);
  if (!isOneOf(failLevels, failOn)) return wrong(`--fail-on takes ${failLevels.join(', ')}, not “${failOn}”`);
  if (!isWgVersion(wgVersion)) return wrong(`--wg-version takes ${wgVersions.join(', ')}, not “${wgVersion}”`);
  if (!isVersion(nftVersion)) return wrong(`--nft-version takes ${versions.join(', ')}, not “${nftVersion}”`);
  const apps = (parsed.values.targets ?? '').split(',').filter(Boolean);
  const unknown = apps.find((app) => !isTarget(app));
  if (unknown !== undefined) return wrong(`--targets takes ${targets.join(', ')} with commas between, not “${unknown}”`);
  const paths = parsed.positionals.length > 0 ? parsed.positionals : ['.'];
  const options: CheckOptions = { paths, format, failOn, wgVersion, nftVersion, targets: apps.filter(isTarget) };
  return check(options, process.cwd(), process.stdout, process.stderr);
}

function runWhy(args: readonly string[]): Promise<number> | number {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        format: { type: 'string', default: 'pretty' },
        view: { type: 'string', default: 'access' },
        source: { type: 'string' },
        batch: { type: 'string' },
      },
    });
    const { format, view, source = null, batch } = values;
    if (!isOneOf(formats, format)) return wrong(`--format takes ${formats.join(' or ')}, not “${format}”`);
    if (!isOneOf(views, view)) return wrong(`--view takes ${views.join(' or ')}, not “${view}”`);
    const streams = { out: process.stdout, err: process.stderr };
    if (batch !== undefined) {
      const [path = '.', ...more] = positionals;
      if (batch !== '-' || more.length > 0) return wrong('why --batch reads standard input alone: why --batch - [FOLDER]');
      return whyBatch(process.stdin, path, process.cwd(), streams);
    }
    const [from, to, service, path = '.', ...more] = positionals;
    if (from === undefined || to === undefined || service === undefined || more.length > 0)
      return wrong('why takes FROM TO PROTO[/PORT] [FOLDER]');
    return whyOne({ from, to, service, view, source, format }, path, process.cwd(), streams);
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
}

function runTrace(args: readonly string[]): Promise<number> | number {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { batch: { type: 'string' }, format: { type: 'string', default: 'json' } },
    });
    const [ruleset, ...more] = positionals;
    if (ruleset === undefined || more.length > 0 || values.batch !== '-')
      return wrong('trace takes a ruleset, and packets from standard input: trace RULESET --batch -');
    if (values.format !== 'json') return wrong(`trace prints JSON lines; --format takes json, not “${values.format}”`);
    return traceBatch(process.stdin, ruleset, process.cwd(), { out: process.stdout, err: process.stderr });
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
}

function isOneOf<T extends string>(values: readonly T[], value: string): value is T {
  return (values as readonly string[]).includes(value);
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
