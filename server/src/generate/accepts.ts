// The rules that other tables of a host lack: what the grants allow and a chain of somebody else's drops.
import type { PolicyFile } from '../mesh/known-hosts.ts';
import type { Host, MeshModel } from '../mesh/model.ts';
import type { Address } from '../net/address.ts';
import { rangeText4, rangeText6 } from '../net/ranges.ts';
import type { Chain, RulesetState } from '../nftables/ruleset/state.ts';
import { openingPacket } from '../reach/matrix/packets.ts';
import { serviceNumber } from '../reach/matrix/service-set.ts';
import { walk } from '../reach/walk/walk.ts';
import { stateOf } from '../reach/way/ruleset.ts';
import type { Origin } from '../text/origin.ts';
import type { Rectangle } from './elements.ts';
import { type Gate, type Lot, lotsOf } from './lots.ts';
import { commentText, portName, TABLE, valueText } from './nftables.ts';

/** A rule that a chain needs, and before which of its own it must stand. */
export interface MissingAccept {
  readonly chain: Chain;
  readonly rule: string;
  /** The rule that drops; null where the chain's policy does. */
  readonly before: Origin | null;
}

/** More packets are not tried: each is a walk through the ruleset. */
const MOST_TRIED = 2000;

export function missingAccepts(model: MeshModel, policies: readonly PolicyFile[], host: Host): readonly MissingAccept[] {
  const all = stateOf(model, host);
  if (!all) return [];
  const state: RulesetState = { ...all, tables: all.tables.filter(({ name }) => name !== TABLE) };
  const found: MissingAccept[] = [];
  let tried = 0;
  for (const lot of lotsOf(model, policies, host).lots) {
    for (const { rule, packets } of triesOf(lot)) {
      for (const packet of packets) {
        if (tried++ >= MOST_TRIED) return found;
        for (const { chain, before } of droppedBy(state, lot.gate, packet)) {
          if (chain.family !== 'inet' && chain.family !== (lot.version === 4 ? 'ip' : 'ip6')) continue;
          if (!found.some((one) => one.chain === chain && one.rule === rule)) found.push({ chain, rule, before });
        }
      }
    }
  }
  return found;
}

type Sent = ReturnType<typeof openingPacket>;

interface Try {
  readonly rule: string;
  readonly packets: readonly Sent[];
}

function triesOf(lot: Lot): readonly Try[] {
  if (lot.version === 4)
    return lot.rectangles.map((one) =>
      tryOf(lot, one, rangeText4, { version: 4, value: one.from.from }, { version: 4, value: one.to.from }),
    );
  return lot.rectangles.map((one) => tryOf(lot, one, rangeText6, { version: 6, value: one.from.from }, { version: 6, value: one.to.from }));
}

/** One of RFC 3692's numbers for experiments: it stands for every protocol. */
const ANY = 253;

function tryOf<N>(
  { gate, version, protocol }: Lot,
  { from, to, ports, labels }: Rectangle<N>,
  text: (range: Rectangle<N>['from']) => string,
  source: Address,
  destination: Address,
): Try {
  const ip = version === 4 ? 'ip' : 'ip6';
  const gates = [gateText('iifname', gate.iif), gateText('oifname', gate.oif)].filter(Boolean).join(' ');
  const all = ports?.length === 1 && ports[0]?.from === 0 && ports[0].to === 65535;
  const range = (ports ?? []).map((one) => (one.from === one.to ? `${one.from}` : `${one.from}-${one.to}`));
  const what =
    protocol === null
      ? ''
      : ports && !all
        ? ` ${portName(protocol)} dport ${range.length === 1 ? range[0] : `{ ${range.join(', ')} }`}`
        : ` meta l4proto ${valueText(protocol)}`;
  const values = ports?.flatMap((one) => [one.from, one.to]) ?? [protocol === 1 ? 8 : protocol === 58 ? 128 : 0];
  return {
    rule: `${gates}${gates ? ' ' : ''}${ip} saddr ${text(from)} ${ip} daddr ${text(to)}${what} accept comment "${commentText(labels)}"`,
    packets: values.map((value) => openingPacket(source, destination, serviceNumber(protocol ?? ANY, value))),
  };
}

/** Of what comes from outside the mesh any interface may be meant. */
function gateText(word: string, name: string | null): string {
  return name ? `${word} "${name}"` : '';
}

/** The chains that drop a packet, one after the other as if those before let it through. */
function droppedBy(state: RulesetState, { iif, oif }: Gate, sent: Sent): readonly Omit<MissingAccept, 'rule'>[] {
  const found: Omit<MissingAccept, 'rule'>[] = [];
  const way = oif === null ? 'input' : 'forward';
  let rest = state;
  for (;;) {
    const { verdict, trace } = walk(way, rest, { ...sent, iif: iif || null, oif: oif || null, mark: 0, linkLayer: false });
    const last = verdict === 'drop' ? trace.at(-1) : undefined;
    const chain = last && rest.tables.flatMap(({ chains }) => chains).find((one) => one.base && decides(one, last));
    if (!last || !chain) return found;
    const before = chain.rules.find((rule) => sameStatement(rule, last)) ?? null;
    found.push({ chain, before });
    rest = { ...rest, tables: rest.tables.map((table) => ({ ...table, chains: table.chains.filter((one) => one !== chain) })) };
  }
}

/** Whether a decision is one of the base chain itself: of a chain that it jumps to, it is not clear where a rule would belong. */
function decides({ base, rules, at }: Chain, decision: Origin): boolean {
  return (
    [base?.policyAt, base?.at, at].some((own) => own && sameStatement(own, decision)) || rules.some((rule) => sameStatement(rule, decision))
  );
}

function sameStatement(a: Origin, b: Origin): boolean {
  return a.uri === b.uri && a.statement === b.statement;
}
