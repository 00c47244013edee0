// The schemas that complete `meshwarden.jsonc` and the setting `meshwarden.rules`: rules, levels and roles as the code has them.
import { readFileSync } from 'node:fs';
import { levelNames } from '../../server/src/policy/facts.ts';
import { roles } from '../../server/src/policy/roles.ts';
import { viewRows } from '../../server/src/policy/views.ts';
import { rules } from '../../server/src/rules/registry.ts';

const levels = {
  type: 'string',
  enum: levelNames,
  enumDescriptions: ['Say nothing.', 'Faint, in no list.', 'Information.', 'A warning.', 'An error.'],
};

/** Rules are told as property names: an entry for each would make the manifest long, and it could say no more. */
function ruleLevels(): object {
  return {
    type: 'object',
    propertyNames: { enum: rules.map(({ id }) => id), enumDescriptions: rules.map(({ docs }) => docs.summary) },
    additionalProperties: levels,
  };
}

export function policySchema(): string {
  const texts = (description: string, of: object = { type: 'string' }): object => ({
    description,
    anyOf: [of, { type: 'array', items: of }],
  });
  // what a service or a target may be is told by us, with the mend: a pattern would say it a second time, and say less
  const service = {
    type: 'string',
    defaultSnippets: [
      { label: '"tcp:443"', body: 'tcp:$1' },
      { label: '"udp:53"', body: 'udp:$1' },
      { label: '"icmp"', body: 'icmp' },
      { label: '"*"', body: '*' },
    ],
  };
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Mesh Warden',
    type: 'object',
    additionalProperties: false,
    allowTrailingCommas: true,
    properties: {
      $schema: { type: 'string' },
      rules: {
        description: 'How loud each rule is in this folder and below. Stands over the editor’s settings.',
        ...ruleLevels(),
      },
      hosts: {
        description: 'What is known of hosts that their files do not say, by name.',
        type: 'object',
        additionalProperties: {
          type: 'object',
          additionalProperties: false,
          properties: {
            publicKey: texts('Its public key (`wg pubkey`); several while keys are rotated.', {
              type: 'string',
              pattern: '^[A-Za-z0-9+/]{43}=$',
            }),
            addresses: texts('Its own addresses in the tunnel.'),
            role: {
              description: 'What it is in the mesh.',
              type: 'string',
              enum: roles.map(({ name }) => name),
              enumDescriptions: roles.map(({ says }) => says),
            },
            routes: texts('Networks behind it.'),
            folder: { description: 'The folder of its files, from here.', type: 'string' },
          },
        },
      },
      groups: {
        description: 'Names for several hosts: each lists hosts, other groups, or addresses.',
        type: 'object',
        additionalProperties: texts('A host, a group, an address or a network.'),
      },
      grants: {
        description:
          'Who may reach whom, with which services. Where it is here, access must be exactly this: what is more or less is told.',
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['src', 'dst', 'ip'],
          defaultSnippets: [{ label: 'grant', body: { src: ['$1'], dst: ['$2'], ip: ['tcp:$3'] } }],
          properties: {
            src: texts('Who: hosts, groups, addresses, networks, or `*` for everybody.'),
            dst: texts('Whom: hosts, groups, addresses, networks, or `*` for everybody.'),
            ip: texts('With which services: `tcp:443`, `udp:53`, `tcp:8000-8100`, `icmp`, or `*` for all of them.', service),
          },
        },
      },
      tests: {
        description: 'What must hold of access, whatever else is changed.',
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['src'],
          defaultSnippets: [{ label: 'test', body: { src: '$1', accept: ['$2:tcp:$3'], deny: ['*'] } }],
          properties: {
            src: texts('Who: hosts, groups, addresses, networks, or `*` for everybody. The test is about each of them.'),
            proto: { description: 'The protocol of targets that give a port alone, as in `app:443`.', type: 'string' },
            accept: texts('Each source must get through to each of these: `app:tcp:443`. An answer must come back.'),
            deny: texts(
              'No source may get through to any of these, not even once somebody has taken it over: `database:*`, or `*` for everything. What the test accepts is not meant.',
            ),
            view: {
              description: 'Of which hosts both are asked. Left out: `accept` of an honest one, `deny` of one that is taken.',
              type: 'string',
              enum: viewRows.map(({ name }) => name),
              enumDescriptions: viewRows.map(({ says }) => says),
            },
          },
        },
      },
    },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** package.json with the rules' levels under the setting `meshwarden.rules`; all else as it is. */
export function manifestWithRules(file: string): string {
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  manifest.contributes.configuration.properties['meshwarden.rules'] = {
    ...ruleLevels(),
    default: {},
    scope: 'window',
    markdownDescription: 'How loud each rule is. A `meshwarden.jsonc` in the workspace stands over this.',
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
