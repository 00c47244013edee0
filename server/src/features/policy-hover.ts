// What stands in a workspace file: who a name is, who is in a group, what a grant or a test means and whether it holds.
import { placeKey } from '../analysis/access.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { type ParsedFile, placeSpan } from '../analysis/parsed-file.ts';
import type { KnownHost, PolicyFile } from '../mesh/known-hosts.ts';
import { type NameMeaning, partiesOf } from '../mesh/parties.ts';
import { rolesOf } from '../mesh/roles.ts';
import { addressText, prefixText } from '../net/address.ts';
import type { Grant, Party, PolicyGroup, PolicyTarget, PolicyTest } from '../policy/facts.ts';
import type { PolicyNameUse } from '../policy/json.ts';
import type { Place } from '../text/origin.ts';
import type { Span } from '../text/span.ts';
import { touches } from '../text/span.ts';
import { counted, listed } from '../text/words.ts';
import { code, type Hover } from './hover.ts';
import { nameMeaning, policyFileOf, policyNameAt } from './policy-names.ts';

export function policyHover(analysis: Analysis, file: ParsedFile, offset: number): Hover | null {
  const policy = policyFileOf(analysis, file.source.uri);
  if (!policy) return null;
  const name = policyNameAt(file, offset);
  const target = targetAt(file, policy, offset);
  // the name in a target stands for the whole test, which says more
  if (target) return targetHover(analysis, file, policy, target.test, target.target);
  if (name) return nameHover(analysis, policy, name);
  const grant = policy.facts.grants?.find(({ at }) => isAt(file, at, offset));
  return grant ? grantHover(analysis, file, policy, grant) : null;
}

function isAt(file: ParsedFile, at: Place, offset: number): boolean {
  const span = placeSpan(file, at);
  return span !== null && touches(span, offset);
}

function targetAt(
  file: ParsedFile,
  { facts }: PolicyFile,
  offset: number,
): { readonly test: PolicyTest; readonly target: PolicyTarget } | null {
  for (const test of facts.tests) {
    const target = [...test.accept, ...test.deny].find(({ at }) => isAt(file, at, offset));
    if (target) return { test, target };
  }
  return null;
}

function nameHover(analysis: Analysis, policy: PolicyFile, { name, span }: PolicyNameUse): Hover | null {
  const meaning = nameMeaning(analysis, policy.uri, name);
  if (!meaning) return null;
  const paragraphs = meaningText(analysis, policy, meaning);
  const kinds: Readonly<Record<NameMeaning['is'], string>> = {
    host: 'host',
    group: 'group',
    several: 'not clear',
    nowhere: 'host',
    nobody: 'nobody',
  };
  return { span, title: name, kind: kinds[meaning.is], paragraphs };
}

function meaningText(analysis: Analysis, policy: PolicyFile, meaning: NameMeaning): readonly string[] {
  switch (meaning.is) {
    case 'host':
    case 'nowhere':
      return hostText(policy, meaning.host);
    case 'group':
      return groupText(analysis, policy, meaning.group);
    case 'several':
      return ['Several hosts have this name, or a host and a group: nobody knows who is meant.'];
    case 'nobody':
      return ['No host and no group has this name.'];
  }
}

function hostText({ facts }: PolicyFile, { name, host, entries, stated, addresses }: KnownHost): readonly string[] {
  const at =
    addresses.length > 0
      ? listed(
          addresses.map((one) => code(addressText(one))),
          'and',
        )
      : 'No address of it is known.';
  const [role] = host?.interfaces.flatMap((node) => rolesOf(node)) ?? [];
  const where = host
    ? `Its ${host.interfaces.length === 1 ? 'config is' : 'configs are'} here${role ? `; it is a ${role.role}, because ${role.why}` : ''}.`
    : entries.length > 0
      ? `No config of it is here; ${listed(
          entries.map(({ node }) => node.host.name),
          'and',
          3,
        )} ${entries.length === 1 ? 'lists' : 'list'} it as a peer.`
      : `No config of it is here${stated ? '; it is stated in “hosts”' : ''}.`;
  const groups = facts.groups.filter(({ members }) => members.some((one) => one.kind === 'name' && one.name === name));
  return [
    at,
    where,
    ...(groups.length > 0
      ? [
          `In ${listed(
            groups.map((group) => code(group.name)),
            'and',
          )}.`,
        ]
      : []),
  ];
}

