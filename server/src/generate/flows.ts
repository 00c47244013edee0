// What the grants of a workspace file come to, host by host: from which addresses at whose end to which at whose other end.
import { insideOwnNetwork, ownerAt } from '../mesh/addresses.ts';
import { type KnownHost, knownHosts, type PolicyFile } from '../mesh/known-hosts.ts';
import type { MeshModel } from '../mesh/model.ts';
import { type Parties, partiesOf } from '../mesh/parties.ts';
import { rolesOf } from '../mesh/roles.ts';
import { type Address, firstOf, isHost, masked, type Prefix, prefixHolds, prefixText } from '../net/address.ts';
import { intersectedAddresses, noAddress } from '../net/address-algebra.ts';
import { type AddressSet, addressSet } from '../net/address-set.ts';
import type { Grant, Party, PolicyService } from '../policy/facts.ts';
import type { Place } from '../text/origin.ts';

/** One end of a flow: a host with its own addresses, or with those of a network behind it. */
export interface End {
  readonly host: KnownHost;
  readonly behind: boolean;
  readonly addresses: AddressSet;
}

export interface Flow {
  readonly from: End;
  readonly to: End;
  readonly services: readonly PolicyService[];
  readonly grant: Grant;
  /** The grant in a few words, for comments: `laptop -> app tcp:443`. */
  readonly label: string;
}

/** What of a grant cannot be carried out, and why. */
export interface Trouble {
  readonly uri: string;
  readonly at: Place;
  readonly says: string;
}

export interface Granted {
  readonly flows: readonly Flow[];
  readonly troubles: readonly Trouble[];
}

/** All that the grants of a workspace file allow. A host needs no grant to reach itself. */
export function grantedFlows(model: MeshModel, policy: PolicyFile): Granted {
  const flows: Flow[] = [];
  const troubles: Trouble[] = [];
  for (const grant of policy.facts.grants ?? []) {
    const from = endsOf(grant.src, model, policy, troubles);
    const to = endsOf(grant.dst, model, policy, troubles);
    const label = labelOf(grant);
    for (const source of from)
      for (const destination of to)
        if (source.host !== destination.host && shareVersion(source, destination))
          flows.push({ from: source, to: destination, services: grant.ip, grant, label });
  }
  return { flows, troubles };
}

/** A grant in a few words. */
export function labelOf({ src, dst, ip }: Grant): string {
  const said = (parties: readonly Party[]): string =>
    parties.map((party) => (party.kind === 'any' ? '*' : party.kind === 'name' ? party.name : plainPrefix(party.prefix))).join(', ');
  return `${said(src)} -> ${said(dst)} ${ip.map(({ text }) => text).join(', ')}`;
}

/** A single address without its length. */
export function plainPrefix(prefix: Prefix): string {
  const text = prefixText(prefix);
  return isHost(prefix) ? text.slice(0, text.indexOf('/')) : text;
}

function endsOf(parties: readonly Party[], model: MeshModel, policy: PolicyFile, troubles: Trouble[]): readonly End[] {
  const ends: End[] = [];
  const known = [...knownHosts(model, policy).values()].flat();
  const own = (host: KnownHost): End => ({ host, behind: false, addresses: setOf(host.addresses) });
  for (const party of parties) {
    const { any, hosts, prefixes, unclear }: Parties = partiesOf([party], model, policy);
    for (const { name } of unclear) troubles.push({ uri: policy.uri, at: party.at, says: `it is not known who “${name}” is` });
    if (any) ends.push(...known.map(own));
    ends.push(...hosts.map(own));
    for (const prefix of prefixes) {
      const found = endsOfPrefix(prefix, known);
      ends.push(...found);
      if (found.length === 0)
        troubles.push({
          uri: policy.uri,
          at: party.at,
          says: `nobody is known to have ${prefixText(prefix)}: state whose network it is by “routes” in “hosts”`,
        });
    }
  }
  return ends;
}

/** The hosts that have addresses of a prefix, and those it lies behind. */
function endsOfPrefix(prefix: Prefix, known: readonly KnownHost[]): readonly End[] {
  const wanted = addressSet([prefix]);
  const ends: End[] = [];
  for (const host of known) {
    const held = host.addresses.filter((address) => prefixHolds(prefix, address));
    if (held.length > 0) ends.push({ host, behind: false, addresses: setOf(held) });
    const behind = intersectedAddresses(addressSet(networksBehind(host)), wanted);
    if (!noAddress(behind)) ends.push({ host, behind: true, addresses: behind });
  }
  return ends;
}

const everything: readonly Prefix[] = [
  { version: 4, first: 0, length: 0 },
  { version: 6, first: 0n, length: 0 },
];

/** Networks that are reached through a host: stated, or as the entries of others have them, where it hands them to nobody else. */
export function networksBehind({ host, entries, stated }: KnownHost): readonly Prefix[] {
  if (stated && stated.routes.length > 0) return stated.routes;
  const isExit =
    stated?.role === 'exit-gateway' || host?.interfaces.some((node) => rolesOf(node).some(({ role }) => role === 'exit-gateway'));
  if (isExit) return everything;
  return entries.flatMap(({ node, peer }) =>
    peer.facts.allowedIps
      .map(({ value }) => masked(value))
      .filter(
        (prefix) =>
          !isHost(prefix) &&
          !insideOwnNetwork(prefix, node) &&
          !host?.interfaces.some((own) => ownerAt(own, firstOf(prefix)) || insideOwnNetwork(prefix, own)),
      ),
  );
}

function setOf(addresses: readonly Address[]): AddressSet {
  return addressSet(
    addresses.map(
      (address): Prefix =>
        address.version === 4 ? { version: 4, first: address.value, length: 32 } : { version: 6, first: address.value, length: 128 },
    ),
  );
}

function shareVersion({ addresses: a }: End, { addresses: b }: End): boolean {
  return (a.v4.length > 0 && b.v4.length > 0) || (a.v6.length > 0 && b.v6.length > 0);
}
