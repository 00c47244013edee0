// A name in the workspace file that stands for nobody, or for several.
import { knownHosts, type PolicyFile } from '../../mesh/known-hosts.ts';
import { meaningOf } from '../../mesh/parties.ts';
import type { Party } from '../../policy/facts.ts';
import { listed, nearest, quoted } from '../../text/words.ts';
import type { PolicyRule } from '../rule.ts';
import { grantedMesh, soundGrant, withGrants } from './example.ts';

export const unknownHost: PolicyRule = {
  id: 'policy/unknown-host',
  severity: 'error',
  scope: 'policy',
  docs: {
    summary: 'A group, grant or test names a host that is not here.',
    why: [
      'A grant for nobody grants nothing, and a test about nobody would pass whatever happens. Known are hosts whose configs lie below the workspace file (by the folder above `etc/`, or what `hosts` calls them), hosts that `hosts` states by `publicKey` or `addresses`, and peers without a config here that a comment above their `[Peer]` names.',
      '',
      'A name that several hosts have stands for none of them: give them names by `folder` in `hosts`.',
    ].join('\n'),
    examples: [
      {
        bad: grantedMesh({ policy: withGrants([soundGrant, '{ "src": "labtop", "dst": "database", "ip": "tcp:5432" }']) }),
        good: grantedMesh({ policy: withGrants([soundGrant, '{ "src": "laptop", "dst": "database", "ip": "tcp:5432" }']) }),
      },
    ],
  },

  check(policy, model, report) {
    for (const party of partiesIn(policy)) {
      if (party.kind !== 'name') continue;
      const meaning = meaningOf(party.name, model, policy);
      const say = (message: string): void => report({ uri: policy.uri, at: party.at, message });
      const name = quoted(party.name);
      if (meaning.is === 'nowhere') say(`No address of ${name} is known: write its “addresses” in “hosts”.`);
      else if (meaning.is === 'several')
        say(
          `${name} is ${meaning.hosts.length > 1 ? `${meaning.hosts.length} hosts` : 'a host and a group'}: give each a name of its own, hosts by their “folder” in “hosts”.`,
        );
      else if (meaning.is === 'nobody') {
        const near = nearest(party.name, namesIn(policy, model));
        const mend =
          near.length > 0
            ? `: did you mean ${listed(near)}?`
            : `; write its “publicKey” or “addresses” in “hosts”, or name one that is here.`;
        say(`There is no host and no group ${name}${mend}`);
      }
    }
  },

  fix: (finding, { model, policies, text }) => {
    const policy = policies.find(({ uri }) => uri === finding.uri);
    if (!policy) return [];
    const name = text(finding.uri).slice(finding.span.start, finding.span.end);
    if (meaningOf(name, model, policy).is !== 'nobody') return [];
    return nearest(name, namesIn(policy, model)).map((near, _, all) => ({
      title: `Change to ${near}`,
      safety: 'review',
      preferred: all.length === 1,
      edits: [{ uri: finding.uri, span: finding.span, text: JSON.stringify(near).slice(1, -1) }],
    }));
  },
};

function partiesIn({ facts }: PolicyFile): readonly Party[] {
  return [
    ...facts.groups.flatMap(({ members }) => members),
    ...(facts.grants ?? []).flatMap(({ src, dst }) => [...src, ...dst]),
    ...facts.tests.flatMap(({ src, accept, deny }) => [...src, ...[...accept, ...deny].map(({ party }) => party)]),
  ];
}

function namesIn(policy: PolicyFile, model: Parameters<typeof knownHosts>[0]): readonly string[] {
  return [...knownHosts(model, policy).keys(), ...policy.facts.groups.map(({ name }) => name)];
}
