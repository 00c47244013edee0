// An MTU that takes IPv6 away.
import type { InterfaceRule } from '../rule.ts';

export const smallMtu: InterfaceRule = {
  id: 'wireguard/small-mtu',
  severity: 'error',
  scope: 'interface',
  docs: {
    summary: 'An MTU below 1280 silently takes the interface’s IPv6 addresses.',
    why: 'IPv6 needs links of 1280 bytes (RFC 8200, section 5). wg-quick adds the addresses first and sets the MTU then; the kernel takes all IPv6 from an interface whose MTU is smaller, without an error.',
    examples: [
      {
        bad: '[Interface]\nAddress = 10.10.0.1/24, fd00::1/64\nMTU = 1200\n',
        good: '[Interface]\nAddress = 10.10.0.1/24, fd00::1/64\nMTU = 1280\n',
      },
    ],
  },

  check({ uri, own }, _model, report) {
    const mtu = own.mtu?.value;
    if (!own.mtu || mtu == null || mtu >= 1280 || !own.addresses.some(({ value }) => value.address.version === 6)) return;
    report({
      uri,
      at: { ...own.mtu.at, item: 1 },
      message: `With an MTU of ${mtu} the kernel takes the IPv6 addresses away from this interface; IPv6 needs 1280.`,
    });
  },

  fix: (finding) => [
    {
      title: 'Change to 1280, the least that IPv6 needs',
      safety: 'review',
      preferred: true,
      edits: [{ uri: finding.uri, span: finding.span, text: '1280' }],
    },
  ],
};
