// A peer that nothing goes to and nothing comes from.
import type { InterfaceRule } from '../rule.ts';

export const peerWithoutAllowedIps: InterfaceRule = {
  id: 'wireguard/peer-without-allowed-ips',
  severity: 'warning',
  scope: 'interface',
  docs: {
    summary: 'A peer has no AllowedIPs.',
    why: 'wg takes such a peer, the handshake works, and every packet is dropped: none may come from it, and none is sent to it. Silent where a hook sets allowed IPs with `wg set`.',
    examples: [
      {
        bad: `[Interface]
Address = 10.10.0.1/24
PostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /etc/wireguard/laptop.psk

[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
`,
        good: `[Interface]
Address = 10.10.0.1/24
PostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /etc/wireguard/laptop.psk

[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.7/32
`,
      },
    ],
  },

  check({ uri, own, facts: { lines }, peers }, _model, report) {
    if (peers.every(({ facts }) => facts.allowedIps.length > 0)) return;
    // a program that adds them later, or a hook that we cannot read, may be what gives them
    const set = own.hooks.some(({ value }) =>
      value.commands.some((command) => command.does === 'wg-set' && command.peers.some(({ allowedIps }) => allowedIps)),
    );
    if (set) return;
    const keys = new Set(peers.filter(({ facts }) => facts.allowedIps.length > 0).map(({ facts }) => facts.publicKey?.value));
    for (const { facts, label } of peers) {
      const { at, allowedIps, publicKey } = facts;
      // a peer without a key, or whose entries cannot be read, is refused; one with the key of another block is told there
      if (allowedIps.length > 0 || !publicKey?.value || facts.publicKeyIsSecret || keys.has(publicKey.value)) continue;
      if (writesSome(lines, at.statement)) continue;
      report({
        uri,
        at,
        message: `No AllowedIPs for ${label}: nothing that it sends is taken, and nothing is sent to it. Give it its own address, as in “AllowedIPs = 10.10.0.7/32”.`,
      });
    }
  },
};

/** Whether the [Peer] at that statement has a line of AllowedIPs, readable or not. */
function writesSome(lines: readonly { readonly kind: string }[], header: number): boolean {
  for (let i = header + 1; i < lines.length && lines[i]?.kind !== 'section'; i++) if (lines[i]?.kind === 'allowed-ips') return true;
  return false;
}
