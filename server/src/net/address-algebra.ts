// What sets of addresses have in common; IPv4 and IPv6 are two universes, each by itself.
import type { AddressSet } from './address-set.ts';
import { complemented, intersected, joined, lieWithin, meet, v4Domain, v6Domain } from './intervals.ts';

export const allAddresses: AddressSet = { v4: v4Domain.all, v6: v6Domain.all };

export function intersectedAddresses(a: AddressSet, b: AddressSet): AddressSet {
  if (a === allAddresses || a === b) return b;
  if (b === allAddresses) return a;
  const v4 = intersected(a.v4, b.v4, v4Domain);
  const v6 = intersected(a.v6, b.v6, v6Domain);
  return v4 === a.v4 && v6 === a.v6 ? a : { v4, v6 };
}

export function unitedAddresses(a: AddressSet, b: AddressSet): AddressSet {
  return { v4: joined([...a.v4, ...b.v4], v4Domain), v6: joined([...a.v6, ...b.v6], v6Domain) };
}

export function otherAddresses(a: AddressSet): AddressSet {
  return { v4: complemented(a.v4, v4Domain), v6: complemented(a.v6, v6Domain) };
}

/** What is in one of them and not in both. */
export function differingAddresses(a: AddressSet, b: AddressSet): AddressSet {
  if (a === b) return { v4: [], v6: [] };
  return unitedAddresses(intersectedAddresses(a, otherAddresses(b)), intersectedAddresses(b, otherAddresses(a)));
}

export function addressesWithin(inner: AddressSet, outer: AddressSet): boolean {
  return lieWithin(inner.v4, outer.v4) && lieWithin(inner.v6, outer.v6);
}

export function addressesMeet(a: AddressSet, b: AddressSet): boolean {
  return meet(a.v4, b.v4) || meet(a.v6, b.v6);
}

export function noAddress({ v4, v6 }: AddressSet): boolean {
  return v4.length === 0 && v6.length === 0;
}

/** Whether it holds exactly one address. */
export function isOneAddress({ v4, v6 }: AddressSet): boolean {
  if (v4.length + v6.length !== 1) return false;
  const four = v4[0];
  const six = v6[0];
  return four ? four.from === four.to : six !== undefined && six.from === six.to;
}
