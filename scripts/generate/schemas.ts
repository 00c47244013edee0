// The schemas that complete `meshwarden.jsonc` and the setting `meshwarden.rules`: rules, levels and roles as the code has them.
import { readFileSync } from 'node:fs';
import { levelNames } from '../../server/src/policy/facts.ts';
import { roles } from '../../server/src/policy/roles.ts';
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
