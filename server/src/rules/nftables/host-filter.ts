// What the rules on a mesh host's firewall share: its tunnels, its filter chains, and what they accept of packets that open a connection.
import { knownAddresses, meshesOf } from '../../mesh/addresses.ts';
import type { Host, MeshInterface, MeshModel, Ruleset } from '../../mesh/model.ts';
import { masked } from '../../net/address.ts';
import { unitedAddresses } from '../../net/address-algebra.ts';
import { type AddressSet, addressSet, noAddresses } from '../../net/address-set.ts';
import type { NftablesFacts } from '../../nftables/facts.ts';
import type { OwnChain as Chain } from '../../nftables/ruleset/alone.ts';
import { type ReadChain, readChains, withTrait } from '../../reach/chains.ts';
import { type Interfaces, interfacesHold } from '../../reach/interfaces.ts';
import { type Reading, Trait } from '../../reach/reading.ts';
import type { PeerFacts } from '../../wireguard/peer-facts.ts';

export type Hook = 'input' | 'forward';

/** A base chain that filters at a hook of the IP families. */
export function isFilterAt(chain: Chain, hook: string): boolean {
  return chain.base?.hook === hook && chain.base.type === 'filter' && IP_FAMILIES.has(chain.family);
}

const IP_FAMILIES = new Set(['ip', 'ip6', 'inet']);

export interface HostChain {
  readonly ruleset: Ruleset;
  readonly read: ReadChain;
}

/** The filter chains of a host at a hook, in all its rulesets. */
export function filtersAt(host: Host, model: MeshModel, hook: Hook): readonly HostChain[] {
  return (model.rulesetsOf.get(host) ?? []).flatMap((ruleset) =>
    readChains(ruleset.facts).flatMap((read) => (isFilterAt(read.chain, hook) ? [{ ruleset, read }] : [])),
  );
}

/** Whether it lets nothing through that no rule decides: policy drop, or a rule that drops everything. */
export function isClosed(read: ReadChain): boolean {
  const { chain, readings } = read;
  return chain.base?.policy === 'drop' || withTrait(read, Trait.closes).some((index) => dropsEverything(readings[index] as Reading));
}

export function dropsEverything({ always, arms }: Reading): boolean {
  const outcome = arms[0]?.outcome;
  return always && (outcome === 'drop' || outcome === 'reject');
}

const sighted = new WeakMap<NftablesFacts, boolean>();

/** Whether the host's whole firewall is in the files that are here: no includes, and no hook of an interface runs a firewall tool. */
export function seesWholeFirewall(host: Host, model: MeshModel): boolean {
  for (const { own } of host.interfaces) {
    for (const { value } of own.hooks) {
      if (value.commands.some((command) => command.does === 'other' && FIREWALL_TOOLS.test(command.program))) return false;
    }
  }
  return (model.rulesetsOf.get(host) ?? []).every(({ facts }) => {
    let sees = sighted.get(facts);
    if (sees === undefined) {
      sees = facts.statements.every(({ kind }) => kind !== 'include');
      sighted.set(facts, sees);
    }
    return sees;
  });
}

/** What may change the rules while an interface comes up; a script of one's own may as well. */
const FIREWALL_TOOLS = /^(nft|ip6?tables(-\w+)?|ufw|firewall-cmd|bash|sh|\$.*|.*\.(sh|nft))$/;

/** What the host's tunnels are called. A config that lies apart from any `etc/` may have any name on its host. */
export function tunnelNames(host: Host): readonly string[] {
  return host.interfaces.map(({ name }) => name);
}

/** Whether a box's interface may be a tunnel of the host. */
export function mayBeTunnel(host: Host, interfaces: Interfaces): boolean {
  return (
    host.interfaces.some(({ name }) => interfacesHold(interfaces, name)) || (interfaces.only?.some((name) => /^wg/.test(name)) ?? false)
  );
}

/** Whether it is surely one of the host’s tunnels. */
export function isTunnelOnly(tunnels: readonly { readonly name: string }[], { only }: Interfaces): boolean {
  return only !== null && only.length > 0 && only.every((word) => tunnels.some(({ name }) => name === word));
}

/** The addresses of the meshes that a host is in: the networks of their interfaces, and what their peers have alone. */
export function meshAddresses(host: Host): AddressSet {
  const [first, ...others] = meshesOf(host).map((mesh) => knownAddresses(mesh).members);
  return others.reduce(unitedAddresses, first ?? noAddresses);
}

const arriving = new WeakMap<readonly PeerFacts[], AddressSet>();

/** What may come out of a tunnel: cryptokey routing drops every other source (wireguard.com, "Cryptokey Routing"). */
export function arrivingFrom({ facts: { peers } }: MeshInterface): AddressSet {
  let found = arriving.get(peers);
  if (!found) {
    found = addressSet(peers.flatMap(({ allowedIps }) => allowedIps.map(({ value }) => masked(value))));
    arriving.set(peers, found);
  }
  return found;
}
