// meshwarden why: whether a host reaches an address with a service, and the lines that say so. The JSON is a promise to whoever reads it.
import { createInterface } from 'node:readline';
import type { Host } from '../mesh/model.ts';
import { type Address, addressText, parseAddress } from '../net/address.ts';
import { portProtocols, protocols } from '../net/protocols.ts';
import { views } from '../policy/views.ts';
import { type Answer, type View, why } from '../reach/way/why.ts';
import type { Origin } from '../text/origin.ts';
import { type Command, type Format, formats, isWrong, oneOf, parsedArgs, type Surroundings, toldWrong } from './command.ts';
import type { PrintedPlace } from './places.ts';
import { lineOf, readWorkspace, type Workspace } from './workspace.ts';

interface Asked {
  readonly from: string;
  readonly to: string;
  /** `tcp/443`, `icmp`. */
  readonly service: string;
  readonly view: View;
  readonly source: string | null;
}

interface Printed {
  readonly answer: Answer['answer'];
  readonly hops: readonly { readonly path?: string; readonly line?: number; readonly says: string }[];
  readonly oneWay?: boolean;
  readonly witness?: {
    readonly source: string;
    readonly destination: string;
    readonly protocol: number;
    readonly sourcePort?: number;
    readonly destinationPort?: number;
  };
}

export const whyCommand: Command = {
  name: 'why',
  usage: `  meshwarden why FROM TO PROTO[/PORT] [FOLDER]
                             whether the host FROM reaches TO, an address or a host, and by which lines; PROTO is tcp, udp, icmp or
                             a number
      --view access|blast-radius   what an honest host can do (default), or one that is taken
      --source ADDRESS       what it sends from (default: its own address)
      --format pretty|json   how to print (default pretty)
      ends with 0 for yes, with 1 for no or unknown; a batch with 0
  meshwarden why --batch - [FOLDER]
                             questions as JSON lines from standard input: {"from","source"?,"to","proto","port"?,"view"?}
`,
  run(args, around) {
    const text = { type: 'string' } as const;
    const options = { format: text, view: text, source: text, batch: text };
    const parsed = parsedArgs({ args: [...args], allowPositionals: true, options });
    if (isWrong(parsed)) return toldWrong(around, parsed.wrong);
    const { values, positionals } = parsed;
    const format = oneOf('format', formats, values.format);
    if (isWrong(format)) return toldWrong(around, format.wrong);
    const view = oneOf('view', views, values.view);
    if (isWrong(view)) return toldWrong(around, view.wrong);
    const { source = null, batch } = values;
    if (batch !== undefined) {
      const [path = '.', ...more] = positionals;
      if (batch !== '-' || more.length > 0) return toldWrong(around, 'why --batch reads standard input alone: why --batch - [FOLDER]');
      return whyBatch(path, around);
    }
    const [from, to, service, path = '.', ...more] = positionals;
    if (from === undefined || to === undefined || service === undefined || more.length > 0)
      return toldWrong(around, 'why takes FROM TO PROTO[/PORT] [FOLDER]');
    return whyOne({ from, to, service, view, source, format }, path, around);
  },
};

/** One question. Returns the exit status: 0 for yes, 1 for no and for unknown. */
async function whyOne(asked: Asked & { readonly format: Format }, folderPath: string, around: Surroundings): Promise<number> {
  const workspace = await readWorkspace(folderPath, around);
  if (!workspace) return 2;
  const answer = answerTo(workspace, asked);
  if (typeof answer === 'string') {
    around.err.write(`meshwarden: ${answer}\n`);
    return 2;
  }
  around.out.write(asked.format === 'json' ? `${JSON.stringify(answer)}\n` : pretty(answer));
  return answer.answer === 'yes' ? 0 : 1;
}

/** A question a line, and for each a line in the same order; `{"error"}` for one that asks nothing. */
async function whyBatch(folderPath: string, around: Surroundings): Promise<number> {
  const workspace = await readWorkspace(folderPath, around);
  if (!workspace) return 2;
  for await (const line of createInterface({ input: around.input })) {
    if (line.trim() === '') continue;
    const asked = questionIn(line);
    const answer = typeof asked === 'string' ? asked : answerTo(workspace, asked);
    around.out.write(`${JSON.stringify(typeof answer === 'string' ? { error: answer } : answer)}\n`);
  }
  return 0;
}

