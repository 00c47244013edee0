// Every number that a mesh's files name: between two of them all addresses, and all services, fare alike.
import type { MeshModel } from '../../mesh/model.ts';
import { type Address, hostBits, lastOf, masked, parseAddress, prefixOf } from '../../net/address.ts';
import type { RuleCode } from '../../nftables/rule-code.ts';
import { elementsOf } from '../../nftables/ruleset/elements.ts';
import { numberOf } from '../../nftables/ruleset/number.ts';
import type { RulesetState } from '../../nftables/ruleset/state.ts';
import type { Variables } from '../../nftables/ruleset/variables.ts';
import type { Value, VerdictValue } from '../../nftables/value.ts';
import { icmpTypes, icmpv6Types, ports, protocols } from '../numbers.ts';

/** Each is the first of the addresses, or of the numbers, that may fare otherwise than the one before it. */
export interface Cuts {
  readonly v4: Set<number>;
  readonly v6: Set<bigint>;
  /** Of ports, protocols and ICMP types alike. */
  readonly numbers: Set<number>;
  /** Whether some rule looks at source ports. */
  sourcePorts: boolean;
}

export function cutsOf(model: MeshModel, states: readonly RulesetState[]): Cuts {
  const cuts: Cuts = { v4: new Set(), v6: new Set(), numbers: new Set(), sourcePorts: false };
  for (const node of model.links.interfaces) {
    for (const address of node.addresses) cutAround(cuts, address, address);
    for (const prefix of [...node.networks, ...node.peers.flatMap(({ facts }) => facts.allowedIps.map(({ value }) => masked(value)))])
      cutAround(cuts, addressAt(prefix.version, prefix.first), lastOf(prefix));
  }
  for (const { tables } of states) {
    for (const { chains, sets } of tables) {
      for (const { rules } of chains) {
        for (const { fact, variables } of rules) {
          cutByCode(cuts, fact.code);
          for (let at: Variables | null = variables; at; at = at.before) if (at.value) cutByValue(cuts, at.value);
        }
      }
      for (const set of sets) {
        for (const { key, data } of elementsOf(set).elements ?? []) {
          for (const part of key) {
            if ('name' in part) cutByText(cuts, part.name);
            else cutByNumbers(cuts, part.from, part.to);
          }
          if (data) cutByValue(cuts, data);
        }
      }
    }
  }
  return cuts;
}

function addressAt(version: 4 | 6, value: number | bigint): Address {
  return version === 4 ? { version, value: Number(value) } : { version, value: BigInt(value) };
}

function cutAround({ v4, v6 }: Cuts, from: Address, to: Address): void {
  if (from.version === 4) v4.add(from.value);
  else v6.add(from.value);
  if (to.version === 4) v4.add(to.value + 1);
  else v6.add(to.value + 1n);
}

function cutByNumbers(cuts: Cuts, from: bigint, to: bigint): void {
  if (to <= 65535n) for (const number of [from, to + 1n]) cuts.numbers.add(Number(number));
  if (to < 2n ** 32n) for (const number of [from, to + 1n]) cuts.v4.add(Number(number));
  for (const number of [from, to + 1n]) cuts.v6.add(number);
}

function cutByCode(cuts: Cuts, code: readonly RuleCode[]): void {
  for (const one of code) {
    switch (one.do) {
      case 'match':
        cutByValue(cuts, one.left);
        cutByValue(cuts, one.right);
        break;
      case 'vmap':
        cutByValue(cuts, one.left);
        cutByValue(cuts, one.right);
        break;
      case 'verdict':
        for (const rule of one.block ?? []) cutByCode(cuts, rule);
        break;
      case 'action':
        for (const value of one.values) cutByValue(cuts, value);
        break;
    }
  }
}

function cutByText(cuts: Cuts, text: string): void {
  const address = parseAddress(text.replace(/^\[(.*)\]$/, '$1'));
  if (address) cutAround(cuts, address, address);
  const written = numberOf(text);
  const numbers = [ports, protocols, icmpTypes, icmpv6Types].map((table) => table.get(text));
  if (written !== null && written <= 65535n) numbers.push(Number(written));
  for (const number of numbers) if (number !== undefined) for (const cut of [number, number + 1]) cuts.numbers.add(cut);
}

function cutByValue(cuts: Cuts, value: Value | VerdictValue): void {
  switch (value.kind) {
    case 'text':
      cutByText(cuts, value.text);
      break;
    case 'prefix': {
      const base = value.base.kind === 'text' ? parseAddress(value.base.text) : null;
      const length = value.length.kind === 'text' ? Number(value.length.text) : Number.NaN;
      if (!base || !(length <= hostBits(base))) break;
      const prefix = prefixOf(base, length);
      cutAround(cuts, addressAt(prefix.version, prefix.first), lastOf(prefix));
      break;
    }
    case 'range':
      cutByValue(cuts, value.from);
      cutByValue(cuts, value.to);
      break;
    case 'concatenation':
      for (const part of value.parts) cutByValue(cuts, part);
      break;
    case 'selector':
      if (/sport$|proto-src$/.test(value.words)) cuts.sourcePorts = true;
      break;
    case 'list':
      for (const item of value.items) cutByValue(cuts, item);
      break;
    case 'set':
      for (const { key, data } of value.elements) {
        cutByValue(cuts, key);
        if (data) cutByValue(cuts, data);
      }
      break;
    case 'binary':
      cutByValue(cuts, value.left);
      cutByValue(cuts, value.right);
      break;
    case 'map':
      cutByValue(cuts, value.key);
      cutByValue(cuts, value.map);
      break;
  }
}
