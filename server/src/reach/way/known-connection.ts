// Rulesets that let in everything of a known connection by the first rule of each chain, as most do: "ct state established,related accept".
import type { Chain, RulesetState } from '../../nftables/ruleset/state.ts';
import { scopesOf } from '../walk/chain.ts';
import { deviceChains, type Hook, hookOrder } from '../walk/hooks.ts';
import type { Here } from '../walk/operands.ts';
import type { Packet, Registers } from '../walk/packet.ts';
import { type Step, stepsOf } from '../walk/steps.ts';
import { registersOf, seenByConntrack } from '../walk/walk.ts';

/** A UDP packet of a known connection, of which nothing else is known. */
function packetOf(version: 4 | 6): Packet {
  const nobody = version === 4 ? ({ version, value: 0 } as const) : ({ version, value: 0n } as const);
  return {
    source: nobody,
    destination: nobody,
    sourceKnown: false,
    destinationKnown: false,
    protocol: 17,
    sourcePort: null,
    destinationPort: null,
    tcpFlags: null,
    icmpType: null,
    icmpCode: null,
    iif: null,
    oif: null,
    mark: 0,
    state: 'established',
    translation: null,
  };
}

const packets: Readonly<Record<4 | 6, Packet>> = { 4: packetOf(4), 6: packetOf(6) };
const unseen: Readonly<Record<4 | 6, Registers>> = { 4: registersOf(packets[4], 'input'), 6: registersOf(packets[6], 'input') };
const seen: Readonly<Record<4 | 6, Registers>> = { 4: seenByConntrack(packets[4], unseen[4]), 6: seenByConntrack(packets[6], unseen[6]) };

/** Whether a ruleset surely lets in whatever comes over UDP of a known connection, by any device. */
export function letsKnownIn(state: RulesetState, version: 4 | 6): boolean {
  if (deviceChains(state, 'ingress', null).length > 0) return false;
  let registers = unseen[version];
  for (const hook of ['prerouting', 'input'] as const) {
    const { orders, unknown } = hookOrder(state, hook, version);
    const [only] = orders;
    if (!only || orders.length > 1 || unknown.length > 0) return false;
    for (const stop of only) {
      if (stop.kind === 'conntrack') registers = seen[version];
      else if (stop.kind === 'nat' || !acceptsAll(state, stop.chain, { packet: packets[version], version, hook, registers })) return false;
    }
  }
  return true;
}

function acceptsAll({ tables }: RulesetState, chain: Chain, here: Here): boolean {
  const [first] = chain.rules;
  const scope = scopesOf(tables).get(`${chain.family} ${chain.table}`);
  if (!scope || chain.unknown.length > 0) return false;
  return first ? accepts(stepsOf(first, scope), here) : chain.base?.policy === 'accept';
}

/** Hosts that say the same word for word share the steps. */
const kept = new WeakMap<readonly Step[], Map<Hook, Map<Registers, boolean>>>();

function accepts(steps: readonly Step[], here: Here): boolean {
  let byHook = kept.get(steps);
  if (!byHook) {
    byHook = new Map();
    kept.set(steps, byHook);
  }
  let known = byHook.get(here.hook as Hook);
  if (!known) {
    known = new Map();
    byHook.set(here.hook as Hook, known);
  }
  let answer = known.get(here.registers);
  if (answer === undefined) {
    const last = steps[steps.length - 1];
    const isAccept = last?.kind === 'going' && last.going.verdict === 'accept';
    answer = isAccept && steps.every((step) => step === last || (step.kind === 'test' && step.test(here) === true));
    known.set(here.registers, answer);
  }
  return answer;
}
