// Numbers of which some bits may not be known, and truth with a third value. A bigint holds all widths up to an IPv6 address alike.

/** true, false, or null: not known. */
export type Truth = boolean | null;

/** `value` has no bit outside `known`. */
export interface Bits {
  readonly value: bigint;
  readonly known: bigint;
}

const all = (1n << 128n) - 1n;

export const zero: Bits = { value: 0n, known: all };
export const noneKnown: Bits = { value: 0n, known: 0n };

export function exactly(value: bigint): Bits {
  return { value, known: all };
}

const masks = Array.from({ length: 129 }, (_, width) => (1n << BigInt(width)) - 1n);

/** Of a width up to 128. */
export function widthMask(width: number): bigint {
  return masks[width] ?? (1n << BigInt(width)) - 1n;
}

/** The number, where every bit of it is known. */
export function numberIn({ value, known }: Bits, width: number): bigint | null {
  const mask = widthMask(width);
  return (known & mask) === mask ? value & mask : null;
}

/** What both have in common: what is known where one of two ways was gone. */
export function common(a: Bits, b: Bits): Bits {
  if (a === b) return a;
  const known = a.known & b.known & ~(a.value ^ b.value);
  return { value: a.value & known, known };
}

export function bitAnd(a: Bits, b: Bits): Bits {
  const known = (a.known & b.known) | (a.known & ~a.value) | (b.known & ~b.value);
  return { value: a.value & b.value & known, known };
}

export function bitOr(a: Bits, b: Bits): Bits {
  const known = (a.known & b.known) | a.value | b.value;
  return { value: (a.value | b.value) & known, known };
}

export function bitXor(a: Bits, b: Bits): Bits {
  const known = a.known & b.known;
  return { value: (a.value ^ b.value) & known, known };
}

export function shiftedLeft({ value, known }: Bits, by: bigint, width: number): Bits {
  const mask = widthMask(width);
  return { value: (value << by) & mask, known: ((known << by) | widthMask(Number(by)) | ~mask) & all };
}

export function shiftedRight({ value, known }: Bits, by: bigint, width: number): Bits {
  const mask = widthMask(width);
  const kept = ((known & mask) >> by) | (all & ~(mask >> by));
  return { value: ((value & mask) >> by) & kept, known: kept };
}

/** Whether the number is one from `from` to `to`. */
export function isIn({ value, known }: Bits, from: bigint, to: bigint, width: number): Truth {
  const mask = widthMask(width);
  const least = value & mask;
  if (known === all) return least >= from && least <= to;
  const open = mask & ~known;
  if (open === 0n) return least >= from && least <= to;
  const most = least | open;
  if (most < from || least > to) return false;
  if (least >= from && most <= to) return true;
  return from === to && ((least ^ from) & known & mask) !== 0n ? false : null;
}

export function not(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

/** Of two that must both hold. */
export function both(a: Truth, b: Truth): Truth {
  return a === false || b === false ? false : a === null || b === null ? null : true;
}
