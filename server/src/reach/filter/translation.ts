// What a ruleset made of packets' addresses and ports, as far as it is known.
import type { Address } from '../../net/address.ts';
import { type Bits, isIn, numberIn } from '../walk/bits.ts';
import type { Registers } from '../walk/packet.ts';
import type { Situation } from './symbolic.ts';

/** `same`: as it was; null: it is not known. */
export interface Translation {
  readonly source: Address | 'same' | null;
  readonly destination: Address | 'same' | null;
  /** Of the destination. */
  readonly port: number | 'same' | null;
}

/** null where nothing has changed that counts. */
export function translationOf(now: Registers, first: Registers, { version, translating }: Situation): Translation | null {
  const isRedirected = isIn(now.redirected, 1n, 1n, 1);
  const source = now.source === first.source ? 'same' : addressIn(now.source, version);
  const plain = now.destination === first.destination ? 'same' : addressIn(now.destination, version);
  const destination = isRedirected === false ? plain : isRedirected ? (translating?.redirectTo ?? null) : null;
  const port = now.destinationPort === first.destinationPort ? 'same' : portIn(now.destinationPort);
  return source === 'same' && destination === 'same' && port === 'same' ? null : { source, destination, port };
}

export function translationKey({ source, destination, port }: Translation): string {
  const text = (address: Translation['source']): string => (address === null ? '?' : address === 'same' ? '=' : `${address.value}`);
  return `${text(source)} ${text(destination)} ${port}`;
}

export function addressIn(bits: Bits, version: 4 | 6): Address | null {
  const number = numberIn(bits, version === 4 ? 32 : 128);
  if (number === null) return null;
  return version === 4 ? { version, value: Number(number) } : { version, value: number };
}

function portIn(bits: Bits): number | null {
  const number = numberIn(bits, 16);
  return number === null ? null : Number(number);
}
