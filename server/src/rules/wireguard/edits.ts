// Edits that several WireGuard fixes make: lines in [Interface], whole lines taken out, names for key files.
import type { MeshInterface, Peer } from '../../mesh/model.ts';
import type { TextEdit } from '../../text/edit.ts';
import type { FixContext } from '../rule.ts';

/** Where systemd-networkd's key files live: beside its .netdev files, which are root's as well. */
export const NETWORKD_KEYS = '/etc/systemd/network';

/** The line ending a file uses. */
export function lineEnding(text: string): '\n' | '\r\n' {
  const newline = text.indexOf('\n');
  return newline > 0 && text[newline - 1] === '\r' ? '\r\n' : '\n';
}

/** Adds lines at the end of the first [Interface] section; makes one where there is none. Null where the file is not here. */
export function addToInterface(context: FixContext, uri: string, lines: readonly string[]): TextEdit | null {
  const tree = context.wireguard(uri);
  if (!tree) return null;
  const text = context.text(uri);
  const eol = lineEnding(text);
  let at = -1;
  let inside = false;
  let offset = 0;
  for (const line of tree.root.body) {
    const { syntax } = line;
    if (syntax.kind === 'section') {
      if (at >= 0) break;
      inside = syntax.section === 'Interface';
    }
    offset += line.width;
    if (inside && (syntax.kind === 'section' || syntax.kind === 'entry')) at = offset;
  }
  if (at < 0) return { uri, span: { start: 0, end: 0 }, text: ['[Interface]', ...lines, '', ''].join(eol) };
  const open = at === text.length && text[at - 1] !== '\n';
  return { uri, span: { start: at, end: at }, text: `${open ? eol : ''}${lines.join(eol)}${open ? '' : eol}` };
}

/** A label as a part of a file's name. */
export function fileNameOf(label: string): string {
  const plain = label
    .normalize('NFKD')
    .replace(/^(the|this|a) peer\s*/i, 'peer-')
    .replace(/[^A-Za-z0-9_=+.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  return plain || 'peer';
}

export function pskFileName(node: MeshInterface, peer: Peer): string {
  return `${fileNameOf(node.name)}-${fileNameOf(peer.label)}.psk`;
}

export function joined(folder: string, file: string): string {
  return `${folder.replace(/\/+$/, '')}/${file}`;
}

/** Loads a peer's preshared key from a file once the interface is up. */
export function pskHook(publicKey: string, path: string): string {
  return `PostUp = wg set %i peer ${publicKey} preshared-key ${path}`;
}
