// From a name to where it is made, to where it is used, and to another name: chains, sets and variables of a ruleset; and from a peer's key
// to the host that has it.
import type { Analysis } from '../analysis/analysis.ts';
import { type ParsedFile, placeSpan } from '../analysis/parsed-file.ts';
import type { Peer } from '../mesh/model.ts';
import type { TextEdit } from '../text/edit.ts';
import { type Span, touches } from '../text/span.ts';
import { type NameUse, namesIn, sameName } from './nftables-names.ts';
import { policyDefinitions, policyNameAt, policyReferences, policyRenameable, policyRenamed } from './policy-names.ts';

export interface FilePlace {
  readonly uri: string;
  readonly span: Span;
}

/** Where the thing at `offset` is made. */
export function definitionsAt(analysis: Analysis, uri: string, offset: number): readonly FilePlace[] {
  const file = analysis.files.get(uri);
  const policyName = file && policyNameAt(file, offset);
  if (policyName) return policyDefinitions(analysis, file, policyName);
  const found = file && nameAt(file, offset);
  if (found) return found.all.filter(({ made }) => made).map(({ span }) => ({ uri, span }));
  const remote = file && peerAt(analysis, file, offset)?.remote;
  if (!remote) return [];
  const target = analysis.files.get(remote.uri);
  const at = remote.own.privateKey?.at ?? remote.own.statedPublicKey?.at ?? remote.own.at;
  const span = target && at ? placeSpan(target, { statement: at.statement, item: 0 }) : null;
  return [{ uri: remote.uri, span: span ?? { start: 0, end: 0 } }];
}

/** Where the thing at `offset` is used; of a peer's key, every file that names it. */
export function referencesAt(analysis: Analysis, uri: string, offset: number, definitions: boolean): readonly FilePlace[] {
  const file = analysis.files.get(uri);
  const policyName = file && policyNameAt(file, offset);
  if (policyName) return policyReferences(file, policyName, definitions);
  const found = file && nameAt(file, offset);
  if (found) return found.all.filter(({ made }) => definitions || !made).map(({ span }) => ({ uri, span }));
  const key = file && peerAt(analysis, file, offset)?.facts.publicKey?.value;
  if (!key) return [];
  return analysis.mesh.model.links.interfaces.flatMap((node) => {
    const own = analysis.files.get(node.uri);
    return node.facts.peers.flatMap(({ publicKey }) => {
      const span = own && publicKey?.value === key ? placeSpan(own, publicKey.at) : null;
      return span ? [{ uri: node.uri, span }] : [];
    });
  });
}

/** The name at `offset` that can be changed; null where there is none. Tables may be named in other files, so they are not. */
export function renameable(analysis: Analysis, uri: string, offset: number): Span | null {
  const file = analysis.files.get(uri);
  const policyName = file && policyNameAt(file, offset);
  if (policyName) return policyRenameable(file, policyName);
  const found = file && nameAt(file, offset);
  if (!found || found.use.kind === 'table' || !found.all.some(({ made }) => made)) return null;
  const { start, end } = found.use.span;
  return /^"/.test(file.source.text.slice(start, end)) ? { start: start + 1, end: end - 1 } : found.use.span;
}

/** The edits that give it another name in its file; a sentence where the new name is none or is taken. */
export function renamed(analysis: Analysis, uri: string, offset: number, name: string): readonly TextEdit[] | string {
  const file = analysis.files.get(uri);
  const policyName = file && policyNameAt(file, offset);
  if (policyName) return policyRenamed(file, policyName, name);
  const found = file && nameAt(file, offset);
  if (!found || !renameable(analysis, uri, offset)) return 'There is nothing here that can be renamed.';
  const plain = found.use.kind === 'variable' ? name.replace(/^\$/, '') : name.replace(/^@/, '');
  if (!/^[A-Za-z][A-Za-z0-9/\\_.]*$/.test(plain)) return `“${plain}” is no name for nft: a letter first, then letters, digits and / \\ _ .`;
  if (found.names.some((one) => one.made && sameName(one, { ...found.use, name: plain })))
    return `“${plain}” is taken: there is one already.`;
  const { text } = file.source;
  return found.all.map(({ span }) => ({ uri, span, text: text[span.start] === '"' ? `"${plain}"` : plain }));
}

interface Found {
  readonly use: NameUse;
  /** All uses of the same name. */
  readonly all: readonly NameUse[];
  readonly names: readonly NameUse[];
}

function nameAt(file: ParsedFile, offset: number): Found | null {
  if (!file.nftables) return null;
  const names = namesIn(file.nftables, file.source.text);
  const use = names.find(({ span }) => touches(span, offset));
  return use ? { use, all: names.filter((other) => sameName(other, use)), names } : null;
}

function peerAt(analysis: Analysis, file: ParsedFile, offset: number): Peer | null {
  const node = analysis.mesh.model.links.interfaceOf.get(file.source.uri);
  const peer = node?.peers.find(({ facts }) => {
    const span = facts.publicKey && placeSpan(file, facts.publicKey.at);
    return span !== null && span !== undefined && touches(span, offset);
  });
  return peer && !peer.facts.publicKeyIsSecret ? peer : null;
}
