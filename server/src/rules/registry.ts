// Every rule there is, in the order of the documentation.
import { allowedIpsOverlap } from './mesh/allowed-ips-overlap.ts';
import { include } from './nftables/include.ts';
import { policyAccept } from './nftables/policy-accept.ts';
import { unknownAddress } from './nftables/unknown-address.ts';
import type { Rule } from './rule.ts';
import { syntaxRules } from './syntax.ts';
import { allowedIpsTooBroad } from './wireguard/allowed-ips-too-broad.ts';
import { inlinePresharedKey } from './wireguard/inline-preshared-key.ts';
import { inlinePrivateKey } from './wireguard/inline-private-key.ts';
import { keyIsAPath } from './wireguard/key-is-a-path.ts';
import { missingPresharedKey } from './wireguard/missing-preshared-key.ts';
import { missingPublicKey } from './wireguard/missing-public-key.ts';
import { unmaskedHostBits } from './wireguard/unmasked-host-bits.ts';

export const rules: readonly Rule[] = [
  allowedIpsTooBroad,
  unmaskedHostBits,
  allowedIpsOverlap,
  inlinePrivateKey,
  inlinePresharedKey,
  missingPresharedKey,
  keyIsAPath,
  missingPublicKey,
  unknownAddress,
  policyAccept,
  include,
  ...syntaxRules,
];

export const ruleById: ReadonlyMap<string, Rule> = new Map(rules.map((rule) => [rule.id, rule]));
