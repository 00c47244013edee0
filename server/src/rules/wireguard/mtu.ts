// An MTU that takes IPv6 away, or that does not fit.
import { laptop } from '../example-mesh.ts';
import type { InterfaceRule } from '../rule.ts';

const config = (mtu: number): string => laptop({ own: `Address = 10.10.0.7/32, fd00:10::7/128\nMTU = ${mtu}\n` });

export const mtu: InterfaceRule = {
  id: 'wireguard/mtu',
  severity: 'warning',
  scope: 'interface',
  docs: {
    summary: 'An MTU below 1280 with IPv6 in the tunnel, or above what an Ethernet path leaves.',
    why: 'Below 1280 the kernel takes IPv6 off the interface, without a word: its IPv6 addresses are gone. Above 1440, what an Ethernet path of 1500 leaves for a tunnel over IPv4 (1420 over IPv6), large packets are cut in two or lost; that is information, since paths with larger frames exist. Leave MTU out, and wg-quick works it out from the path.',
    examples: [{ bad: config(1200), good: config(1280) }],
  },

  check(node, _model, report) {
    const set = node.own.mtu;
    if (!set?.value) return;
    const six = node.addresses.some(({ version }) => version === 6);
    if (set.value < 1280 && six)
      report({
        uri: node.uri,
        at: set.at,
        severity: 'error',
        message: `An MTU of ${set.value} takes IPv6 off this interface: the kernel wants 1280 for it, and drops the IPv6 addresses without a word. Write 1280 or more, or leave MTU out.`,
      });
    else if (set.value > 1440 && set.value <= 1500)
      report({
        uri: node.uri,
        at: set.at,
        severity: 'info',
        message: `An Ethernet path of 1500 leaves 1420 to 1440 bytes inside the tunnel; with ${set.value} large packets are cut in two or lost. Leave MTU out, and wg-quick works it out.`,
      });
  },
};
