// Tokens of a statement, packed into one number each: they cover their statement without a gap, so that joined they are the text.

/** What a token is to a reader; the parser decides, since most words mean something only where they stand. */
export const Token = {
  Space: 0,
  Newline: 1,
  Comment: 2,
  Keyword: 3,
  /** A property of a section: a WireGuard key such as `AllowedIPs`. */
  Property: 4,
  Section: 5,
  /** The name of a thing where it is made. */
  Definition: 6,
  /** The name of a thing that stands elsewhere: a set, chain, object. */
  Reference: 7,
  Variable: 8,
  Number: 9,
  String: 10,
  Address: 11,
  /** A symbolic constant: `established`, `ssh`, `filter`. */
  Constant: 12,
  Operator: 13,
  Punctuation: 14,
  /** accept, drop, jump …: what decides. */
  Verdict: 15,
  Selector: 16,
  /** A key that can be public. */
  PublicKey: 17,
  /** A key that must not be seen. */
  Secret: 18,
  /** Shell words of a hook. */
  Command: 19,
  Unknown: 20,
} as const;
export type Token = (typeof Token)[keyof typeof Token];

const CLASS_BITS = 5;
const CLASS_MASK = (1 << CLASS_BITS) - 1;

/** `end` is relative to the statement. Statements longer than 2^26 units do not occur: the host refuses such files. */
export function pack(token: Token, end: number): number {
  return (end << CLASS_BITS) | token;
}
export function tokenClass(packed: number): Token {
  return (packed & CLASS_MASK) as Token;
}
export function tokenEnd(packed: number): number {
  return packed >>> CLASS_BITS;
}
