// A file that holds one public key, beside a config whose private key is elsewhere: `wg pubkey > wg0.pub`.
import { publicKeyText } from '../net/key.ts';

export interface PublicKeyFacts {
  readonly language: 'public-key';
  /** Null where the file holds something else. */
  readonly key: string | null;
}

/** Only a text that is nothing but a key counts: nothing else of such a file is kept. */
export function publicKeyFacts(text: string): PublicKeyFacts {
  return { language: 'public-key', key: text.length < 64 ? publicKeyText(text.trim()) : null };
}
