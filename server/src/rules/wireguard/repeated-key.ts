// Two lines for what can be set once: the last one counts.
import type { LineFact } from '../../wireguard/line-facts.ts';
import { wholeLine } from '../lines.ts';
import type { InterfaceRule } from '../rule.ts';

/** The kinds of facts of which one counts, with the key's name (config.c, process_line: each is assigned; linux.bash: `MTU="$value"`). */
const ONCE = {
  'private-key': 'PrivateKey',
  'listen-port': 'ListenPort',
  fwmark: 'FwMark',
  mtu: 'MTU',
  table: 'Table',
  'save-config': 'SaveConfig',
  'public-key': 'PublicKey',
  'preshared-key': 'PresharedKey',
  endpoint: 'Endpoint',
  keepalive: 'PersistentKeepalive',
} as const satisfies Partial<Record<LineFact['kind'], string>>;
type Once = keyof typeof ONCE;
const kinds = Object.keys(ONCE);

export const repeatedKey: InterfaceRule = {
  id: 'wireguard/repeated-key',
  severity: 'error',
  scope: 'interface',
  docs: {
    summary: 'A key is set twice, and only the last line counts.',
    why: 'wg and wg-quick take the last of two lines with the same key and say nothing of the first; only AllowedIPs, Address, DNS and hooks add up. Where it is a PublicKey, the `[Peer]` of the second one was probably forgotten. A hint where both lines say the same.',
    examples: [
      {
        bad: '[Interface]\nListenPort = 51820\nAddress = 10.10.0.1/24\nListenPort = 51821\n',
        good: '[Interface]\nAddress = 10.10.0.1/24\nListenPort = 51821\n',
      },
    ],
  },

  check({ uri, facts: { lines } }, _model, report) {
    // all [Interface] sections are one; each [Peer] is another, of which only what is set in it is kept: there may be thousands
    const ofInterface = new Map<Once, number>();
    let inPeer = false;
    let set = 0;
    for (let statement = 0; statement < lines.length; statement++) {
      const fact = lines[statement] as LineFact;
      if (fact.kind === 'section') {
        inPeer = fact.section === 'Peer';
        set = 0;
        continue;
      }
      if (!isOnce(fact) || refused(fact)) continue;
      const { kind } = fact;
      const bit = 1 << kinds.indexOf(kind);
      const before = inPeer ? ((set & bit) === 0 ? undefined : lastBefore(lines, statement, kind)) : ofInterface.get(kind);
      set |= bit;
      if (!inPeer) ofInterface.set(kind, statement);
      if (before === undefined) continue;
      const same = sameFact(lines[before] as LineFact, fact);
      const forgotten = kind === 'public-key' ? ' If another peer is meant, its [Peer] is missing.' : '';
      report({
        uri,
        at: { statement: before, item: 0 },
        ...(same ? { severity: 'hint' as const } : {}),
        message: same
          ? `${ONCE[kind]} is set again below, to the same; remove one of them.`
          : `${ONCE[kind]} is set again below, and the last one counts: this line has no effect.${forgotten}`,
        related: [{ uri, statement, item: 0, message: 'this one counts' }],
      });
    }
  },

  fix(finding, context) {
    if (finding.message.startsWith('PublicKey')) return [];
    const secret = /^P(rivate|reshared)/.test(finding.message);
    const span = wholeLine(context.text(finding.uri), finding.span.start);
    return [
      {
        title: 'Remove this line, which has no effect',
        // a key that is in no other file would be gone
        safety: secret ? 'review' : 'safe',
        preferred: !secret,
        edits: [{ uri: finding.uri, span, text: '' }],
      },
    ];
  },
};

/** The line above that sets the same, of which it is known that there is one. */
function lastBefore(lines: readonly LineFact[], statement: number, kind: Once): number {
  let at = statement - 1;
  for (let fact = lines[at]; fact && (fact.kind !== kind || refused(fact)); fact = lines[at]) at--;
  return at;
}

function isOnce(fact: LineFact): fact is LineFact & { readonly kind: Once } {
  return (ONCE as Partial<Record<LineFact['kind'], string>>)[fact.kind] !== undefined;
}

/** The tool does not get so far as to choose between the two. */
function refused(fact: LineFact): boolean {
  if (fact.kind === 'private-key' || fact.kind === 'preshared-key') return !fact.key.sound;
  if (fact.kind === 'endpoint') return fact.port === null;
  if (fact.kind === 'public-key') return fact.key === null;
  return 'value' in fact && fact.value === null;
}

function sameFact(a: LineFact, b: LineFact): boolean {
  if ((a.kind === 'private-key' || a.kind === 'preshared-key') && a.kind === b.kind) return a.key.fingerprint === b.key.fingerprint;
  return JSON.stringify(a) === JSON.stringify(b);
}
