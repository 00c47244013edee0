// Where in the packet's way the kernel takes a statement or expression (measured on Linux 6.18: each in each kind of base chain). What is not
// listed may stand anywhere; families of which nothing was measured are left out.

export interface PlaceRow {
  /** The chain's type; null where any will do. */
  readonly type: string | null;
  readonly hooks: readonly string[];
  /** The families of tables that it may stand in; null where any may. */
  readonly families: readonly string[] | null;
  /** What it needs there, for a message. */
  readonly needs: string;
}

const routed = ['ip', 'ip6', 'inet'];

export const placeByStatement: ReadonlyMap<string, PlaceRow> = new Map(
  Object.entries({
    snat: { type: 'nat', hooks: ['postrouting', 'input'], families: routed, needs: 'the source is translated once the route is known' },
    masquerade: { type: 'nat', hooks: ['postrouting'], families: routed, needs: 'the address is that of the interface it leaves by' },
    dnat: {
      type: 'nat',
      hooks: ['prerouting', 'output'],
      families: routed,
      needs: 'the destination is translated before the route is looked up',
    },
    redirect: {
      type: 'nat',
      hooks: ['prerouting', 'output'],
      families: routed,
      needs: 'the destination is translated before the route is looked up',
    },
    tproxy: { type: null, hooks: ['prerouting'], families: routed, needs: 'the packet is handed to a socket before it is routed' },
    synproxy: { type: null, hooks: ['input', 'forward'], families: routed, needs: 'it answers for a server that is here or behind' },
    reject: {
      type: null,
      hooks: ['ingress', 'prerouting', 'input', 'forward', 'output'],
      families: ['ip', 'ip6', 'inet', 'bridge', 'netdev'],
      needs: 'an answer can only be sent where the packet has not left yet',
    },
    fwd: { type: null, hooks: ['ingress', 'egress'], families: ['netdev'], needs: 'it sends the frame out by another device at once' },
    rt: { type: null, hooks: ['forward', 'output', 'postrouting'], families: routed, needs: 'only then is there a route' },
    socket: { type: null, hooks: ['prerouting', 'input', 'output'], families: routed, needs: 'there is a local socket to look for' },
    'meta pkttype set': {
      type: null,
      hooks: ['prerouting', 'ingress'],
      families: null,
      needs: 'to whom a packet is delivered is asked right behind',
    },
    ct: {
      type: null,
      hooks: ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress'],
      families: ['ip', 'ip6', 'inet', 'bridge'],
      needs: 'conntrack follows IP connections',
    },
  } satisfies Record<string, PlaceRow>),
);
