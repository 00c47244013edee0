// The rules about our own comments and the workspace file: told by the analysis, with a name, a severity and a page for each.
import { wholeLine } from './lines.ts';
import type { SyntaxRule } from './rule.ts';

const soundConfig = '[Interface]\nAddress = 10.10.0.7/32\n';

export const meshwardenRules: readonly SyntaxRule[] = [
  {
    id: 'meshwarden/directive',
    severity: 'warning',
    scope: 'syntax',
    docs: {
      summary: 'A `# meshwarden:` comment that cannot be taken.',
      why: [
        '`# meshwarden: allow RULE -- REASON` keeps a finding quiet, on its own line or on the line above. The reason is for whoever reads the file next, and without one nothing is allowed.',
        '',
        '`# meshwarden: role = ROLE` says what a host is (hub, spoke, exit-gateway, subnet-router, mesh-node): in an [Interface] the host of the file, in a [Peer] that peer.',
      ].join('\n'),
      examples: [
        {
          bad: '[Interface]\n# meshwarden: role = gateway\nAddress = 10.10.0.7/32\n',
          good: '[Interface]\n# meshwarden: role = exit-gateway\nAddress = 10.10.0.7/32\n',
        },
        {
          bad: '# meshwarden: alow wireguard/inline-private-key -- a test’s key\n[Interface]\nAddress = 10.10.0.7/32\n',
          good: soundConfig,
        },
      ],
    },
  },
  {
    id: 'meshwarden/unused-allow',
    severity: 'info',
    scope: 'syntax',
    docs: {
      summary: 'A comment allows a finding that is not there.',
      why: 'An allowance outlives what it was written for, and then hides the next real finding on its line. Remove it once the finding is gone. Nothing is said of a rule that is switched off.',
      examples: [{ bad: `# meshwarden: allow wireguard/inline-private-key -- a test’s key\n${soundConfig}`, good: soundConfig }],
    },
    fix: (finding, context) => {
      const text = context.text(finding.uri);
      const line = wholeLine(text, finding.span.start);
      const alone = text.slice(line.start, finding.span.start).trim() === '';
      const before = /[ \t]*$/.exec(text.slice(line.start, finding.span.start))?.[0].length ?? 0;
      const span = alone ? line : { start: finding.span.start - before, end: finding.span.end };
      return [{ title: 'Remove the comment', safety: 'safe', preferred: true, edits: [{ uri: finding.uri, span, text: '' }] }];
    },
  },
  {
    id: 'meshwarden/policy-file',
    severity: 'warning',
    scope: 'syntax',
    docs: {
      summary: 'Something in `meshwarden.jsonc` that cannot be taken.',
      why: 'The workspace file holds `rules` (a rule’s name and its level: off, hint, info, warning, error), `hosts` (publicKey, addresses, role, routes, folder), `groups` (a name for several hosts), `grants` (src, dst, ip: who may use which services of whom) and `tests` (src, accept, deny). What cannot be read is left out, the rest counts; but where something of the groups or grants is left out, nothing is told of access that they do not name. It speaks of the folder it is in and all below.',
      examples: [
        {
          bad: '-- meshwarden.jsonc --\n{ "rules": { "wireguard/allowed-ips-to-broad": "off" } }\n',
          good: '-- meshwarden.jsonc --\n{ "rules": { "wireguard/allowed-ips-too-broad": "off" } }\n',
        },
        {
          bad: '-- meshwarden.jsonc --\n{ "grants": [{ "src": "10.10.0.7", "dst": "10.10.0.20", "ip": "tcp/443" }] }\n',
          good: '-- meshwarden.jsonc --\n{ "grants": [{ "src": "10.10.0.7", "dst": "10.10.0.20", "ip": "tcp:443" }] }\n',
        },
      ],
    },
  },
];
