// A test of the workspace file that does not hold.
import type { AccessRule } from '../rule.ts';
import { grantedMesh, soundGrant, withGrants, withTest } from './example.ts';
import { relatedHops } from './explain.ts';
import { outcomesOf } from './outcomes.ts';

export const testFailed: AccessRule = {
  id: 'policy/test-failed',
  severity: 'error',
  scope: 'access',
  docs: {
    summary: 'A test in `meshwarden.jsonc` does not hold.',
    why: [
      '`accept` means that every source gets through to every address of the destination with every one of the services, and that an answer comes back. `deny` means that no source gets through to any address with any of the services, but for what the same test accepts: `"accept": ["app:tcp:443"], "deny": ["*"]` is “app tcp/443 and nothing else”.',
      '',
      'Unless the test states a `view`, `accept` is asked of honest hosts (`access`) and `deny` of hosts that somebody has taken over (`blast-radius`): their own AllowedIPs and rules no longer hold them back, and they may send as every address that is taken from them. For a hub, which may pose as all it passes on for, `"view": "access"` is the question to ask.',
      '',
      'A test of which it is not known whether it holds does not pass: it is a warning, and says what is not known. `meshwarden test` runs them all.',
    ].join('\n'),
    examples: [
      {
        bad: grantedMesh({ policy: withGrants([soundGrant], '{ "src": "laptop", "deny": ["database:*"] }') }),
        good: grantedMesh({ policy: withGrants([soundGrant], '{ "src": "laptop", "accept": ["database:tcp:5432"], "deny": ["*"] }') }),
      },
      {
        bad: grantedMesh({ policy: withTest('{ "src": "laptop", "accept": ["database:tcp:22"] }') }),
        good: grantedMesh({ policy: withTest('{ "src": "laptop", "accept": ["database:tcp:5432"] }') }),
      },
    ],
  },

  *check(context, report) {
    for (const policy of context.policies) {
      for (const test of policy.facts.tests) {
        for (const { target, result, says, way } of yield* outcomesOf(context, policy, test)) {
          context.holds({ uri: policy.uri, ...target.at }, result === 'pass' ? 'yes' : result === 'unknown' ? 'unknown' : 'no');
          // of what is unclear policy/unknown-host tells
          if (result === 'pass' || result === 'unclear') continue;
          const related = way ? relatedHops(way) : [];
          report({ uri: policy.uri, at: target.at, message: says, related, ...(result === 'unknown' ? { severity: 'warning' } : {}) });
        }
      }
    }
  },
};
