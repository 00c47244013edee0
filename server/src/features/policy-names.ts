// The names of hosts and groups in a workspace file: where each is made, where it is used, and another name for it.
import type { Analysis } from '../analysis/analysis.ts';
import { type ParsedFile, placeSpan } from '../analysis/parsed-file.ts';
import type { PolicyFile } from '../mesh/known-hosts.ts';
import { meaningOf, type NameMeaning } from '../mesh/parties.ts';
import { parsePrefix } from '../net/address.ts';
import type { PolicyNameUse } from '../policy/json.ts';
import type { TextEdit } from '../text/edit.ts';
import { type Span, touches } from '../text/span.ts';

export function policyNameAt({ policy }: ParsedFile, offset: number): PolicyNameUse | null {
  return policy?.names.find(({ span }) => touches(span, offset)) ?? null;
}

export function policyFileOf(analysis: Analysis, uri: string): PolicyFile | null {
  return analysis.policies.find((policy) => policy.uri === uri) ?? null;
}

export function nameMeaning(analysis: Analysis, uri: string, name: string): NameMeaning | null {
  const policy = policyFileOf(analysis, uri);
  return policy && meaningOf(name, analysis.mesh.model, policy);
}

interface FilePlace {
  readonly uri: string;
  readonly span: Span;
}

/** The entry of a group or a host in its file; of a host that has none, or at its entry, the config of its first interface. */
export function policyDefinitions(analysis: Analysis, file: ParsedFile, { name, makes }: PolicyNameUse): readonly FilePlace[] {
  const { uri } = file.source;
  const made = (file.policy?.names ?? []).filter((one) => one.makes && one.name === name);
  if (!makes && made.length > 0) return made.map(({ span }) => ({ uri, span }));
  const meaning = nameMeaning(analysis, uri, name);
  if (meaning?.is !== 'host' && meaning?.is !== 'nowhere') return made.map(({ span }) => ({ uri, span }));
  const { host, entries } = meaning.host;
  const [node] = host?.interfaces ?? [];
  if (node) return configPlace(analysis, node.uri, node.own.at ?? null);
  return entries.slice(0, 1).flatMap(({ node: at, peer }) => configPlace(analysis, at.uri, peer.facts.at));
}

function configPlace(
  { files }: Analysis,
  uri: string,
  at: { readonly statement: number; readonly item: number } | null,
): readonly FilePlace[] {
  const file = files.get(uri);
  const span = file && at ? placeSpan(file, at) : null;
  return file ? [{ uri, span: span ?? { start: 0, end: 0 } }] : [];
}

export function policyReferences(file: ParsedFile, { name }: PolicyNameUse, definitions: boolean): readonly FilePlace[] {
  return (file.policy?.names ?? [])
    .filter((one) => one.name === name && (definitions || !one.makes))
    .map(({ span }) => ({ uri: file.source.uri, span }));
}

/** What the file itself makes; what a host is called by its folder is not the file's to change. */
export function policyRenameable(file: ParsedFile, use: PolicyNameUse): Span | null {
  return file.policy?.names.some(({ name, makes }) => makes && name === use.name) ? use.span : null;
}

/** A sentence where the new name is none, or is taken. */
export function policyRenamed(file: ParsedFile, use: PolicyNameUse, to: string): readonly TextEdit[] | string {
  const name = to.trim();
  if (!policyRenameable(file, use)) return 'The name of this host is that of its folder: it is not changed here.';
  if (name === '' || name === '*' || parsePrefix(name)) return `“${name}” is no name: addresses and * mean something else.`;
  if (name !== use.name && file.policy?.names.some((one) => one.makes && one.name === name))
    return `“${name}” is taken: there is one already.`;
  const text = JSON.stringify(name).slice(1, -1);
  return policyReferences(file, use, true).map(({ uri, span }) => ({ uri, span, text }));
}
