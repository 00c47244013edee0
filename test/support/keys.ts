// Keys for tests, made anew in each run: nobody's.
import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';

/** What `wg genpsk` prints. */
export function presharedKey(): string {
  return randomBytes(32).toString('base64');
}

const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** What `wg genkey` and `wg pubkey` print; Node's own curve, so that ours is judged by another. */
export function keyPair(): { readonly privateKey: string; readonly publicKey: string } {
  const secret = randomBytes(32);
  secret[0] = (secret[0] as number) & 248;
  secret[31] = ((secret[31] as number) & 127) | 64;
  const key = createPublicKey(createPrivateKey({ key: Buffer.concat([PKCS8, secret]), format: 'der', type: 'pkcs8' }));
  return { privateKey: secret.toString('base64'), publicKey: key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64') };
}
