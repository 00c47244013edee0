// What passes a host by the grants, sorted by where it comes in and goes out, by version of IP and by protocol: a set of nft's for each.
import { type KnownHost, knownHosts, type PolicyFile } from '../mesh/known-hosts.ts';
import type { Host, MeshModel } from '../mesh/model.ts';
import { portProtocols } from '../net/protocols.ts';
import type { PolicyService } from '../policy/facts.ts';
import type { Rectangle } from './elements.ts';
import { type Flow, grantedFlows, type Trouble } from './flows.ts';
import { type Ways, waysOf } from './ways.ts';

/** Where packets come in, and in forward where they go out, by the interface's name; '' is none of the host's WireGuard interfaces. */
export interface Gate {
  readonly iif: string;
  /** null in input. */
  readonly oif: string | null;
}

interface Common {
  readonly gate: Gate;
  /** null for every protocol. */
  readonly protocol: number | null;
}

export type Lot = Common &
  (
    | { readonly version: 4; readonly rectangles: readonly Rectangle<number>[] }
    | { readonly version: 6; readonly rectangles: readonly Rectangle<bigint>[] }
  );

export interface Lots {
  readonly lots: readonly Lot[];
  readonly troubles: readonly Trouble[];
}

/** Of the host, by the grants of the workspace files that speak of it. */
export function lotsOf(model: MeshModel, policies: readonly PolicyFile[], host: Host): Lots {
  const v4 = new Map<string, Common & { readonly version: 4; readonly rectangles: Rectangle<number>[] }>();
  const v6 = new Map<string, Common & { readonly version: 6; readonly rectangles: Rectangle<bigint>[] }>();
  const troubles: Trouble[] = [];
  for (const policy of policies) {
    const known = [...knownHosts(model, policy).values()].flat();
    const own = known.find((one) => one.host === host);
    if (!own) continue;
    const ways = waysOf(known);
    const granted = grantedFlows(model, policy);
    troubles.push(...granted.troubles);
    for (const flow of granted.flows) {
      const gate = gateOf(flow, own, ways);
      if (!gate) continue;
      const { from, to, label } = flow;
      for (const service of flow.services) {
        for (const protocol of service.protocols ?? [null]) {
          const common: Common = { gate, protocol };
          const key = `${gate.oif === null ? 'input' : `forward ${gate.oif}`} ${gate.iif} ${protocol}`;
          const rest = { ports: portsOf(protocol, service), labels: [label] };
          // ICMP is of IPv4 alone, ICMPv6 of IPv6
          if (protocol !== 58) {
            const found = cross(from.addresses.v4, to.addresses.v4, rest);
            const lot = v4.get(key) ?? { ...common, version: 4, rectangles: [] };
            if (found.length > 0) v4.set(key, lot);
            lot.rectangles.push(...found);
          }
          if (protocol !== 1) {
            const found = cross(from.addresses.v6, to.addresses.v6, rest);
            const lot = v6.get(key) ?? { ...common, version: 6, rectangles: [] };
            if (found.length > 0) v6.set(key, lot);
            lot.rectangles.push(...found);
          }
        }
      }
    }
  }
  const lots = [...v4].flatMap(([key, lot]) => withoutCovered(lot, v4.get(everyProtocol(key, lot))));
  return { lots: [...lots, ...[...v6].flatMap(([key, lot]) => withoutCovered(lot, v6.get(everyProtocol(key, lot))))], troubles };
}

/** The key of the lot at the same gate that is for every protocol. */
function everyProtocol(key: string, { protocol }: Common): string {
  return `${key.slice(0, key.length - String(protocol).length)}null`;
}

/** What every protocol is let through for need not stand under one of them again. */
function withoutCovered<N extends number | bigint, L extends Common & { readonly rectangles: readonly Rectangle<N>[] }>(
  lot: L,
  all: { readonly rectangles: readonly Rectangle<N>[] } | undefined,
): readonly L[] {
  if (lot.protocol === null || !all) return [lot];
  const lies = (inner: Rectangle<N>['from'], outer: Rectangle<N>['from']): boolean => outer.from <= inner.from && inner.to <= outer.to;
  const rectangles = lot.rectangles.filter((one) => !all.rectangles.some((wide) => lies(one.from, wide.from) && lies(one.to, wide.to)));
  return rectangles.length > 0 ? [{ ...lot, rectangles }] : [];
}

export function hasPorts(protocol: number | null): boolean {
  return protocol !== null && portProtocols.includes(protocol);
}

function portsOf(protocol: number | null, { ports }: PolicyService): PolicyService['ports'] {
  return hasPorts(protocol) ? (ports ?? [{ from: 0, to: 65535 }]) : null;
}

function cross<N>(
  sources: readonly Rectangle<N>['from'][],
  targets: readonly Rectangle<N>['to'][],
  rest: Pick<Rectangle<N>, 'ports' | 'labels'>,
): readonly Rectangle<N>[] {
  return sources.flatMap((from) => targets.map((to) => ({ from, to, ...rest })));
}

/** Where a flow passes the host; null where it does not, or begins there. */
function gateOf({ from, to }: Flow, own: KnownHost, ways: Ways): Gate | null {
  const way = ways.between(from.host, to.host);
  const at = way?.indexOf(own) ?? -1;
  if (!way || at < 0) return null;
  const before = way[at - 1];
  const after = way[at + 1];
  const nameTo = (other: KnownHost): string => ways.joint(own, other)?.node?.name ?? '';
  // what a host itself sends passes none of its chains but output, which is not filtered
  if (!before) return from.behind && after ? { iif: '', oif: nameTo(after) } : null;
  if (after) return { iif: nameTo(before), oif: nameTo(after) };
  return { iif: nameTo(before), oif: to.behind ? '' : null };
}
