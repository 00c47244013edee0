// `tests`: what must hold of access, near Tailscale's: { "src": "laptop", "accept": ["app:tcp:443"], "deny": ["*"] }.
import type { Node } from 'jsonc-parser';
import { listed, quoted } from '../text/words.ts';
import type { Party, PolicyTarget, PolicyTest } from './facts.ts';
import { meant, readParties } from './grants.ts';
import { itemAt, type Notes, type Property, propertiesOf, spanOf, statementAt, type Text, tell, textsOf } from './json.ts';
import { partyOf } from './parties.ts';
import { isProtocol, serviceOf, splitTarget } from './service.ts';
import { type View, viewNamed, views } from './views.ts';

const KEYS = ['src', 'proto', 'accept', 'deny', 'view'];
const SHAPE = '{ "src": "laptop", "accept": ["app:tcp:443"], "deny": ["*"] }';

export function readTests({ key, value }: Property, notes: Notes): readonly PolicyTest[] {
  if (value?.type !== 'array') {
    tell(notes, spanOf(value ?? key), `“tests” must be a list: [${SHAPE}].`);
    return [];
  }
  return (value.children ?? []).flatMap((node) => {
    if (node.type === 'object') return [readTest(node, notes)];
    tell(notes, spanOf(node), `A test must be an object: ${SHAPE}.`);
    return [];
  });
}

function readTest(node: Node, notes: Notes): PolicyTest {
  const at = statementAt(notes, spanOf(node));
  const properties = propertiesOf(node);
  const protocol = protocolOf(properties, notes);
  let src: readonly Party[] = [];
  let accept: readonly PolicyTarget[] = [];
  let deny: readonly PolicyTarget[] = [];
  let view: View | null = null;
  for (const { name, key, value } of properties) {
    if (!value) continue;
    if (name === 'src') src = readParties(value, 'src', notes);
    else if (name === 'accept') accept = readTargets(value, protocol, notes);
    else if (name === 'deny') deny = readTargets(value, protocol, notes);
    else if (name === 'view') view = viewOf(value, notes);
    else if (name !== 'proto') tell(notes, spanOf(key), `A test has no ${quoted(name)}${meant(name, KEYS)}`);
  }
  const begins = { start: node.offset, end: node.offset + 1 };
  const has = (name: string): boolean => properties.some((one) => one.name === name && one.value);
  if (!has('src')) tell(notes, begins, `This test has no “src”: write ${SHAPE}.`);
  else if (!has('accept') && !has('deny')) tell(notes, begins, `This test asks nothing: add “accept” or “deny”, as in ${SHAPE}.`);
  return { at, src, accept, deny, view };
}

function protocolOf(properties: readonly Property[], notes: Notes): string | null {
  const value = properties.find(({ name }) => name === 'proto')?.value;
  if (!value) return null;
  for (const { text, span } of textsOf(value, true, notes)) {
    if (isProtocol(text)) return text.toLowerCase();
    tell(notes, span, `There is no protocol ${quoted(text)}: write one like tcp or udp.`);
  }
  return null;
}

function viewOf(value: Node, notes: Notes): View | null {
  for (const { text, span } of textsOf(value, true, notes)) {
    const view = viewNamed(text);
    if (view) return view;
    tell(notes, span, `A view is ${listed(views)}.`);
  }
  return null;
}

function readTargets(value: Node, protocol: string | null, notes: Notes): readonly PolicyTarget[] {
  return textsOf(value, false, notes).flatMap((text) => {
    const target = readTarget(text, protocol, notes);
    return target ? [target] : [];
  });
}

function readTarget(all: Text, protocol: string | null, notes: Notes): PolicyTarget | null {
  const { text, span, inside } = all;
  const split = splitTarget(text, protocol);
  if ('problem' in split) {
    tell(notes, span, split.problem);
    return null;
  }
  const service = serviceOf(split.service, protocol);
  if ('problem' in service) {
    tell(notes, span, service.problem);
    return null;
  }
  const at = itemAt(notes, inside ?? span);
  const within = inside && { start: inside.start + split.start, end: inside.start + split.end };
  const party = partyOf({ text: text.slice(split.start, split.end), span: within ?? span, inside: within }, notes);
  return party && { text, at, party, service };
}
