// What the apps that a config is given to would refuse or drop, as findings: only for the targets that the settings name.
import { locationOf } from '../mesh/location.ts';
import type { ShownFinding } from '../rules/rule.ts';
import { NO_STATEMENT } from '../rules/rule.ts';
import { isTemplateName } from '../wireguard/dialects/template.ts';
import { targetReaders } from '../wireguard/targets/read.ts';
import { type Target, type TargetProblem, targetNames } from '../wireguard/targets/target.ts';
import type { ParsedFile } from './parsed-file.ts';

/** How long a name may be: conf/name.go; Tunnel.java; an interface's name for NetworkManager, which is checked as wg-quick's is. */
const LONGEST_NAME: Partial<Record<Target, number>> = { windows: 32, android: 15 };

export function targetFindings(file: ParsedFile, targets: readonly Target[]): readonly ShownFinding[] {
  const { wireguard, source } = file;
  // dialects and templates are given to nobody
  if (!wireguard || source.language !== 'wireguard' || isTemplateName(source.uri)) return [];
  const findings: ShownFinding[] = [];
  for (const target of targets) {
    if (target === 'wg-quick') continue;
    const problems = [...nameProblem(source.uri, target, source.text), ...targetReaders[target](wireguard, source.text)];
    for (const { start, end, refuses, message } of problems) {
      findings.push({
        rule: refuses ? 'wireguard/refused-by-target' : 'wireguard/dropped-by-target',
        severity: refuses ? 'error' : 'warning',
        uri: source.uri,
        statement: NO_STATEMENT,
        item: 0,
        span: { start, end },
        message: `${targetNames[target]} ${message}.`.replace(/([.?])\.$/, '$1'),
        related: [],
        refusedBy: refuses ? target : null,
        failsAt: null,
        suggest: [],
      });
    }
  }
  return findings;
}

function nameProblem(uri: string, target: Target, text: string): readonly TargetProblem[] {
  const most = LONGEST_NAME[target];
  const { stem } = locationOf(uri);
  if (most === undefined || (stem.length <= most && /^[a-zA-Z0-9_=+.-]+$/.test(stem))) return [];
  const end = text.search(/\r?\n|$/);
  return [
    {
      start: 0,
      end,
      refuses: true,
      message: `takes only names of 1 to ${most} letters, digits or _ = + . - for a tunnel; rename this file`,
    },
  ];
}
