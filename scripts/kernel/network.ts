// The network that packets are sent through (test/kernel/support/packets.ts): where its routes lead.
import { type Address, masked, type Prefix, parseAddress, parsePrefix, prefixHolds, sameAddress } from '../../server/src/net/address.ts';
import type { Route } from '../../server/src/reach/walk/walk.ts';
import { devices } from '../../test/kernel/support/packets.ts';

interface Behind {
  readonly device: string;
  readonly prefix: Prefix;
}

const own: Address[] = [];
const behind: Behind[] = [];
for (const [device, lines] of Object.entries(devices)) {
  for (const line of lines) {
    const written = parsePrefix(line.replace(/^route /, ''));
    if (!written) throw new Error(`no prefix: ${line}`);
    behind.push({ device, prefix: masked(written) });
    if (!line.startsWith('route ')) own.push(written.address);
  }
}

/** Where the kernel sends what is for `destination`. */
export function routeOf(destination: Address): Route {
  if (own.some((address) => sameAddress(address, destination))) return { to: 'here' };
  const found = behind.filter(({ prefix }) => prefixHolds(prefix, destination)).sort((a, b) => b.prefix.length - a.prefix.length)[0];
  return found ? { to: 'interface', name: found.device } : { to: 'nowhere' };
}

export function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (!address) throw new Error(`no address: ${text}`);
  return address;
}
