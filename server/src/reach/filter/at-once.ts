// Rulesets that let all packets of a situation through by the first rule of each chain, as most do with answers: "ct state established accept".
import type { Chain } from '../../nftables/ruleset/state.ts';
import { noneKnown } from '../walk/bits.ts';
import { deviceChains, type Hook, hookOrder } from '../walk/hooks.ts';
import type { Registers } from '../walk/packet.ts';
import { hooksOn, seenByConntrack } from '../walk/walk.ts';
import type { Program } from './program.ts';
import { rulesOfChain } from './rules.ts';
import type { Bench } from './workshop.ts';

/** Whether they surely do, by whatever devices and from whomever these packets come. */
export function acceptsAtOnce(program: Program, bench: Bench): boolean {
  const { state, version, translates } = program;
  const { situation, first } = bench;
  const [some] = bench.segments(program.protocols).list;
  if (!some || translates) return false;
  if (deviceChains(state, 'ingress', null).length + deviceChains(state, 'egress', null).length > 0) return false;
  let registers = bench.changed('by any device', first, (before) => ({ ...before, iif: noneKnown, oif: noneKnown }));
  for (const hook of hooksOn[situation.way]) {
    const { orders, unknown } = hookOrder(state, hook, version);
    const [only] = orders;
    if (!only || orders.length > 1 || unknown.length > 0) return false;
    for (const stop of only) {
      if (stop.kind === 'conntrack') registers = bench.changed('conntrack', registers, (before) => seenByConntrack(some.packet, before));
      else if (stop.kind === 'nat' || !acceptsAll(program, bench, hook, stop.chain, registers)) return false;
    }
  }
  return true;
}

function acceptsAll({ scopes, protocols }: Program, bench: Bench, hook: Hook, chain: Chain, registers: Registers): boolean {
  const table = scopes.get(`${chain.family} ${chain.table}`);
  if (!table || chain.unknown.length > 0) return false;
  if (chain.rules.length === 0) return chain.base?.policy === 'accept';
  const steps = rulesOfChain(chain, table).steps(0);
  const [effect, ...others] = bench.effectsFrom(steps, 0, registers, bench.place(hook, bench.segments(protocols)));
  if (!effect || others.length > 0) return false;
  const { sources, destinations, services, sure, act } = effect;
  return act.do === 'accept' && sure && sources === null && destinations === null && services === null;
}
