// As whom somebody may send, in a few words.
import type { MeshModel } from '../../mesh/model.ts';
import { type Address, addressText } from '../../net/address.ts';
import { isOneAddress } from '../../net/address-algebra.ts';
import { type AddressSet, setHolds } from '../../net/address-set.ts';
import type { Member } from '../../reach/matrix/members.ts';
import { countSenders, type SendsAs } from '../../reach/matrix/sends-as.ts';

/** `itself alone`, `app (10.10.0.20)`, `254 addresses, 1 in use`, `nobody`. */
export function senderText(model: MeshModel, members: readonly Member[], own: AddressSet, senders: readonly SendsAs[]): string {
  const { count, inUse } = countSenders(model, senders);
  if (count === 0n) return 'nobody';
  const [only] = senders;
  if (senders.length === 1 && only && count === 1n && isOneAddress(only.addresses)) {
    const [four] = only.addresses.v4;
    const [six] = only.addresses.v6;
    const address = four ? ({ version: 4, value: four.from } as const) : six ? ({ version: 6, value: six.from } as const) : null;
    if (address && setHolds(own, address)) return 'itself alone';
    if (address) return senderName(members, address);
  }
  return `${countText(count)} ${count === 1n ? 'address' : 'addresses'}, ${inUse} in use`;
}

/** Whose address it is, in words. */
export function senderName(members: readonly Member[], address: Address): string {
  const owner = members.find((member) => member.kind === 'host' && setHolds(member.addresses, address));
  return owner ? `${owner.name} (${addressText(address)})` : addressText(address);
}

/** Up to a million as digits; above it a power of two says more. */
export function countText(count: bigint): string {
  return count < 1_000_000n ? count.toLocaleString('en-US') : `about 2^${count.toString(2).length - 1}`;
}