function questionIn(line: string): Asked | string {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    return 'this line is no JSON';
  }
  if (typeof read !== 'object' || read === null) return 'this line is no question';
  const { from, to, proto, port, source, view = 'access' } = read as Readonly<Record<string, unknown>>;
  if (typeof from !== 'string' || typeof to !== 'string') return '“from” and “to” are missing';
  if (typeof proto !== 'string' && typeof proto !== 'number') return '“proto” is missing';
  if (view !== 'access' && view !== 'blast-radius') return '“view” is access or blast-radius';
  const hasPort = typeof port === 'number' && port > 0;
  return { from, to, service: hasPort ? `${proto}/${port}` : String(proto), view, source: typeof source === 'string' ? source : null };
}

function answerTo(workspace: Workspace, { from, to, service, view, source }: Asked): Printed | string {
  const { model } = workspace.mesh;
  const { hosts } = model.links;
  const sender = hostNamed(hosts, from);
  if (typeof sender === 'string') return sender;
  const target = parseAddress(to) ?? addressOfHost(hosts, to, sender);
  if (typeof target === 'string') return target;
  const of = source === null ? null : parseAddress(source);
  if (source !== null && !of) return `“${source}” is no address`;
  if (of && of.version !== target.version) return 'source and destination are of two versions of IP';
  const read = serviceOf(service, target.version);
  if (typeof read === 'string') return read;
  const answer = why(model, { from: sender, source: of, to: target, ...read, view });
  return printed(answer, (origin) => lineOf(workspace, origin));
}

function hostNamed(hosts: readonly Host[], name: string): Host | string {
  const found = hosts.filter((host) => host.name === name);
  const [only] = found;
  if (only && found.length === 1) return only;
  const names = hosts.map((host) => host.name).join(', ');
  return only ? `${found.length} hosts are called “${name}”` : `there is no host “${name}”; there are ${names || 'none'}`;
}

/** An address that the sender shares a version with. */
function addressOfHost(hosts: readonly Host[], name: string, sender: Host): Address | string {
  const host = hostNamed(hosts, name);
  if (typeof host === 'string') return host;
  const versions = new Set(sender.interfaces.flatMap(({ addresses }) => addresses.map(({ version }) => version)));
  const found = host.interfaces.flatMap(({ addresses }) => addresses).find(({ version }) => versions.has(version));
  return found ?? `${name} has no address that ${sender.name} could send to`;
}

function serviceOf(text: string, version: 4 | 6): { readonly protocol: number; readonly port: number | null } | string {
  const [name = '', portText, ...more] = text.toLowerCase().split('/');
  const named = name === 'icmp' && version === 6 ? 58 : protocols.get(name);
  const protocol = named ?? (/^\d{1,3}$/.test(name) && Number(name) < 256 ? Number(name) : null);
  if (protocol === null || more.length > 0) return `“${text}” is no service; write tcp/443, udp/53 or icmp`;
  const hasPorts = portProtocols.includes(protocol);
  if (!hasPorts) return portText === undefined ? { protocol, port: null } : `${name} has no ports`;
  const port = /^\d{1,5}$/.test(portText ?? '') ? Number(portText) : 0;
  return port > 0 && port < 65536 ? { protocol, port } : `${name} needs a port, as in ${name}/443`;
}

function printed({ answer, hops, oneWay, witness }: Answer, place: (origin: Origin) => PrintedPlace | null): Printed {
  return {
    answer,
    hops: hops.map(({ at, says }) => ({ ...(at ? place(at) : null), says })),
    ...(oneWay === null ? {} : { oneWay }),
    ...(witness
      ? {
          witness: {
            source: addressText(witness.source),
            destination: addressText(witness.destination),
            protocol: witness.protocol,
            ...(witness.sourcePort === null ? {} : { sourcePort: witness.sourcePort }),
            ...(witness.destinationPort === null ? {} : { destinationPort: witness.destinationPort }),
          },
        }
      : {}),
  };
}

function pretty({ answer, hops, oneWay, witness }: Printed): string {
  const from = witness ? `${witness.source} → ${witness.destination}` : '';
  const lines = hops.map(({ path: file, line, says }) => `  ${says}${file ? `  (${file}:${line})` : ''}`);
  return `${answer}${oneWay ? ', one-way: no answer comes back' : ''}  ${from}\n${lines.join('\n')}\n`;
}
