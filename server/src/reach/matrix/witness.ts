// One packet that stands for what a cell says: what a person can try, and what `why` explains hop by hop.
import type { Address } from '../../net/address.ts';
import type { AddressSet } from '../../net/address-set.ts';
import type { Sent } from '../way/progress.ts';
import type { Cell, Flow, Reached } from './cell.ts';
import { openingPacket } from './packets.ts';
import { common, holdsService, type ServiceNumber, type ServiceNumbers, type ServiceSet, serviceNumber } from './service-set.ts';

/** What a person recognises, in this order: a ping, then ports with a name. */
const preferred: readonly ServiceNumber[] = [
  serviceNumber(1, 8),
  serviceNumber(58, 128),
  ...[22, 443, 80, 5432, 3306, 53, 8080].map((port) => serviceNumber(6, port)),
  serviceNumber(17, 53),
];

/** A packet of one of the services that the cell allows, knows not, or allows one way; null where there is none. */
export function witness(cell: Cell, services: ServiceSet, part: keyof Reached = 'allowed'): Sent | null {
  for (const flow of cell.flows) {
    for (const version of [4, 6] as const) {
      const found = common(version === 4 ? flow[part].v4 : flow[part].v6, version === 4 ? services.v4 : services.v6);
      const service = best(found);
      const addresses = service === null ? null : addressesOf(flow, version);
      if (service !== null && addresses) return openingPacket(addresses.source, addresses.destination, service);
    }
  }
  return null;
}

function best(services: ServiceNumbers): ServiceNumber | null {
  return preferred.find((service) => holdsService(services, service)) ?? services[0]?.from ?? null;
}

function addressesOf(flow: Flow, version: 4 | 6): { readonly source: Address; readonly destination: Address } | null {
  const source = firstIn(flow.sources, version);
  const destination = firstIn(flow.destinations, version);
  return source && destination ? { source, destination } : null;
}

function firstIn({ v4, v6 }: AddressSet, version: 4 | 6): Address | null {
  if (version === 4) return v4[0] ? { version, value: v4[0].from } : null;
  return v6[0] ? { version, value: v6[0].from } : null;
}
