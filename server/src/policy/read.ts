// Reads `meshwarden.jsonc`: JSON with comments. What cannot be taken is told and left out; the rest counts.
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { equalData } from '../text/equal.ts';
import type { Span } from '../text/span.ts';
import { listed, quoted } from '../text/words.ts';
import { type Grant, type Level, levelNames, type PolicyFacts, type PolicyGroup, type PolicyHost, type PolicyTest } from './facts.ts';
import { meant, readGrants } from './grants.ts';
import { readGroups } from './groups.ts';
import { readHost } from './hosts.ts';
import { type Notes, type Property, propertiesOf, spanOf, statementAt, tell, textOf } from './json.ts';
import { readTests } from './tests.ts';

export interface PolicyReading extends Readonly<Notes> {
  readonly facts: PolicyFacts;
  /** Where each rule is named, in order. */
  readonly ruleNames: readonly (Span & { readonly rule: string })[];
}

const KEYS = ['rules', 'hosts', 'groups', 'grants', 'tests'];

/** `old` is the reading before an edit: its facts are kept where they say the same. */
export function readPolicy(text: string, old?: PolicyReading): PolicyReading {
  const notes: Notes = { problems: [], places: [], names: [] };
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false, allowEmptyContent: true });
  // what follows from the first mistake says nothing more
  for (const { error, offset, length } of errors.slice(0, 1)) {
    // at the end of the text there is no character more to point at
    const end = Math.min(text.length, offset + Math.max(1, length));
    tell(notes, { start: Math.min(offset, end), end }, `This is not JSON: ${words(printParseErrorCode(error))}.`);
  }
  if (root && root.type !== 'object') tell(notes, spanOf(root), 'The file must hold an object: { "rules": { … }, "hosts": { … } }.');
  const properties = new Map<string, Property>();
  for (const property of propertiesOf(root)) {
    const { name, key } = property;
    if (name === '$schema') continue;
    if (!KEYS.includes(name)) tell(notes, spanOf(key), `There is no ${quoted(name)} here${meant(name, KEYS)}`);
    else {
      if (properties.has(name)) tell(notes, spanOf(key), `${quoted(name)} stands here twice: only this one counts.`);
      properties.set(name, property);
    }
  }
  const rules: Record<string, Level> = {};
  const ruleNames: (Span & { rule: string })[] = [];
  readRules(properties.get('rules')?.value, rules, ruleNames, notes);
  const hosts = readHosts(properties.get('hosts'), notes);
  // what is not read of these changes whom a grant is about
  const before = notes.problems.length;
  const groupsAt = properties.get('groups');
  const groups: readonly PolicyGroup[] = groupsAt ? readGroups(groupsAt, new Set(hosts.map(({ name }) => name)), notes) : [];
  const grantsAt = properties.get('grants');
  const grants: readonly Grant[] | null = grantsAt ? readGrants(grantsAt, notes) : null;
  const grantsKey = grantsAt ? statementAt(notes, textOf(grantsAt.key)?.inside ?? spanOf(grantsAt.key)) : null;
  const unread = errors.length > 0 || notes.problems.length > before;
  const testsAt = properties.get('tests');
  const tests: readonly PolicyTest[] = testsAt ? readTests(testsAt, notes) : [];
  notes.problems.sort((a, b) => a.start - b.start || a.end - b.end);
  const facts: PolicyFacts = {
    language: 'policy',
    rules,
    // a mesh is made of these alone: they stay where only grants or tests changed
    hosts: old && equalData(old.facts.hosts, hosts) ? old.facts.hosts : hosts,
    groups,
    grants,
    grantsAt: grantsKey,
    tests,
    unread,
  };
  return { ...notes, facts: old && equalData(old.facts, facts) ? old.facts : facts, ruleNames };
}

function words(code: string): string {
  return code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

function readRules(node: Node | undefined, rules: Record<string, Level>, names: (Span & { rule: string })[], notes: Notes): void {
  if (node?.type !== 'object') {
    if (node) tell(notes, spanOf(node), '“rules” must be an object: { "mesh/flat-network": "off" }.');
    return;
  }
  for (const { name, key, value } of propertiesOf(node)) {
    names.push({ rule: name, ...spanOf(key) });
    const level = levelNames.find((one) => one === value?.value);
    if (level) rules[name] = level;
    else if (value) tell(notes, spanOf(value), `A rule’s level is ${listed(levelNames)}.`);
  }
}

function readHosts(property: Property | undefined, notes: Notes): readonly PolicyHost[] {
  if (!property) return [];
  const { key, value } = property;
  if (value?.type !== 'object')
    tell(notes, spanOf(value ?? key), '“hosts” must be an object: { "database": { "addresses": ["10.10.0.2"] } }.');
  return propertiesOf(value).map((host) => {
    const text = textOf(host.key);
    if (text?.inside) notes.names.push({ name: host.name, span: text.inside, makes: 'host' });
    return readHost(host, notes);
  });
}
