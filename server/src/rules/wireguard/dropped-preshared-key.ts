// A preshared key that NetworkManager does not load.
import type { Fix } from '../../text/edit.ts';
import { wholeLine } from '../lines.ts';
import type { InterfaceRule } from '../rule.ts';
import { lineEnding } from './edits.ts';

/** NM_SETTING_SECRET_FLAG_NOT_REQUIRED: what a peer has unless the file says otherwise (nm-setting-wireguard.c). */
const NOT_REQUIRED = 4;

export const droppedPresharedKey: InterfaceRule = {
  id: 'wireguard/dropped-preshared-key',
  severity: 'error',
  scope: 'interface',
  docs: {
    summary: 'A preshared key in a NetworkManager profile that is dropped without a word.',
    why: 'A peer’s `preshared-key-flags` are 4 unless written: there is no such secret. So NetworkManager drops a `preshared-key` that has no `preshared-key-flags=0` beside it when it reads the profile, and the link runs without it; or, if the other end has it, not at all.',
    examples: [
      {
        bad: `-- mesh.nmconnection --
[connection]
id=mesh
type=wireguard
interface-name=wg0

[wireguard]
private-key-flags=1

[wireguard-peer.7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=]
preshared-key=n4gIwxqv6xaPv5jTuf2rCuyw2Zgc1/BKLb0v25JTNTk=
allowed-ips=10.10.0.7/32;

[ipv4]
address1=10.10.0.1/24
method=manual
`,
        good: `-- mesh.nmconnection --
[connection]
id=mesh
type=wireguard
interface-name=wg0

[wireguard]
private-key-flags=1

[wireguard-peer.7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=]
preshared-key=n4gIwxqv6xaPv5jTuf2rCuyw2Zgc1/BKLb0v25JTNTk=
preshared-key-flags=0
allowed-ips=10.10.0.7/32;

[ipv4]
address1=10.10.0.1/24
method=manual
`,
      },
    ],
  },

  check(node, _model, report) {
    if (node.facts.dialect !== 'networkmanager') return;
    for (const { facts, label } of node.peers) {
      const { presharedKey: key, presharedKeyFlags: flags } = facts;
      if (!key?.value.sound || (flags !== null && (flags & NOT_REQUIRED) === 0)) continue;
      const why = flags === null ? 'has no preshared-key-flags beside it' : `has preshared-key-flags=${flags} beside it`;
      report({
        uri: node.uri,
        at: key.at,
        message: `The preshared key with ${label} ${why}, so NetworkManager drops it without a word, and the link runs without. Write preshared-key-flags=0.`,
      });
    }
  },

  fix(finding, context): readonly Fix[] {
    const { uri } = finding;
    const peer = context.model.links.interfaceOf
      .get(uri)
      ?.peers.find(({ facts }) => facts.presharedKey?.at.statement === finding.statement);
    // what says 4 is to be changed where it stands
    if (!peer || peer.facts.presharedKeyFlags !== null) return [];
    const text = context.text(uri);
    const { end } = wholeLine(text, finding.span.start);
    const eol = lineEnding(text);
    const line = text[end - 1] === '\n' ? `preshared-key-flags=0${eol}` : `${eol}preshared-key-flags=0`;
    return [
      { title: 'Add preshared-key-flags=0', safety: 'review', preferred: true, edits: [{ uri, span: { start: end, end }, text: line }] },
    ];
  },
};
