// meshwarden why: whether a host reaches an address with a service, and the lines that say so. The JSON is a promise to whoever reads it.
import { createInterface } from 'node:readline';
import { addressText } from '../net/address.ts';
import { views } from '../policy/views.ts';
import { type Asked, questionOf } from '../reach/way/question.ts';
import { type Answer, why } from '../reach/way/why.ts';
import type { Origin } from '../text/origin.ts';
import { type Command, type Format, formats, isWrong, oneOf, parsedArgs, type Surroundings, toldWrong } from './command.ts';
import type { PrintedPlace } from './places.ts';
import { lineOf, readWorkspace, type Workspace } from './workspace.ts';

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

function answerTo(workspace: Workspace, asked: Asked): Printed | string {
  const { model } = workspace.mesh;
  const question = questionOf(model, asked);
  return typeof question === 'string' ? question : printed(why(model, question), (origin) => lineOf(workspace, origin));
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
