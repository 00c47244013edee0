// One of forward and input is filtered, and the other stands open.
import type { Host, MeshInterface, MeshModel } from '../../mesh/model.ts';
import { sameAddress } from '../../net/address.ts';
import { readChains } from '../../reach/chains.ts';
import type { RulesetRule } from '../rule.ts';
import { exampleHub } from './example-hub.ts';
import { filtersAt, type HostChain, isClosed, seesWholeFirewall } from './host-filter.ts';

export const hookUnfiltered: RulesetRule = {
  id: 'nftables/hook-unfiltered',
  severity: 'warning',
  scope: 'ruleset',
  reads: 'links',
  docs: {
    summary: 'The host filters what it forwards and not what it takes in, or the reverse.',
    why: [
      'A packet for the host itself passes the input hook and never forward; one for another peer passes forward and never input. Where no base chain is registered at a hook, everything passes there: a hub that filters forward alone keeps its peers apart, and lets each of them reach every port of the hub, from where they reach all the others.',
      '',
      'Add the other base chain, with `policy drop`, `ct state established,related accept`, and on input the tunnel’s port and ssh.',
    ].join('\n'),
    examples: [{ bad: exampleHub({ input: null }), good: exampleHub({}) }],
  },

  check(ruleset, host, model, report) {
    if (!seesWholeFirewall(host, model) || filteredBefore(host, model)) return;
    const inputs = filtersAt(host, model, 'input');
    const forwards = filtersAt(host, model, 'forward');
    const [closedForward] = forwards.filter(({ read }) => isClosed(read));
    const [closedInput] = inputs.filter(({ read }) => isClosed(read));
    const say = ({ ruleset: { uri }, read }: HostChain, message: string): void => {
      // told once, by the ruleset that the chain is in
      if (uri === ruleset.uri && read.chain.base) report({ uri, at: { ...read.chain.base.at, item: 1 }, message });
    };
    if (closedForward && inputs.length === 0) {
      say(
        closedForward,
        'Forward is filtered here, and no base chain filters input: every peer reaches every port of this host, and from it all others. Add a chain on hook input with policy drop.',
      );
    } else if (closedInput && forwards.length === 0 && forwardsForPeers(host)) {
      say(
        closedInput,
        'Input is filtered here, and no base chain filters forward: through this host every peer reaches every port of every other. Add a chain on hook forward with policy drop.',
      );
    }
  },
};

/** Whether something closes the way before both hooks: a filter on prerouting or on a device. */
function filteredBefore(host: Host, model: MeshModel): boolean {
  return (model.rulesetsOf.get(host) ?? []).some(({ facts }) =>
    readChains(facts).some((read) => read.chain.base?.hook === 'prerouting' && read.chain.base.type === 'filter' && isClosed(read)),
  );
}

/** Whether it surely passes on what peers send to each other: it says so, or a peer routes another through it. */
export function forwardsForPeers(host: Host): boolean {
  return host.interfaces.some((node) => node.peers.length >= 2 && (turnsForwardingOn(node) || routesThrough(node)));
}

function turnsForwardingOn({ own }: MeshInterface): boolean {
  return own.hooks.some(({ value }) =>
    value.commands.some(
      (command) =>
        command.does === 'sysctl' && command.assignments.some((assignment) => /(ip_forward|\.forwarding)\s*=\s*1$/.test(assignment)),
    ),
  );
}

function routesThrough(node: MeshInterface): boolean {
  return node.peers.some(({ back }) =>
    back?.allowedIps.some(
      ({ value }) =>
        !node.addresses.some((own) => sameAddress(own, value.address)) || value.length < (value.address.version === 4 ? 32 : 128),
    ),
  );
}
