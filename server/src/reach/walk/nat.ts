// Address translation by a rule: what dnat, snat, redirect and masquerade put in a packet (nft_nat.c, nf_nat_core.c).

import { parseAddress } from '../../net/address.ts';
import type { RuleCode } from '../../nftables/rule-code.ts';
import type { Value } from '../../nftables/value.ts';
import { type Bits, exactly, isIn, noneKnown, numberIn, type Truth, widthMask } from './bits.ts';
import { type Look, lookOf } from './looks.ts';
import type { Here } from './operands.ts';
import type { Registers } from './packet.ts';
import { plain, type Scope } from './scope.ts';

export interface NatStep {
  readonly kind: 'nat';
  /** Whether it is for packets of this version. */
  readonly isFor: (here: Here) => Truth;
  readonly translate: (here: Here) => { readonly registers: Registers; readonly breaks: Truth };
}

const address4 = { types: ['ipv4_addr'], widths: [32] } as const;
const address6 = { types: ['ipv6_addr'], widths: [128] } as const;
const port = { types: ['inet_service'], widths: [16] } as const;
const joint = (version: 4 | 6) => ({
  types: [version === 4 ? 'ipv4_addr' : 'ipv6_addr', 'inet_service'],
  widths: [version === 4 ? 32 : 128, 16],
});

export function natStep(code: RuleCode & { readonly do: 'nat' }, scope: Scope): NatStep {
  const version = versionOf(code, scope);
  const isJoint = /\baddr\s*\.\s*port\b/.test(code.form) || (code.address !== null && leadsToPairs(code.address, scope));
  const looks = (of: 4 | 6): Look | null => {
    if (!code.address) return null;
    if (isJoint) return lookOf(code.address, scope, joint(of));
    return lookOf(code.address, scope, of === 4 ? address4 : address6);
  };
  const byVersion = { 4: looks(4), 6: looks(6) };
  const toPort = code.port && lookOf(code.port, scope, port);
  // where the other end of a prefix or the port is chosen, it is not known here
  const isChosen = /\bprefix\b/.test(code.form);
  const isRandom = /random/.test(code.flags) || /random/.test(code.form);
  return {
    kind: 'nat',
    isFor: (here) => version === null || version === here.version,
    translate: (here) => {
      const sight = byVersion[here.version]?.see(here) ?? null;
      const portSight = toPort?.see(here) ?? null;
      const breaks: Truth =
        sight?.breaks === true || portSight?.breaks === true ? true : sight?.breaks === null || portSight?.breaks === null ? null : false;
      const address = sight ? (isChosen ? noneKnown : (sight.parts[0] as Bits)) : null;
      const toward =
        isJoint && sight ? (sight.parts[1] ?? noneKnown) : portSight ? (portSight.parts[0] as Bits) : isRandom ? noneKnown : null;
      return { registers: translated(here.registers, code.name, address, toward, here), breaks };
    },
  };
}

function translated(registers: Registers, name: string, address: Bits | null, toPort: Bits | null, here: Here): Registers {
  const { version } = here;
  const width = version === 4 ? 32 : 128;
  if (name === 'dnat' || name === 'redirect') {
    // redirect goes to the address of the interface it came in by, whatever that is
    const destination = name === 'redirect' ? noneKnown : (address ?? registers.destination);
    const destinationPort = toPort ?? registers.destinationPort;
    const isSame = same([destination, registers.destination, width], [destinationPort, registers.destinationPort, 16]);
    return {
      ...registers,
      destination,
      destinationPort,
      dnat: bitOf(isSame),
      redirected: name === 'redirect' ? exactly(1n) : registers.redirected,
    };
  }
  const source = name === 'masquerade' ? masqueraded(here) : (address ?? registers.source);
  // another port is taken where the one it has is in use already
  const isSame = same([source, registers.source, width], [toPort ?? registers.sourcePort, registers.sourcePort, 16]);
  return { ...registers, source, sourcePort: noneKnown, snat: bitOf(isSame === true ? null : isSame) };
}

/** The address of the interface that the packet leaves by (nf_nat_masquerade.c). */
function masqueraded({ registers, version, masqueradeAs }: Here): Bits {
  const oif = numberIn(registers.oif, 128);
  const destination = numberIn(registers.destination, version === 4 ? 32 : 128);
  const address = oif === null ? null : (masqueradeAs?.(oif, destination, version) ?? null);
  return address ? exactly(BigInt(address.value)) : noneKnown;
}

/** Whether no pair differs. */
function same(...pairs: readonly (readonly [Bits, Bits, number])[]): Truth {
  let result: Truth = true;
  for (const [a, b, width] of pairs) {
    const mask = widthMask(width);
    if (((a.value ^ b.value) & a.known & b.known & mask) !== 0n) return false;
    if ((a.known & b.known & mask) !== mask) result = null;
  }
  return result;
}

function bitOf(isSame: Truth): Bits {
  return isSame === null ? noneKnown : exactly(isSame ? 0n : 1n);
}

/** The version that the statement is for; null for both. */
function versionOf({ form, address }: RuleCode & { readonly do: 'nat' }, scope: Scope): 4 | 6 | null {
  if (scope.table.family === 'ip') return 4;
  if (scope.table.family === 'ip6') return 6;
  const [, word] = /^\S+\s+(ip6?)\b/.exec(form) ?? [];
  if (word) return word === 'ip' ? 4 : 6;
  return address ? versionOfValue(address, scope) : null;
}

function versionOfValue(value: Value, scope: Scope): 4 | 6 | null {
  const found = plain(value, scope)?.value;
  if (found?.kind === 'text') return parseAddress(found.text.replace(/^\[(.*)\]$/, '$1'))?.version ?? null;
  if (found?.kind === 'range') return versionOfValue(found.from, scope);
  return found?.kind === 'prefix' ? versionOfValue(found.base, scope) : null;
}

/** Whether a map gives an address with a port. */
function leadsToPairs(value: Value, scope: Scope): boolean {
  if (value.kind !== 'map') return false;
  const map = plain(value.map, scope)?.value;
  if (map?.kind === 'reference') return scope.sets.get(map.name)?.data?.length === 2;
  const data = map?.kind === 'set' ? map.elements[0]?.data : null;
  return data?.kind === 'concatenation';
}

/** Whether the destination is still the one the packet came with. */
export function isSameDestination(a: Registers, b: Registers, version: 4 | 6): Truth {
  const mask = widthMask(version === 4 ? 32 : 128);
  const { value, known } = a.destination;
  if (((value ^ b.destination.value) & known & b.destination.known & mask) !== 0n) return false;
  return (known & b.destination.known & mask) === mask ? isIn(a.redirected, 0n, 0n, 1) : null;
}
