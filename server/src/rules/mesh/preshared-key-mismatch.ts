// Both ends' files are here, and their preshared keys do not agree.
import type { MeshInterface, Peer } from '../../mesh/model.ts';
import type { Fix, TextEdit } from '../../text/edit.ts';
import type { InterfaceFacts } from '../../wireguard/facts.ts';
import type { PeerFacts } from '../../wireguard/peer-facts.ts';
import { files, hub, laptop } from '../example-mesh.ts';
import { wholeLine } from '../lines.ts';
import type { FixContext, InterfaceRule } from '../rule.ts';
import { addToInterface, joined, pskFileName, pskHook } from '../wireguard/edits.ts';

const without = (text: string): string => text.replace(/ peer \S+ preshared-key \S+/, '');

export const presharedKeyMismatch: InterfaceRule = {
  id: 'mesh/preshared-key-mismatch',
  severity: 'warning',
  scope: 'interface',
  docs: {
    summary: 'The two ends of a link do not have the same preshared key.',
    why: [
      'Then there is no handshake, and no message says why: wg takes each file by itself. Told where both files are here, one end has a key and the other has none, or both keys stand in the files and differ. Keys that are loaded from files cannot be compared and are not spoken of; a key of zeros is none.',
      '',
      'The fix loads a key from a file, where none is loaded yet. No key is copied: make it once (`wg genpsk`) and bring it to both hosts. It stands in place of `wireguard/missing-preshared-key` at the end that lacks the key.',
    ].join('\n'),
    examples: [
      {
        bad: files({ hub: hub(), laptop: without(laptop()) }),
        good: files({
          hub: hub(),
          laptop: without(laptop()).replace(
            'wg0.key\n',
            'wg0.key\n# the same key as at hub: bring it to /etc/wireguard/wg0-hub.psk (mode 0600)\nPostUp = wg set %i peer Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c= preshared-key /etc/wireguard/wg0-hub.psk\n',
          ),
        }),
      },
    ],
  },

  check(node, _model, report) {
    for (const peer of node.peers) {
      const told = mismatch(node, peer);
      if (!told || !peer.remote || !peer.back) continue;
      const { at } = (told === 'differs' ? peer.facts.presharedKey : null) ?? peer.facts;
      const other = (peer.back.presharedKey ?? peer.back.presharedKeyFile ?? peer.back).at;
      report({
        uri: node.uri,
        at,
        message:
          told === 'differs'
            ? `The preshared key here is not the one that ${peer.label} has for this host: there will be no handshake, and no message says why. Give both ends the same one.`
            : `${peer.label} has a preshared key for this host, and this end has none: there will be no handshake, and no message says why. Load the same one here.`,
        related: [{ uri: peer.remote.uri, ...other, message: `${peer.label}’s preshared key` }],
      });
    }
  },

  fix(finding, context): readonly Fix[] {
    const node = context.model.links.interfaceOf.get(finding.uri);
    const peer = node?.peers.find(
      ({ facts }) => facts.at.statement === finding.statement || facts.presharedKey?.at.statement === finding.statement,
    );
    const told = node && peer && mismatch(node, peer);
    if (!node || !peer?.remote || !told) return [];
    if (told === 'missing') {
      const edit = loading(context, node, peer, [`# the same key as at ${peer.label}: bring it to {path} (mode 0600)`]);
      return edit ? [{ title: `Load the key that ${peer.label} has from a file`, safety: 'review', preferred: true, edits: [edit] }] : [];
    }
    const back = peer.remote.peers.find(({ facts }) => facts === peer.back);
    if (!back) return [];
    const edits = [...replaced(context, node, peer), ...replaced(context, peer.remote, back)];
    return edits.length === 4
      ? [{ title: 'Load one new key at both ends, in place of the two', safety: 'review', preferred: true, edits }]
      : [];
  },
};

/** How this end of a link fails to agree with the other; null where it may agree, or where the other end is told. */
export function mismatch(node: MeshInterface, { facts, remote, back }: Peer): 'missing' | 'differs' | null {
  if (!remote || !back || !facts.publicKey?.value) return null;
  const ours = written(facts);
  const theirs = written(back);
  if (ours === theirs || loadsUnknown(node) || loadsUnknown(remote)) return null;
  if (ours === 'none') return theirs === 'unsound' ? null : 'missing';
  if (facts.presharedKeyFile || back.presharedKeyFile || ours === 'unsound' || theirs === 'unsound' || theirs === 'none') return null;
  return 'differs';
}

function written({ presharedKey, presharedKeyFile }: PeerFacts): string {
  if (presharedKeyFile) return 'file';
  if (!presharedKey || presharedKey.value.zero) return 'none';
  return presharedKey.value.fingerprint ?? 'unsound';
}

const unknownLoads = new WeakMap<InterfaceFacts, boolean>();

/** Whether a hook loads preshared keys for peers it does not write out, as in a loop. */
export function loadsUnknown({ own }: MeshInterface): boolean {
  let found = unknownLoads.get(own);
  if (found === undefined) {
    found = own.hooks.some(({ value }) =>
      value.commands.some((command) => command.does === 'wg-set' && command.peers.some((peer) => peer.presharedKeyFile && !peer.publicKey)),
    );
    unknownLoads.set(own, found);
  }
  return found;
}

function loading(context: FixContext, node: MeshInterface, peer: Peer, comments: readonly string[]): TextEdit | null {
  const publicKey = peer.facts.publicKey?.value;
  if (!publicKey || peer.facts.publicKeyIsSecret) return null;
  const path = joined(context.keyPath, pskFileName(node, peer));
  return addToInterface(context, node.uri, [...comments.map((line) => line.replace('{path}', path)), pskHook(publicKey, path)]);
}

function replaced(context: FixContext, node: MeshInterface, peer: Peer): readonly TextEdit[] {
  const hook = loading(context, node, peer, ['# make it once, the same for both hosts: (umask 077; wg genpsk > {path})']);
  const key = peer.facts.presharedKey && context.span(node.uri, peer.facts.presharedKey.at);
  return hook && key ? [hook, { uri: node.uri, span: wholeLine(context.text(node.uri), key.start), text: '' }] : [];
}
