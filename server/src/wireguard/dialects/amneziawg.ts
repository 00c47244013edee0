// The keys that AmneziaWG adds to wg's: packets that look like no WireGuard. Both ends need the same S and H values.
import type { KeyRow } from '../vocabulary.ts';

function number(name: string, says: string, example: string): KeyRow {
  return { name, section: 'Interface', tool: 'AmneziaWG', value: 'count', repeated: 'replaces', says, example: `${name} = ${example}` };
}

function text(name: string, says: string, example: string, section: KeyRow['section'] = 'Interface'): KeyRow {
  return { name, section, tool: 'AmneziaWG', value: 'word', repeated: 'replaces', says, example: `${name} = ${example}` };
}

const padding = 'Both ends need the same.';

export const amneziaKeys: readonly KeyRow[] = [
  number('Jc', 'How many packets of junk go before each handshake.', '4'),
  number('Jmin', 'The least size of a packet of junk, in bytes.', '40'),
  number('Jmax', 'The largest size of a packet of junk, in bytes.', '70'),
  number('S1', `Bytes of junk before a handshake’s first message. ${padding}`, '15'),
  number('S2', `Bytes of junk before a handshake’s answer. ${padding}`, '18'),
  number('S3', `Bytes of junk before a cookie. ${padding}`, '20'),
  number('S4', `Bytes of junk before a packet of data. ${padding}`, '23'),
  text('H1', `The number, or range of numbers, that marks a handshake’s first message instead of 1. ${padding}`, '1020325451'),
  text('H2', `The number, or range of numbers, that marks a handshake’s answer instead of 2. ${padding}`, '3288052141'),
  text('H3', `The number, or range of numbers, that marks a cookie instead of 3. ${padding}`, '1766607858'),
  text('H4', `The number, or range of numbers, that marks a packet of data instead of 4. ${padding}`, '2528465083'),
  ...[1, 2, 3, 4, 5].map((n) =>
    text(
      `I${n}`,
      `Packet ${n} of those that go before a handshake to look like another protocol. Its spaces count.`,
      '<b 0xc700000001><r 16>',
    ),
  ),
  text('HeaderProtectionKey', `Hides the packets’ headers behind a key. ${padding}`, 'off'),
  text('ContentPaddingAddition', 'How many bytes are added to packets of data.', '0'),
  text('RekeyAfterTime', 'After how many seconds a new handshake is begun.', '120'),
  text('DisableCookies', 'Whether a busy host sends no cookies.', 'off'),
  text('AdvancedSecurity', 'Whether this peer speaks AmneziaWG; `off` for one that speaks plain WireGuard.', 'on', 'Peer'),
];
