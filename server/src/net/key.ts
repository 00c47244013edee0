// WireGuard keys: their written form, what they derive, and Secret, the only thing that may be kept of a private one.
import { x25519 } from '@noble/curves/ed25519.js';
import { blake2s } from '@noble/hashes/blake2.js';
import type { Span } from '../text/span.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

/** Why a text is no key, in the order wg looks (encoding.c, key_from_base64: 44 characters, `=` last, canonical). */
export type KeyFault = 'length' | 'ending' | 'alphabet' | 'canonical';

/** The 32 bytes of `text[start..end]`, or what is wrong with it. */
export function decodeKey(text: string, start: number, end: number): Uint8Array | KeyFault {
  if (end - start !== 44) return 'length';
  if (text.charCodeAt(end - 1) !== 61) return 'ending';
  const bytes = new Uint8Array(32);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = start; i < end - 1; i++) {
    const unit = text.charCodeAt(i);
    const value = unit < 128 ? (VALUES[unit] as number) : -1;
    if (value < 0) return 'alphabet';
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held >= 8 && at < 32) {
      held -= 8;
      bytes[at++] = (bits >> held) & 255;
    }
  }
  // 43 characters hold 258 bits; the last two must be 0, or the same key would have four spellings
  return (bits & 3) === 0 ? bytes : 'canonical';
}

/** What is wrong with `text[start..end]` as a key, null where nothing is; without making its bytes. */
export function keyFault(text: string, start: number, end: number): KeyFault | null {
  if (end - start !== 44) return 'length';
  if (text.charCodeAt(end - 1) !== 61) return 'ending';
  let value = 0;
  for (let i = start; i < end - 1; i++) {
    const unit = text.charCodeAt(i);
    value = unit < 128 ? (VALUES[unit] as number) : -1;
    if (value < 0) return 'alphabet';
  }
  return (value & 3) === 0 ? null : 'canonical';
}

/** The characters of a key, to copy them from. */
const units: number[] = Array.from({ length: 44 }, () => 61);

/** The key at `text[start..end]` as a string of its own, null where it is none; each character is looked at once. */
export function keyText(text: string, start: number, end: number): string | null {
  if (end - start !== 44 || text.charCodeAt(end - 1) !== 61) return null;
  let value = 0;
  for (let i = 0; i < 43; i++) {
    const unit = text.charCodeAt(start + i);
    value = unit < 128 ? (VALUES[unit] as number) : -1;
    if (value < 0) return null;
    units[i] = unit;
  }
  return (value & 3) === 0 ? String.fromCharCode(...units) : null;
}

export function encodeKey(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < 32; i += 3) {
    const a = bytes[i] as number;
    const b = bytes[i + 1] ?? 0;
    const c = bytes[i + 2] ?? 0;
    text += ALPHABET.charAt(a >> 2) + ALPHABET.charAt(((a & 3) << 4) | (b >> 4)) + ALPHABET.charAt(((b & 15) << 2) | (c >> 6));
    if (i + 2 < 32) text += ALPHABET.charAt(c & 63);
  }
  return `${text}=`;
}

/** The canonical text of a public key, or null where it is none. */
export function publicKeyText(text: string): string | null {
  // a canonical text has no other spelling
  return keyFault(text, 0, text.length) === null ? text : null;
}

/** What wg takes for no key. */
export const ZERO_KEY = encodeKey(new Uint8Array(32));

export interface Secret {
  /** Relative to its statement. The characters stay where they are: nothing else may read them. */
  readonly span: Span;
  readonly fault: KeyFault | null;
  /** All bits 0: wg takes it as "no key". */
  readonly zero: boolean;
  /** Whether it has the bits that every private key has (curve25519_clamp_secret; RFC 7748, 5): wg sets them when it loads one. */
  readonly clamped: boolean;
  /** The public key, where the secret is a sound private key. */
  readonly publicKey: string | null;
  /** Equal for equal keys within this process, and of no use outside it; null for a faulty key. */
  readonly fingerprint: string | null;
}

let processKey: Uint8Array | undefined;
const derived = new Map<string, string>();
const DERIVED_LIMIT = 8192;

/** Reads a private (`derive`) or preshared key at `text[start..end]`; `span` is where it is in its statement. Costs 0.3 ms for a new private key. */
export function secretAt(text: string, start: number, end: number, span: Span, derive: boolean): Secret {
  const bytes = decodeKey(text, start, end);
  if (typeof bytes === 'string') return { span, fault: bytes, zero: false, clamped: false, publicKey: null, fingerprint: null };
  const zero = bytes.every((byte) => byte === 0);
  const clamped = ((bytes[0] as number) & 7) === 0 && ((bytes[31] as number) & 192) === 64;
  processKey ??= globalThis.crypto.getRandomValues(new Uint8Array(32));
  const fingerprint = encodeKey(blake2s(bytes, { key: processKey, dkLen: 32 }));
  let publicKey: string | null = null;
  if (derive && !zero) {
    publicKey = derived.get(fingerprint) ?? null;
    if (!publicKey) {
      publicKey = encodeKey(x25519.getPublicKey(bytes));
      if (derived.size >= DERIVED_LIMIT) derived.clear();
      derived.set(fingerprint, publicKey);
    }
  }
  bytes.fill(0);
  return { span, fault: null, zero, clamped, publicKey, fingerprint };
}
