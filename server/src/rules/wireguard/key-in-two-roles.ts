// A secret that stands where another key belongs.
import { entriesOf } from '../../mesh/entries.ts';
import type { InterfaceRule } from '../rule.ts';

export const keyInTwoRoles: InterfaceRule = {
  id: 'wireguard/key-in-two-roles',
  severity: 'error',
  scope: 'interface',
  docs: {
    summary: 'A private or preshared key stands as another key as well.',
    why: 'All keys look alike, and wg takes any for any. A private key pasted as a PublicKey is a peer that nobody is, and the key was shown where public ones are shown: make a new one. A private key used as a preshared key leaves the host: the other end needs the same.',
    examples: [
      {
        bad: `[Interface]
PrivateKey = eAYap00TbHuzDyTLHCpiHcIYgH2m0omkHNBxwYtqOHY=
Address = 10.10.0.1/24

[Peer]
PublicKey = eAYap00TbHuzDyTLHCpiHcIYgH2m0omkHNBxwYtqOHY=
AllowedIPs = 10.10.0.7/32
`,
        good: `[Interface]
PostUp = wg set %i private-key /etc/wireguard/wg0.key
PostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /etc/wireguard/laptop.psk
Address = 10.10.0.1/24

[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.7/32
`,
      },
    ],
  },

  check({ uri, own, facts: whole, peers }, _model, report) {
    const key = own.privateKey;
    const { secretAsKey, presharedKey } = entriesOf(whole);
    if (!secretAsKey && !presharedKey) return;
    for (const { facts } of peers) {
      if (facts.publicKey && facts.publicKeyIsSecret) {
        report({
          uri,
          at: facts.publicKey.at,
          message:
            'A secret key of this file stands here as the public one: no peer has it. Write what “wg pubkey” prints on the peer’s host, and make the secret anew, since public keys are shown around.',
          related: key ? [{ uri, ...key.at, message: 'this host’s private key' }] : [],
        });
      }
      const shared = facts.presharedKey;
      if (key?.value.fingerprint && !key.value.zero && shared?.value.fingerprint === key.value.fingerprint) {
        report({
          uri,
          at: shared.at,
          message:
            'The preshared key is this host’s private key, which the other end would have to know as well. Make one with “wg genpsk”.',
          related: [{ uri, ...key.at, message: 'the private key' }],
        });
      }
    }
  },
};
