// The address that Linux sends from where nobody asks for one (fib_semantics.c, fib_result_prefsrc; devinet.c, inet_select_addr; RFC 6724).
import type { Host, MeshInterface } from '../../mesh/model.ts';
import { type Address, masked, prefixHolds } from '../../net/address.ts';
import { type WayOut, wayOut } from './routes.ts';

/** null where it is not known here: the way is not one of WireGuard's, or its interface has no address of that version. */
export function sourceFor(host: Host, destination: Address): Address | null {
  return sourceBy(wayOut(host, destination), destination);
}

/** The same by a way that is known already. */
export function sourceBy(way: WayOut, destination: Address): Address | null {
  if (way.to === 'here') return destination;
  if (way.to !== 'interface') return null;
  return way.source ?? addressToward(way.node, destination);
}

/** The address that an interface gives packets without one, which is also what masquerading gives them. */
export function addressToward(node: MeshInterface, destination: Address, isMasquerade = false): Address | null {
  if (destination.version === 6) return chosen(node, destination);
  const only = node.own.addresses.length === 1 ? node.own.addresses[0]?.value.address : undefined;
  if (only) return only.version === 4 ? only : null;
  const own = written(node).filter(({ address }) => address.version === 4);
  // a second one in the same network is for those who ask for it
  const primary = own.filter(
    ({ prefix }, i) => !own.slice(0, i).some((other) => other.prefix.first === prefix.first && other.prefix.length === prefix.length),
  );
  const near = isMasquerade ? primary.find(({ prefix }) => prefixHolds(prefix, destination)) : undefined;
  return (near ?? primary[0])?.address ?? null;
}

function written({
  own,
  addresses,
  networks,
}: MeshInterface): readonly { readonly address: Address; readonly prefix: ReturnType<typeof masked> }[] {
  const listed = own.addresses.map(({ value }) => ({ address: value.address, prefix: masked(value) }));
  if (listed.length > 0) return listed;
  // of another file
  return addresses.flatMap((address) => {
    const prefix = networks.find((network) => prefixHolds(network, address));
    return [{ address, prefix: prefix ?? masked({ address, length: address.version === 4 ? 32 : 128, explicit: true }) }];
  });
}

/** RFC 6724, 5: rule 6 (labels) and rule 8 (the longest prefix) among the interface's own; of equal ones Linux has the latest first. */
function chosen(node: MeshInterface, destination: Address): Address | null {
  let best: { readonly address: Address; readonly label: boolean; readonly common: number } | null = null;
  for (const { address, prefix } of [...written(node)].reverse()) {
    if (address.version !== 6 || destination.version !== 6) continue;
    const label = labelOf(address.value) === labelOf(destination.value);
    const common = Math.min(commonBits(address.value, destination.value), prefix.length);
    if (!best || (label && !best.label) || (label === best.label && common > best.common)) best = { address, label, common };
  }
  return best?.address ?? null;
}

/** The default policy table (RFC 6724, 2.1), as far as mesh addresses meet it. */
function labelOf(value: bigint): number {
  if (value === 1n) return 0;
  if (value >> 121n === 0x7en) return 13;
  if (value >> 112n === 0x2002n) return 2;
  if (value >> 96n === 0x20010000n) return 5;
  return 1;
}

function commonBits(a: bigint, b: bigint): number {
  const differ = a ^ b;
  return differ === 0n ? 128 : 128 - differ.toString(2).length;
}
