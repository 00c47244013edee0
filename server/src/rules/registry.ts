// Every rule there is, in the order of the documentation.
import { allowedIpsOverlap } from './mesh/allowed-ips-overlap.ts';
import { addressWithoutInterface } from './nftables/address-without-interface.ts';
import { anyPort } from './nftables/any-port.ts';
import { anySource } from './nftables/any-source.ts';
import { bitTest } from './nftables/bit-test.ts';
import { deadForMesh } from './nftables/dead-for-mesh.ts';
import { equalPriority } from './nftables/equal-priority.ts';
import { hookUnfiltered } from './nftables/hook-unfiltered.ts';
import { iifAtLoad } from './nftables/iif-at-load.ts';
import { ipv6Unfiltered } from './nftables/ipv6-unfiltered.ts';
import { listenPortBlocked } from './nftables/listen-port-blocked.ts';
import { missingEstablished } from './nftables/missing-established.ts';
import { noDropLog } from './nftables/no-drop-log.ts';
import { notIdempotent } from './nftables/not-idempotent.ts';
import { peerWithoutRule } from './nftables/peer-without-rule.ts';
import { policyAccept } from './nftables/policy-accept.ts';
import { shadowedRule } from './nftables/shadowed-rule.ts';
import { unknownAddress } from './nftables/unknown-address.ts';
import { unknownInterface } from './nftables/unknown-interface.ts';
import { unreachable } from './nftables/unreachable.ts';
import { unused } from './nftables/unused.ts';
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
  deadForMesh,
  unknownInterface,
  peerWithoutRule,
  anyPort,
  anySource,
  policyAccept,
  hookUnfiltered,
  ipv6Unfiltered,
  addressWithoutInterface,
  missingEstablished,
  listenPortBlocked,
  noDropLog,
  shadowedRule,
  unreachable,
  unused,
  equalPriority,
  notIdempotent,
  iifAtLoad,
  bitTest,
  ...syntaxRules,
];

export const ruleById: ReadonlyMap<string, Rule> = new Map(rules.map((rule) => [rule.id, rule]));
