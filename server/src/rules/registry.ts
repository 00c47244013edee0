// Every rule there is, in the order of the documentation.
import { allowedIpsOverlap } from './mesh/allowed-ips-overlap.ts';
import { meshwardenRules } from './meshwarden.ts';
import { addressWithoutInterface } from './nftables/address-without-interface.ts';
import { anyPort } from './nftables/any-port.ts';
import { anySource } from './nftables/any-source.ts';
import { bitTest } from './nftables/bit-test.ts';
import { deadForMesh } from './nftables/dead-for-mesh.ts';
import { equalPriority } from './nftables/equal-priority.ts';
import { hookUnfiltered } from './nftables/hook-unfiltered.ts';
import { iifAtLoad } from './nftables/iif-at-load.ts';
import { include } from './nftables/include.ts';
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
import { droppedPresharedKey } from './wireguard/dropped-preshared-key.ts';
import { duplicatePublicKey } from './wireguard/duplicate-public-key.ts';
import { inlinePresharedKey } from './wireguard/inline-preshared-key.ts';
import { inlinePrivateKey } from './wireguard/inline-private-key.ts';
import { interfaceName } from './wireguard/interface-name.ts';
import { keepaliveWithoutEndpoint } from './wireguard/keepalive-without-endpoint.ts';
import { keyInTwoRoles } from './wireguard/key-in-two-roles.ts';
import { keyIsAPath } from './wireguard/key-is-a-path.ts';
import { keyLoadedTooEarly } from './wireguard/key-loaded-too-early.ts';
import { missingPresharedKey } from './wireguard/missing-preshared-key.ts';
import { missingPublicKey } from './wireguard/missing-public-key.ts';
import { ownPublicKey } from './wireguard/own-public-key.ts';
import { peerWithoutAllowedIps } from './wireguard/peer-without-allowed-ips.ts';
import { repeatedKey } from './wireguard/repeated-key.ts';
import { saveConfigWritesKeys } from './wireguard/save-config-writes-keys.ts';
import { smallMtu } from './wireguard/small-mtu.ts';
import { splitDefaultRoute } from './wireguard/split-default-route.ts';
import { targetRules } from './wireguard/targets.ts';
import { unmaskedHostBits } from './wireguard/unmasked-host-bits.ts';
import { weakKey } from './wireguard/weak-key.ts';

export const rules: readonly Rule[] = [
  allowedIpsTooBroad,
  unmaskedHostBits,
  allowedIpsOverlap,
  inlinePrivateKey,
  inlinePresharedKey,
  missingPresharedKey,
  keyIsAPath,
  missingPublicKey,
  droppedPresharedKey,
  interfaceName,
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
  repeatedKey,
  duplicatePublicKey,
  ownPublicKey,
  weakKey,
  keyInTwoRoles,
  peerWithoutAllowedIps,
  smallMtu,
  keyLoadedTooEarly,
  saveConfigWritesKeys,
  keepaliveWithoutEndpoint,
  splitDefaultRoute,
  shadowedRule,
  unreachable,
  unused,
  equalPriority,
  notIdempotent,
  iifAtLoad,
  bitTest,
  include,
  ...syntaxRules,
  ...targetRules,
  ...meshwardenRules,
];

export const ruleById: ReadonlyMap<string, Rule> = new Map(rules.map((rule) => [rule.id, rule]));
