// `hosts`: what is known of hosts that their files do not say.
import { type Address, hasHostBits, masked, type Prefix, parseAddress, parsePrefix, prefixText } from '../net/address.ts';
import { publicKeyText } from '../net/key.ts';
import { quoted } from '../text/words.ts';
import type { PolicyHost } from './facts.ts';
import { meant } from './grants.ts';
import { type Notes, type Property, propertiesOf, spanOf, tell, textsOf } from './json.ts';
import { type Role, roleNamed, roles } from './roles.ts';

const HOST_KEYS = ['publicKey', 'addresses', 'role', 'routes', 'folder'];

export function readHost({ name, key, value }: Property, notes: Notes): PolicyHost {
  const publicKeys: string[] = [];
  const addresses: Address[] = [];
  const routes: Prefix[] = [];
  let role: Role | null = null;
  let folder: string | null = null;
  if (value?.type !== 'object')
    tell(notes, spanOf(value ?? key), 'A host must be an object: { "publicKey": "…", "addresses": ["10.10.0.2"] }.');
  for (const { name: what, key: at, value: node } of propertiesOf(value)) {
    if (!node) continue;
    const texts = textsOf(node, what === 'role' || what === 'folder', notes);
    switch (what) {
      case 'publicKey':
        for (const { text, span } of texts) {
          const publicKey = publicKeyText(text);
          if (publicKey) publicKeys.push(publicKey);
          else tell(notes, span, 'This is no public key: it has 44 characters, the last of which is “=” (wg pubkey prints it).');
        }
        break;
      case 'addresses':
        for (const { text, span } of texts) {
          const address = parseAddress(text);
          if (address) addresses.push(address);
          else tell(notes, span, `${quoted(text)} is no address: write one like 10.10.0.2 or fd00:10::2.`);
        }
        break;
      case 'routes':
        for (const { text, span } of texts) {
          const written = parsePrefix(text);
          if (!written) tell(notes, span, `${quoted(text)} is no network: write one like 192.168.7.0/24.`);
          else {
            if (hasHostBits(written)) tell(notes, span, `${quoted(text)} names a host in a network: write ${prefixText(masked(written))}.`);
            routes.push(masked(written));
          }
        }
        break;
      case 'role':
        for (const { text, span } of texts) {
          role = roleNamed(text);
          if (!role)
            tell(
              notes,
              span,
              `There is no role ${quoted(text)}${meant(
                text,
                roles.map((row) => row.name),
              )}`,
            );
        }
        break;
      case 'folder':
        for (const { text } of texts) folder = text.replace(/^\.?\/+|\/+$/g, '').replace(/^\.\//, '');
        break;
      default:
        tell(notes, spanOf(at), `A host has no ${quoted(what)}${meant(what, HOST_KEYS)}`);
    }
  }
  return { name, publicKeys, addresses, role, routes, folder };
}
