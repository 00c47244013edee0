// Sets of services in the JSON that commands print: by version of IP and protocol, with their ports or types.
import { portProtocols, protocols } from '../net/protocols.ts';
import { hasNoServices, type ServiceNumbers, type ServiceSet, serviceProtocol, serviceValue } from '../reach/matrix/service-set.ts';

export interface PrintedServices {
  readonly ip: 4 | 6;
  /** A name where it has one, else its number; `0-255` where all between are meant. */
  readonly protocol: string;
  /** From and to, each; left out where all are meant, and where there are none. */
  readonly ports?: readonly (readonly [number, number])[];
  /** Of ICMP. */
  readonly types?: readonly (readonly [number, number])[];
}

const names: ReadonlyMap<number, string> = new Map([...protocols].reverse().map(([name, number]) => [number, name]));
const LAST = 65535;

export function printedServices(services: ServiceSet): readonly PrintedServices[] {
  return [...printedNumbers(services.v4, 4), ...printedNumbers(services.v6, 6)];
}

/** Under its name, and nothing where there are none. */
export function printedAs<K extends string>(name: K, services: ServiceSet): { readonly [P in K]?: readonly PrintedServices[] } {
  return hasNoServices(services) ? {} : ({ [name]: printedServices(services) } as { readonly [P in K]?: readonly PrintedServices[] });
}

function printedNumbers(numbers: ServiceNumbers, ip: 4 | 6): readonly PrintedServices[] {
  const parts = new Map<number, [number, number][]>();
  const runs: PrintedServices[] = [];
  for (const { from, to } of numbers) {
    const [first, last] = [serviceProtocol(from), serviceProtocol(to)];
    let [whole, end] = [first, last];
    const part = (protocol: number, range: [number, number]): void => void parts.set(protocol, [...(parts.get(protocol) ?? []), range]);
    if (serviceValue(from) > 0) {
      part(first, [serviceValue(from), first === last ? serviceValue(to) : LAST]);
      whole++;
    }
    if (serviceValue(to) < LAST && end >= whole) {
      part(last, [0, serviceValue(to)]);
      end--;
    }
    if (whole <= end) runs.push({ ip, protocol: whole === end ? nameOf(whole) : `${whole}-${end}` });
  }
  const listed = [...parts].map(([protocol, ranges]): PrintedServices => {
    if (portProtocols.includes(protocol)) return { ip, protocol: nameOf(protocol), ports: ranges };
    return protocol === 1 || protocol === 58 ? { ip, protocol: nameOf(protocol), types: ranges } : { ip, protocol: nameOf(protocol) };
  });
  return [...listed, ...runs];
}

function nameOf(protocol: number): string {
  return names.get(protocol) ?? String(protocol);
}
