// A key that is none, or that nobody made with wg genkey.
import { ZERO_KEY } from '../../net/key.ts';
import type { InterfaceRule } from '../rule.ts';

export const weakKey: InterfaceRule = {
  id: 'wireguard/weak-key',
  severity: 'error',
  scope: 'interface',
  docs: {
    summary: 'A key of nothing but zeros, or one that wg changes when it loads it.',
    why: [
      'wg takes 32 zero bytes for “no key”: a PrivateKey of zeros leaves the interface without one, a PresharedKey of zeros is none. As a PublicKey it is one that nobody can have.',
      '',
      'A private key has three bits that are always 0 and one that is always 1 (RFC 7748, section 5). `wg genkey` sets them; a key from elsewhere, as from `wg genpsk` or `openssl rand`, is changed when it is loaded, so that `wg show` prints another one than the file. It works: that is a hint.',
    ].join('\n'),
    examples: [
      {
        bad: '[Interface]\nPrivateKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nAddress = 10.10.0.1/24\n',
        good: '[Interface]\nPostUp = wg set %i private-key /etc/wireguard/wg0.key\nAddress = 10.10.0.1/24\n',
      },
    ],
  },

  check({ uri, own, peers }, _model, report) {
    if (own.privateKey?.value.zero) {
      report({
        uri,
        at: own.privateKey.at,
        message:
          'All bits of this key are 0, which wg takes for no key: the interface has none and can answer nobody. Make one with “wg genkey”.',
      });
    } else if (own.privateKey?.value.sound && !own.privateKey.value.clamped) {
      report({
        uri,
        at: own.privateKey.at,
        severity: 'hint',
        message:
          'This is no key of “wg genkey”: some of its bits are changed when it is loaded, and “wg show” then prints another one. It works.',
      });
    }
    for (const { facts } of peers) {
      if (facts.presharedKey?.value.zero) {
        report({
          uri,
          at: facts.presharedKey.at,
          message:
            'All bits of this key are 0, which wg takes for no preshared key. Make one with “wg genpsk”, the same for both ends, or remove the line.',
        });
      }
      if (facts.publicKey?.value === ZERO_KEY) {
        report({
          uri,
          at: facts.publicKey.at,
          severity: 'warning',
          message: 'All bits of this key are 0: nobody has the private key to it. Write what “wg pubkey” prints on the peer’s host.',
        });
      }
    }
  },
};
