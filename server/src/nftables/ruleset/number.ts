// Numbers as nft's scanner reads them (scanner.l: decimal, 0x, and octal behind a leading 0).

/** The value of a written number, which may be negative; null where the text is none. */
export function numberOf(text: string): bigint | null {
  const digits = text.replace(/^-\s*/, '');
  const value = /^0[xX][0-9a-fA-F]+$/.test(digits)
    ? BigInt(digits)
    : /^0[0-7]+$/.test(digits)
      ? BigInt(`0o${digits.slice(1)}`)
      : /^(?:0|[1-9][0-9]*)$/.test(digits)
        ? BigInt(digits)
        : null;
  if (value === null) return null;
  return digits.length < text.length ? -value : value;
}
