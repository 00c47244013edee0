// What the engine says of flows beside what became of them.
import { parsedFile } from '../../../server/src/analysis/parsed-file.ts';
import { languageOfPath } from '../../../server/src/analysis/recognise.ts';
import { buildMesh } from '../../../server/src/mesh/build.ts';
import type { MeshModel } from '../../../server/src/mesh/model.ts';
import { addressText, parseAddress } from '../../../server/src/net/address.ts';
import { type Answer, why } from '../../../server/src/reach/way/why.ts';
import { sourceFile } from '../../../server/src/text/source-file.ts';
import { FIRST_PORT, type Flow, type FlowEnd } from '../../../test/kernel/support/mesh.ts';
import { addressOf } from '../network.ts';

export interface ComparedFlow {
  readonly number: number;
  readonly flow: Flow;
  readonly end: FlowEnd;
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

export function compareFlow(model: MeshModel, flow: Flow, number: number, end: FlowEnd): ComparedFlow {
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
  return { number, flow, end, answer, wrong: wrongIn(answer, flow, end) };
}

function wrongIn({ answer, end: ours, oneWay }: Answer, flow: Flow, end: FlowEnd): string | null {
  if (answer === 'unknown') return null;
  if (answer === 'no') return end.end === null ? null : `we say no, and it came to ${end.end}`;
  if (end.end === null) return 'we say yes, and it was lost';
  if (!ours) return 'we say yes, and do not say where it ends';
  const name = ours.beyond ? `behind ${ours.host.name}` : ours.host.name;
  if (name !== end.end) return `we say that it comes to ${name}, and it came to ${end.end}`;
  const { source, sourceKnown, destination, destinationPort } = ours.sent;
  // where it left the mesh it may have been given a last address that nobody here knows
  if (sourceKnown !== false && addressText(source) !== end.source) return `we say that it comes from ${addressText(source)}`;
  if (addressText(destination) !== end.to) return `we say that it comes to ${addressText(destination)}`;
  if (destinationPort !== null && destinationPort !== end.port) return `we say that it comes to port ${destinationPort}`;
  if (flow.taken || oneWay === null || flow.protocol === OTHER) return null;
  return oneWay === end.answered ? `we say that ${oneWay ? 'no' : 'an'} answer comes back, and ${end.answered ? 'one' : 'none'} did` : null;
}

/** A protocol that nobody answers. */
const OTHER = 89;
