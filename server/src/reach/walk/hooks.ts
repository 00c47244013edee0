// Which chains the kernel calls at a hook, and in which order (nf_tables_api.c, nf_tables_addchain; netfilter/core.c).
import type { Chain, RulesetState } from '../../nftables/ruleset/state.ts';
import type { Origin } from '../../text/origin.ts';

export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

export type Stop =
  | { readonly kind: 'chain'; readonly chain: Chain }
  /** Where conntrack looks at the packet. */
  | { readonly kind: 'conntrack' }
  /** All nat chains of the hook, whatever their priorities are against filters' (nf_nat_core.c, nf_nat_register_fn). */
  | { readonly kind: 'nat'; readonly chains: readonly Chain[] };

export interface HookOrder {
  /** One order, or several where the files do not tell it. */
  readonly orders: readonly (readonly Stop[])[];
  /** Chains of which it is not known where they stand, or whether they see the packet. */
  readonly unknown: readonly Origin[];
}

/** linux/netfilter_ipv4.h: NF_IP_PRI_CONNTRACK, NF_IP_PRI_NAT_DST, NF_IP_PRI_NAT_SRC. */
const CONNTRACK = -200;
const NAT_DESTINATION = -100;
const NAT_SOURCE = 100;

type Versions = Readonly<Record<string, readonly number[]>>;
const versions: Versions = { ip: [4], ip6: [6], inet: [4, 6] };

/** What packets of one version meet. */
interface OfVersion {
  readonly chains: readonly Chain[];
  readonly orders: Record<Hook, HookOrder | null>;
}

const kept = new WeakMap<RulesetState, Record<4 | 6, OfVersion | null>>();

function ofVersion(state: RulesetState, version: 4 | 6): OfVersion {
  let both = kept.get(state);
  if (!both) {
    both = { 4: null, 6: null };
    kept.set(state, both);
  }
  both[version] ??= {
    chains: registered(state, version),
    orders: { prerouting: null, input: null, forward: null, output: null, postrouting: null },
  };
  return both[version];
}

export function hookOrder(state: RulesetState, hook: Hook, version: 4 | 6): HookOrder {
  const { chains, orders } = ofVersion(state, version);
  orders[hook] ??= ordered(state, chains, hook);
  return orders[hook];
}

/** The base chains that see packets of the version, as they were registered. */
export function baseChains(state: RulesetState, version: 4 | 6): readonly Chain[] {
  return ofVersion(state, version).chains;
}

function registered(state: RulesetState, version: 4 | 6): readonly Chain[] {
  const chains = state.tables.flatMap(({ family, flags, chains: all }) =>
    // a dormant table's chains are not called (nft(8), TABLES)
    versions[family]?.includes(version) && !flags.includes('dormant') ? all.filter(({ base }) => base !== null) : [],
  );
  const [first] = chains;
  if (!chains.every(({ base }) => base?.at.uri === first?.base?.at.uri)) return chains;
  return chains.sort((a, b) => (a.base?.at.statement ?? 0) - (b.base?.at.statement ?? 0));
}

/** Whether nothing that rules say stands at a hook, and all of them are known. */
export function hasNoChain(order: HookOrder): boolean {
  const { orders, unknown } = order;
  return order === conntrackAlone || order === nothingAtAll || (unknown.length === 0 && orders.every((stops) => stops.every(isConntrack)));
}

function isConntrack({ kind }: Stop): boolean {
  return kind === 'conntrack';
}

/** Where no chain is: as at most hooks of most hosts. */
const conntrackAlone: HookOrder = { orders: [[{ kind: 'conntrack' }]], unknown: [] };
const nothingAtAll: HookOrder = { orders: [[]], unknown: [] };
const alone: Readonly<Record<Hook, HookOrder>> = {
  prerouting: conntrackAlone,
  input: nothingAtAll,
  forward: nothingAtAll,
  output: conntrackAlone,
  postrouting: nothingAtAll,
};

const none: readonly never[] = [];

/** Whether conntrack looks at packets there. */
function marksAt(hook: Hook): boolean {
  return hook === 'prerouting' || hook === 'output';
}

function ordered(state: RulesetState, chains: readonly Chain[], hook: Hook): HookOrder {
  const isAlone = chains.every(({ base }) => base?.hook !== hook && base?.hook !== null && base?.type !== 'nat');
  if (isAlone && state.unknown.length === 0) return alone[hook];
  const only = state.unknown.length === 0 && chains.length === 1 ? chains[0] : undefined;
  if (only?.base?.type === 'filter' && only.base.hook === hook && only.base.priority !== null && !marksAt(hook))
    return { orders: [[{ kind: 'chain', chain: only }]], unknown: none };
  const here = chains.filter(({ base }) => base?.hook === hook);
  const unknown = [...state.unknown];
  for (const { base } of here) if (base && (base.priority === null || base.type === null)) unknown.push(base.at);
  for (const { base } of chains) if (base?.hook === null) unknown.push(base.at);
  // of two with one priority the one that was registered last is called first (netfilter/core.c, nf_hook_entries_grow)
  const byPriority = [...here].reverse().sort((a, b) => (a.base?.priority ?? 0) - (b.base?.priority ?? 0));
  const nats = byPriority.filter(({ base }) => base?.type === 'nat');
  const marks: { readonly priority: number; readonly stop: Stop }[] = [];
  const source = hook === 'input' || hook === 'postrouting';
  if (marksAt(hook)) marks.push({ priority: CONNTRACK, stop: { kind: 'conntrack' } });
  // its translation of established connections is at work wherever a nat chain is
  if (hook !== 'forward' && chains.some(({ base }) => base?.type === 'nat'))
    marks.push({ priority: source ? NAT_SOURCE : NAT_DESTINATION, stop: { kind: 'nat', chains: nats } });
  const filters = byPriority.filter(({ base }) => base?.type !== 'nat');
  const withMarks = (before: boolean): readonly Stop[] => {
    const stops: Stop[] = [];
    let next = 0;
    for (const { priority, stop } of marks) {
      while (next < filters.length) {
        const at = filters[next]?.base?.priority ?? 0;
        if (at > priority || (at === priority && !before)) break;
        stops.push({ kind: 'chain', chain: filters[next++] as Chain });
      }
      stops.push(stop);
    }
    for (const chain of filters.slice(next)) stops.push({ kind: 'chain', chain });
    return stops;
  };
  const ties = filters.some(({ base }) => marks.some(({ priority }) => priority === base?.priority));
  return { orders: ties ? [withMarks(true), withMarks(false)] : [withMarks(true)], unknown };
}

const ofDevices = new WeakMap<RulesetState, boolean>();

/** Hardly any ruleset has chains of devices, and every packet asks. */
function hasDeviceChains(state: RulesetState): boolean {
  let found = ofDevices.get(state);
  if (found === undefined) {
    found = state.tables.some(({ chains }) => chains.some(({ base }) => base?.hook === 'ingress' || base?.hook === 'egress'));
    ofDevices.set(state, found);
  }
  return found;
}

/** Chains that see packets as they come in or leave by a device, before and behind all others, and may drop them. */
export function deviceChains(state: RulesetState, hook: 'ingress' | 'egress', device: string | null): readonly Chain[] {
  if (!hasDeviceChains(state)) return [];
  return state.tables.flatMap(({ flags, chains }) =>
    chains.filter(
      ({ base, rules }) =>
        base?.hook === hook &&
        !flags.includes('dormant') &&
        (rules.length > 0 || base.policy !== 'accept') &&
        (device === null || base.devices === null || base.devices.includes(device)),
    ),
  );
}
