// `grants`: who may use which services of whom, in Tailscale's words: { "src": ["laptop"], "dst": ["app"], "ip": ["tcp:443"] }.
import type { Node } from 'jsonc-parser';
import { listed, nearest, quoted } from '../text/words.ts';
import type { Grant, Party } from './facts.ts';
import { itemAt, type Notes, type Property, propertiesOf, spanOf, statementAt, tell, textsOf } from './json.ts';
import { partyOf } from './parties.ts';
import { serviceOf } from './service.ts';

const KEYS = ['src', 'dst', 'ip'];
const SHAPE = '{ "src": ["laptop"], "dst": ["app"], "ip": ["tcp:443"] }';

export function readGrants({ key, value }: Property, notes: Notes): readonly Grant[] {
  if (value?.type !== 'array') {
    tell(notes, spanOf(value ?? key), `“grants” must be a list: [${SHAPE}].`);
    return [];
  }
  return (value.children ?? []).flatMap((node) => {
    if (node.type === 'object') return [readGrant(node, notes)];
    tell(notes, spanOf(node), `A grant must be an object: ${SHAPE}.`);
    return [];
  });
}

function readGrant(node: Node, notes: Notes): Grant {
  const at = statementAt(notes, spanOf(node));
  let src: readonly Party[] = [];
  let dst: readonly Party[] = [];
  let ip: Grant['ip'] = [];
  const found = new Set<string>();
  for (const { name, key, value } of propertiesOf(node)) {
    if (!value) continue;
    found.add(name);
    if (name === 'src') src = readParties(value, 'src', notes);
    else if (name === 'dst') dst = readParties(value, 'dst', notes);
    else if (name === 'ip') ip = readServices(value, notes);
    else tell(notes, spanOf(key), `A grant has no ${quoted(name)}${meant(name, KEYS)}`);
  }
  const missing = KEYS.filter((one) => !found.has(one));
  if (missing.length > 0)
    tell(
      notes,
      { start: node.offset, end: node.offset + 1 },
      `This grant has no ${listed(
        missing.map((one) => `“${one}”`),
        'and',
      )}: write ${SHAPE}.`,
    );
  return { at, src, dst, ip };
}

export function readParties(value: Node, key: string, notes: Notes): readonly Party[] {
  if (value.type === 'array' && value.children?.length === 0)
    tell(notes, spanOf(value), `“${key}” names nobody: write a host, a group, an address, or * for everybody.`);
  return textsOf(value, false, notes).flatMap((text) => {
    const party = partyOf(text, notes);
    return party ? [party] : [];
  });
}

function readServices(value: Node, notes: Notes): Grant['ip'] {
  if (value.type === 'array' && value.children?.length === 0)
    tell(notes, spanOf(value), '“ip” names no service: write one like tcp:443, or * for all of them.');
  return textsOf(value, false, notes).flatMap(({ text, span, inside }) => {
    const service = serviceOf(text);
    if (!('problem' in service)) return [{ ...service, at: itemAt(notes, inside ?? span) }];
    tell(notes, span, service.problem);
    return [];
  });
}

export function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near.length > 0 ? `: did you mean ${listed(near)}?` : `; there are ${listed(known, 'and', 8)}.`;
}
