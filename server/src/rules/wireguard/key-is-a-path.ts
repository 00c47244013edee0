// A path where a key must stand.
import type { Fix } from '../../text/edit.ts';
import { KEY_LIKE } from '../../text/words.ts';
import type { WireguardSyntax } from '../../wireguard/tree.ts';
import { wholeLine } from '../lines.ts';
import type { FixContext, SyntaxRule } from '../rule.ts';
import { addToInterface, pskHook } from './edits.ts';

export const keyIsAPath: SyntaxRule = {
  id: 'wireguard/key-is-a-path',
  severity: 'error',
  scope: 'syntax',
  docs: {
    summary: 'A path stands where wg wants the key itself.',
    why: [
      'Widely read guides write `PresharedKey = /etc/wireguard/psk/laptop.psk`. No wg ever took that: the line is refused with “Key is not the correct length or format”, and nothing is loaded.',
      '',
      'What does work is a hook: `PostUp = wg set %i peer <PublicKey> preshared-key FILE`, or `PostUp = wg set %i private-key FILE`. What it costs: `wg syncconf` with the stripped file takes the key away again until the next start, `SaveConfig = true` writes it into the file, and between the start of the interface and the hook the link runs without it.',
    ].join('\n'),
    examples: [
      {
        bad: `[Interface]
PrivateKey = /etc/wireguard/private.key
Address = 10.10.0.1/24
`,
        good: `[Interface]
PostUp = wg set %i private-key /etc/wireguard/private.key
Address = 10.10.0.1/24
`,
      },
    ],
  },

  fix(finding, context) {
    const place = lineAt(context, finding.uri, finding.span.start);
    if (!place) return [];
    const { syntax, offset, peerKey } = place;
    const text = context.text(finding.uri);
    const name = text.slice(offset + syntax.key.start, offset + syntax.key.end);
    const written = text.slice(offset + syntax.value.start, offset + syntax.value.end);
    // only a plain path says what was meant: a command substitution would run where nobody expects it, and a key must not be shown
    if (KEY_LIKE.test(written) || !/^(?:file:(?:\/\/)?)?[~./\w][\w./~@%+=-]*$/.test(written)) return [];
    const path = written.replace(/^file:(\/\/)?/, '');
    const line = wholeLine(text, offset + syntax.key.start);
    if (/^\s*private/i.test(name)) {
      const span = { start: offset + syntax.key.start, end: offset + syntax.value.end };
      const hook = `PostUp = wg set %i private-key ${path}`;
      return [
        { title: `Load it in a hook: ${hook}`, safety: 'safe', preferred: true, edits: [{ uri: finding.uri, span, text: hook }] },
      ] satisfies Fix[];
    }
    if (!peerKey) return [];
    const hook = addToInterface(context, finding.uri, [pskHook(peerKey, path)]);
    if (!hook) return [];
    return [
      {
        title: `Load it in a hook: PostUp = wg set %i peer … preshared-key ${path}`,
        safety: 'safe',
        preferred: true,
        edits: [hook, { uri: finding.uri, span: line, text: '' }],
      },
    ];
  },
};

/** The entry on the line that holds an offset, and the public key of the peer it stands in. */
function lineAt(
  context: FixContext,
  uri: string,
  at: number,
): { syntax: WireguardSyntax & { kind: 'entry' }; offset: number; peerKey: string | null } | null {
  const tree = context.wireguard(uri);
  let offset = 0;
  let key: string | null = null;
  let found: { syntax: WireguardSyntax & { kind: 'entry' }; offset: number } | null = null;
  for (const { syntax, width, facts } of tree?.root.body ?? []) {
    if (syntax.kind === 'section') {
      if (found) break;
      key = null;
    } else if (syntax.kind === 'entry') {
      if (facts?.fact.kind === 'public-key') key = facts.fact.key;
      if (offset <= at && at < offset + width) found = { syntax, offset };
    }
    offset += width;
  }
  return found && { ...found, peerKey: key };
}
