// Addresses of which no file says whose they are: they may lie in a network behind any host.
import { hostsWith, knownAddresses } from '../../mesh/addresses.ts';
import type { Host, Mesh, MeshInterface } from '../../mesh/model.ts';
import { type Address, masked, prefixHolds, prefixId, prefixOf } from '../../net/address.ts';

/** Whether an address is none that a host here has, nor in a network of theirs, nor stated to be behind one: it may be behind any of them. */
export function isForeign({ interfaces }: Host, address: Address): boolean {
  return meshesIn(interfaces).every(
    (mesh) =>
      hostsWith(mesh, address).length === 0 &&
      !knownAddresses(mesh).networks.some((network) => prefixHolds(network, address)) &&
      !mesh.policyHosts.some(({ routes }) => routes.some((route) => prefixHolds(route, address))),
  );
}

function meshesIn(interfaces: readonly MeshInterface[]): readonly Mesh[] {
  const [only, ...others] = interfaces;
  return only && others.length === 0 ? [only.mesh] : [...new Set(interfaces.map(({ mesh }) => mesh))];
}

const behind = new WeakMap<Host, ReadonlySet<number | string>>();

/** Whether others send to this host what is for a network of which it says nothing itself: it may have a nearer way there than through the mesh. */
export function isSaidBehind(host: Host, destination: Address, length: number): boolean {
  if (!isForeign(host, destination)) return false;
  let prefixes = behind.get(host);
  if (!prefixes) {
    const found = new Set<number | string>();
    for (const node of host.interfaces)
      for (const { remote, back } of node.peers)
        for (const { value } of back && remote ? back.allowedIps : []) {
          const prefix = masked(value);
          if (prefix.length > 0) found.add(prefixId(prefix));
        }
    prefixes = found;
    behind.set(host, found);
  }
  const bits = destination.version === 4 ? 32 : 128;
  for (let longer = length + 1; longer <= bits; longer++) if (prefixes.has(prefixId(prefixOf(destination, longer)))) return true;
  return false;
}
