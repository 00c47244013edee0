// What the engine says of flows beside what became of them.
import { parsedFile } from '../../../server/src/analysis/parsed-file.ts';
import { languageOfPath } from '../../../server/src/analysis/recognise.ts';
import { buildMesh } from '../../../server/src/mesh/build.ts';
import type { MeshModel } from '../../../server/src/mesh/model.ts';
import { addressText, parseAddress } from '../../../server/src/net/address.ts';
import { type Answer, why } from '../../../server/src/reach/way/why.ts';
import { sourceFile } from '../../../server/src/text/source-file.ts';
import { FIRST_PORT, type Flow, type FlowEnd, type FlowResult } from '../../../test/kernel/support/mesh.ts';
import { addressOf } from '../network.ts';

export interface ComparedFlow {
  readonly number: number;
  readonly flow: Flow;
  readonly result: FlowResult;
  readonly answer: Answer;
  /** What is wrong; null where nothing is. */
  readonly wrong: string | null;
}

/** A workspace's model, as the command line makes it. */
export function modelOf(files: Readonly<Record<string, string>>): MeshModel {
  const parsed = Object.entries(files).map(([path, text]) => {
    const uri = `file:///mesh/${path}`;
    const language = languageOfPath(`/mesh/${path}`);
    if (language === null || language === 'maybe') throw new Error(`${path}: not one of ours`);
    return { uri, facts: parsedFile(sourceFile(uri, 1, language, text)).facts };
  });
  return buildMesh(parsed).model;
}

export function compareFlow(model: MeshModel, flow: Flow, number: number, result: FlowResult): ComparedFlow {
  const from = model.links.hosts.find(({ name }) => name === flow.from);
  if (!from) throw new Error(`there is no ${flow.from}`);
  const answer = why(model, {
    from,
    source: flow.source === null ? null : parseAddress(flow.source),
    to: addressOf(flow.to),
    protocol: flow.protocol,
    port: flow.port === 0 ? null : flow.port,
    view: flow.taken ? 'blast-radius' : 'access',
    sourcePort: FIRST_PORT + number,
  });
  return { number, flow, result, answer, wrong: wrongIn(answer, flow, result) };
}

function wrongIn({ answer, end, oneWay }: Answer, flow: Flow, { ends, answered }: FlowResult): string | null {
  if (answer === 'unknown') return null;
  const [first] = ends;
  if (answer === 'no') return first ? `we say no, and it came to ${first.host}` : null;
  if (!first) return 'we say yes, and it was lost';
  if (!end) return 'we say yes, and do not say where it ends';
  if (!ends.some((one) => isSame(end, one))) {
    const { host, sent, beyond } = end;
    return `we say that it comes ${beyond ? 'behind' : 'to'} ${host.name} from ${addressText(sent.source)} to ${addressText(sent.destination)} ${sent.destinationPort}`;
  }
  if (flow.taken || oneWay === null || flow.protocol === OTHER) return null;
  return oneWay === answered ? `we say that ${oneWay ? 'no' : 'an'} answer comes back, and ${answered ? 'one' : 'none'} did` : null;
}

function isSame({ host, beyond, sent }: NonNullable<Answer['end']>, end: FlowEnd): boolean {
  return (
    end.host === (beyond ? `behind ${host.name}` : host.name) &&
    // where it left the mesh it may have been given a last address that nobody here knows
    (sent.sourceKnown === false || end.source === addressText(sent.source)) &&
    end.to === addressText(sent.destination) &&
    (sent.destinationPort === null || sent.destinationPort === end.port)
  );
}

/** A protocol that nobody answers. */
const OTHER = 89;
