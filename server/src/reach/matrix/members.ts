// Who stands in a matrix: hosts, peers whose own files are not here, and the networks behind hosts.
import type { Host, MeshInterface, MeshModel, Peer } from '../../mesh/model.ts';
import { type Address, hostBits, masked, type Prefix, prefixOf } from '../../net/address.ts';
import { intersectedAddresses, noAddress, otherAddresses } from '../../net/address-algebra.ts';
import { type AddressSet, addressSet } from '../../net/address-set.ts';

interface Common {
  /** The same in another matrix of the same workspace, before or after an edit. */
  readonly key: string;
  readonly name: string;
  /** What it has; of a peer whose file is not here what is sent to it. */
  readonly addresses: AddressSet;
}

export interface HostMember extends Common {
  readonly kind: 'host';
  readonly host: Host;
}

/** A peer of `node` whose own file is not here: which addresses it has, and what it lets in and out, nobody says. */
export interface PeerMember extends Common {
  readonly kind: 'peer';
  readonly node: MeshInterface;
  readonly peer: Peer;
}

/** What is sent to `host` for addresses that no host here has: a LAN, or the rest of the world. */
export interface BeyondMember extends Common {
  readonly kind: 'beyond';
  readonly host: Host;
}

export type Member = HostMember | PeerMember | BeyondMember;

/** Hosts in the model's order, then peers without files, then what lies behind hosts. */
export function membersOf({ links }: MeshModel): readonly Member[] {
  const hosts = links.hosts.map((host): HostMember => {
    const addresses = addressSet(host.interfaces.flatMap((node) => node.addresses.map(addressPrefix)));
    return { kind: 'host', key: keyOf(host), name: host.name, addresses, host };
  });
  const peers: PeerMember[] = [];
  const sentTo = new Map<Host, Prefix[]>();
  const known: Prefix[] = [];
  for (const node of links.interfaces) {
    known.push(...node.addresses.map(addressPrefix), ...node.networks);
    for (const peer of node.peers) {
      const prefixes = allowedTo(peer);
      if (peer.remote) {
        const list = sentTo.get(peer.remote.host);
        if (list) list.push(...prefixes);
        else sentTo.set(peer.remote.host, [...prefixes]);
      } else {
        known.push(...prefixes);
        const key = `${node.uri} ${peer.facts.publicKey?.value ?? node.peers.indexOf(peer)}`;
        peers.push({ kind: 'peer', key, name: peer.label, addresses: addressSet(prefixes), node, peer });
      }
    }
  }
  const nobodys = otherAddresses(addressSet(known));
  const beyond: BeyondMember[] = [];
  for (const [host, prefixes] of sentTo) {
    const foreign = intersectedAddresses(addressSet(prefixes), nobodys);
    if (noAddress(foreign)) continue;
    // what it hands on to its own peers does not stay behind it
    const onward = addressSet(host.interfaces.flatMap((node) => node.peers.flatMap(allowedTo)));
    const addresses = intersectedAddresses(foreign, otherAddresses(onward));
    if (!noAddress(addresses)) beyond.push({ kind: 'beyond', key: `${keyOf(host)} beyond`, name: `behind ${host.name}`, addresses, host });
  }
  return [...hosts, ...peers, ...beyond];
}

function allowedTo({ facts }: Peer): readonly Prefix[] {
  return facts.allowedIps.map(({ value }) => masked(value));
}

export function addressPrefix(address: Address): Prefix {
  return prefixOf(address, hostBits(address));
}

function keyOf({ interfaces, name }: Host): string {
  return interfaces[0]?.uri ?? name;
}
