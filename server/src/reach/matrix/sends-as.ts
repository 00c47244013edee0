// As whom a host may send: every address that a next hop takes from it, whatever its own file says.
import type { MeshInterface, MeshModel, Peer } from '../../mesh/model.ts';
import { intersectedAddresses, unitedAddresses } from '../../net/address-algebra.ts';
import { type AddressSet, addressSet, noAddresses } from '../../net/address-set.ts';
import { deviceOf, devicePeer } from '../way/cryptokey.ts';
import { addressPrefix, type Member } from './members.ts';
import { ownedBy, ownersAt } from './owners.ts';

export interface SendsAs {
  /** The interface that takes the packets. */
  readonly at: MeshInterface;
  /** The entry there that lets them in. */
  readonly entry: Peer;
  readonly addresses: AddressSet;
}

/** By next hop; none for what lies behind a host, which sends through it. */
export function sendsAs(member: Member): readonly SendsAs[] {
  switch (member.kind) {
    case 'host':
      return member.host.interfaces.flatMap((node) => [...deviceOf(node).peers.values()].flatMap(({ peer }) => takenBy(peer)));
    case 'peer':
      return [{ at: member.node, entry: member.peer, addresses: ownedBy(ownersAt(member.node), member.peer) }];
    case 'beyond':
      return [];
  }
}

function takenBy({ remote, back }: Peer): readonly SendsAs[] {
  const entry = remote && back ? devicePeer(remote, back)?.peer : undefined;
  return remote && entry ? [{ at: remote, entry, addresses: ownedBy(ownersAt(remote), entry) }] : [];
}

export interface SenderCount {
  /** How many addresses it may send as. */
  readonly count: bigint;
  /** How many of these some host of the workspace has. */
  readonly inUse: number;
}

export function countSenders(model: MeshModel, senders: readonly SendsAs[]): SenderCount {
  return countAddresses(
    model,
    senders.reduce((sum, one) => unitedAddresses(sum, one.addresses), noAddresses),
  );
}

export function countAddresses({ links }: MeshModel, addresses: AddressSet): SenderCount {
  const count =
    addresses.v4.reduce((sum, { from, to }) => sum + BigInt(to - from + 1), 0n) +
    addresses.v6.reduce((sum, { from, to }) => sum + (to - from + 1n), 0n);
  const used = intersectedAddresses(addresses, addressSet(links.interfaces.flatMap((node) => node.addresses.map(addressPrefix))));
  const inUse =
    used.v4.reduce((sum, { from, to }) => sum + (to - from + 1), 0) +
    used.v6.reduce((sum, { from, to }) => sum + Number(to - from + 1n), 0);
  return { count, inUse };
}
