// The fixes of a finding, made when somebody asks.

import { ruleById } from '../rules/registry.ts';
import type { FixContext, ShownFinding } from '../rules/rule.ts';
import type { Fix } from '../text/edit.ts';
import type { Analysis } from './analysis.ts';
import { guarded } from './guard.ts';
import { placeSpan } from './parsed-file.ts';

export interface FixSettings {
  /** The folder on hosts that key files live in. */
  readonly keyPath: string;
}

export function fixContext({ files, mesh, policies }: Analysis, settings: FixSettings): FixContext {
  return {
    model: mesh.model,
    policies,
    keyPath: settings.keyPath,
    text: (uri) => files.get(uri)?.source.text ?? '',
    wireguard: (uri) => files.get(uri)?.wireguard ?? null,
    nftables: (uri) => files.get(uri)?.nftables ?? null,
    span: (uri, place) => {
      const file = files.get(uri);
      return file ? placeSpan(file, place) : null;
    },
  };
}

/** The ways to mend a finding, best first: what the parser suggests, then what the rule knows. */
export function fixesOf(analysis: Analysis, finding: ShownFinding, settings: FixSettings): readonly Fix[] {
  const suggested: Fix[] = finding.suggest.map((text, index) => ({
    title: text === '' ? 'Remove it' : `Change to ${text}`,
    safety: 'safe',
    preferred: index === 0 && finding.suggest.length === 1,
    edits: [{ uri: finding.uri, span: finding.span, text }],
  }));
  const context = fixContext(analysis, settings);
  const made = guarded(`${finding.rule} fix`, () => ruleById.get(finding.rule)?.fix?.(finding, context)) ?? [];
  return [...suggested, ...made];
}
