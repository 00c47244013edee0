// Reads `meshwarden.jsonc`: JSON with comments. What cannot be taken is told and left out; the rest counts.
import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { type Address, hasHostBits, masked, type Prefix, parseAddress, parsePrefix, prefixText } from '../net/address.ts';
import { publicKeyText } from '../net/key.ts';
import { equalData } from '../text/equal.ts';
import type { Span } from '../text/span.ts';
import { listed, nearest, quoted } from '../text/words.ts';
import { type Level, levelNames, type PolicyFacts, type PolicyHost } from './facts.ts';
import { type Role, roleNamed, roles } from './roles.ts';

export interface PolicyProblem extends Span {
  readonly message: string;
}

export interface PolicyReading {
  readonly facts: PolicyFacts;
  readonly problems: readonly PolicyProblem[];
  /** Where each rule is named, in order. */
  readonly ruleNames: readonly (Span & { readonly rule: string })[];
}

interface Property {
  readonly name: string;
  readonly key: Node;
  readonly value: Node | undefined;
}

/** `old` is the reading before an edit: its facts are kept where they say the same. */
export function readPolicy(text: string, old?: PolicyReading): PolicyReading {
  const problems: PolicyProblem[] = [];
  const tell = (node: Span, message: string): void => void problems.push({ start: node.start, end: node.end, message });
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false, allowEmptyContent: true });
  // what follows from the first mistake says nothing more
  for (const { error, offset, length } of errors.slice(0, 1)) {
    // at the end of the text there is no character more to point at
    const end = Math.min(text.length, offset + Math.max(1, length));
    problems.push({ start: Math.min(offset, end), end, message: `This is not JSON: ${words(printParseErrorCode(error))}.` });
  }
  const rules: Record<string, Level> = {};
  const hosts: PolicyHost[] = [];
  const ruleNames: (Span & { rule: string })[] = [];
  if (root && root.type !== 'object') tell(spanOf(root), 'The file must hold an object: { "rules": { … }, "hosts": { … } }.');
  for (const { name, key, value } of propertiesOf(root)) {
    if (name === '$schema') continue;
    if (name === 'rules') readRules(value, rules, ruleNames, tell);
    else if (name === 'hosts') {
      if (value?.type !== 'object')
        tell(spanOf(value ?? key), '“hosts” must be an object: { "database": { "addresses": ["10.10.0.2"] } }.');
      for (const host of propertiesOf(value)) hosts.push(readHost(host, tell));
    } else tell(spanOf(key), `There is no ${quoted(name)} here${meant(name, ['rules', 'hosts'])}.`);
  }
  const facts: PolicyFacts = { language: 'policy', rules, hosts };
  return { facts: old && equalData(old.facts, facts) ? old.facts : facts, problems, ruleNames };
}

function words(code: string): string {
  return code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near.length > 0 ? `: did you mean ${listed(near)}?` : `; there are ${listed(known, 'and', 8)}`;
}

function spanOf(node: Node): Span {
  return { start: node.offset, end: node.offset + node.length };
}

function propertiesOf(node: Node | undefined): readonly Property[] {
  if (node?.type !== 'object') return [];
  return (node.children ?? []).flatMap((property) => {
    const [key, value] = property.children ?? [];
    return key && typeof key.value === 'string' ? [{ name: key.value, key, value }] : [];
  });
}

type Tell = (at: Span, message: string) => void;

function readRules(node: Node | undefined, rules: Record<string, Level>, names: (Span & { rule: string })[], tell: Tell): void {
  if (node?.type !== 'object') {
    if (node) tell(spanOf(node), '“rules” must be an object: { "mesh/flat-network": "off" }.');
    return;
  }
  for (const { name, key, value } of propertiesOf(node)) {
    names.push({ rule: name, ...spanOf(key) });
    const level = levelNames.find((one) => one === value?.value);
    if (level) rules[name] = level;
    else if (value) tell(spanOf(value), `A rule’s level is ${listed(levelNames)}.`);
  }
}

const HOST_KEYS = ['publicKey', 'addresses', 'role', 'routes', 'folder'];

function readHost({ name, key, value }: Property, tell: Tell): PolicyHost {
  const publicKeys: string[] = [];
  const addresses: Address[] = [];
  const routes: Prefix[] = [];
  let role: Role | null = null;
  let folder: string | null = null;
  if (value?.type !== 'object') tell(spanOf(value ?? key), 'A host must be an object: { "publicKey": "…", "addresses": ["10.10.0.2"] }.');
  for (const { name: what, key: at, value: node } of propertiesOf(value)) {
    if (!node) continue;
    const texts = textsOf(node, what === 'role' || what === 'folder', tell);
    switch (what) {
      case 'publicKey':
        for (const { text, span } of texts) {
          const publicKey = publicKeyText(text);
          if (publicKey) publicKeys.push(publicKey);
          else tell(span, 'This is no public key: it has 44 characters, the last of which is “=” (wg pubkey prints it).');
        }
        break;
      case 'addresses':
        for (const { text, span } of texts) {
          const address = parseAddress(text);
          if (address) addresses.push(address);
          else tell(span, `${quoted(text)} is no address: write one like 10.10.0.2 or fd00:10::2.`);
        }
        break;
      case 'routes':
        for (const { text, span } of texts) {
          const written = parsePrefix(text);
          if (!written) tell(span, `${quoted(text)} is no network: write one like 192.168.7.0/24.`);
          else {
            if (hasHostBits(written)) tell(span, `${quoted(text)} names a host in a network: write ${prefixText(masked(written))}.`);
            routes.push(masked(written));
          }
        }
        break;
      case 'role':
        for (const { text, span } of texts) {
          role = roleNamed(text);
          if (!role)
            tell(
              span,
              `There is no role ${quoted(text)}${meant(
                text,
                roles.map((row) => row.name),
              )}.`,
            );
        }
        break;
      case 'folder':
        for (const { text } of texts) folder = text.replace(/^\.?\/+|\/+$/g, '').replace(/^\.\//, '');
        break;
      default:
        tell(spanOf(at), `A host has no ${quoted(what)}${meant(what, HOST_KEYS)}.`);
    }
  }
  return { name, publicKeys, addresses, role, routes, folder };
}

/** A text, or (unless only `one` may be) a list of texts. */
function textsOf(node: Node, one: boolean, tell: Tell): readonly { readonly text: string; readonly span: Span }[] {
  const items = node.type === 'array' && !one ? (node.children ?? []) : [node];
  return items.flatMap((item) => {
    const value: unknown = getNodeValue(item);
    if (typeof value === 'string') return [{ text: value, span: spanOf(item) }];
    tell(spanOf(item), 'A text must stand here.');
    return [];
  });
}