const MOST_MEMBERS = 20;

function groupText({ mesh }: Analysis, policy: PolicyFile, { members }: PolicyGroup): readonly string[] {
  const { hosts, prefixes, unclear } = partiesOf(members, mesh.model, policy);
  const lines = [
    ...hosts.map(({ name, addresses }) => `- ${code(name)} ${addresses.map(addressText).join(', ')}`),
    ...prefixes.map((prefix) => `- ${code(prefixText(prefix))}`),
    ...unclear.map(({ name }) => `- ${code(name)}: it is not known who that is`),
  ];
  const shown = lines.length > MOST_MEMBERS ? [...lines.slice(0, MOST_MEMBERS), `- and ${lines.length - MOST_MEMBERS} more`] : lines;
  return [lines.length === 0 ? 'Nobody is in it.' : `${counted(lines.length, 'member')}, groups taken apart:`, shown.join('\n')].filter(
    Boolean,
  );
}

function partiesText(parties: readonly Party[]): string {
  const texts = parties.map((party) =>
    party.kind === 'any' ? 'everybody' : party.kind === 'name' ? code(party.name) : code(prefixText(party.prefix)),
  );
  return listed(texts, 'and');
}

function grantHover(analysis: Analysis, file: ParsedFile, policy: PolicyFile, grant: Grant): Hover | null {
  const { src, dst, ip, at } = grant;
  const services = listed(
    ip.map(({ text }) => (text === '*' ? 'every service' : code(text))),
    'and',
  );
  const result = resultAt(analysis, policy, at);
  const says =
    result === undefined
      ? 'Whether it holds is being found out.'
      : result === 'yes'
        ? 'It holds: all of it gets through, and answers come back.'
        : result === 'no'
          ? 'It does not hold: something of it does not get through.'
          : 'Whether all of it gets through is not known here.';
  const paragraphs = [`${capital(partiesText(src))} may use ${services} of ${partiesText(dst)}.`, says];
  return { span: firstCharacter(file, at), title: 'grant', kind: 'who may reach whom', paragraphs };
}

function targetHover(analysis: Analysis, file: ParsedFile, policy: PolicyFile, test: PolicyTest, target: PolicyTarget): Hover | null {
  const accepts = test.accept.includes(target);
  const view = test.view ?? (accepts ? 'access' : 'blast-radius');
  const who = view === 'access' ? partiesText(test.src) : `${partiesText(test.src)}, once somebody has taken it over,`;
  const whom = target.party.kind === 'any' ? 'anybody' : partiesText([target.party]);
  const services = target.service.text === '*' ? 'any service' : code(target.service.text);
  const but =
    !accepts && test.accept.length > 0
      ? `, but for ${listed(
          test.accept.map(({ text }) => code(text)),
          'and',
        )}`
      : '';
  const meaning = accepts
    ? `${capital(who)} must reach ${whom} by ${target.service.text === '*' ? 'every service' : services}.`
    : `${capital(who)} must not reach ${whom} by ${services}${but}.`;
  const result = resultAt(analysis, policy, target.at);
  const says =
    result === undefined
      ? 'Whether it holds is being found out.'
      : result === 'yes'
        ? 'It holds.'
        : result === 'no'
          ? 'It does not hold.'
          : 'Whether it holds is not known here, so it does not pass.';
  return {
    span: placeSpan(file, target.at) ?? { start: 0, end: 0 },
    title: target.text,
    kind: accepts ? 'accept' : 'deny',
    paragraphs: [meaning, says],
  };
}

function resultAt({ access, accessDue }: Analysis, { uri }: PolicyFile, at: Place): 'yes' | 'no' | 'unknown' | undefined {
  return accessDue ? undefined : access?.holds.get(placeKey({ uri, ...at }));
}

/** Of an object that runs over several lines its brace alone is marked. */
function firstCharacter(file: ParsedFile, at: Place): Span {
  const span = placeSpan(file, at) ?? { start: 0, end: 0 };
  return { start: span.start, end: Math.min(span.end, span.start + 1) };
}

function capital(text: string): string {
  return text.startsWith('`') ? text : `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;
}
