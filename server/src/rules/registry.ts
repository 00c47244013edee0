// Every rule there is, in the order of the documentation.

import { addressOutsideNetwork } from './mesh/address-outside-network.ts';
import { allowedIpsNotPeer } from './mesh/allowed-ips-not-peer.ts';
import { allowedIpsOverlap } from './mesh/allowed-ips-overlap.ts';
import { duplicateAddress } from './mesh/duplicate-address.ts';
import { endpointPortMismatch } from './mesh/endpoint-port-mismatch.ts';
import { flatNetwork } from './mesh/flat-network.ts';
import { impersonation } from './mesh/impersonation.ts';
import { listenPortMissing } from './mesh/listen-port-missing.ts';
import { oneSidedLink } from './mesh/one-sided-link.ts';
import { presharedKeyMismatch } from './mesh/preshared-key-mismatch.ts';
import { presharedKeyReused } from './mesh/preshared-key-reused.ts';
import { privateKeyReused } from './mesh/private-key-reused.ts';
import { rotationOpen } from './mesh/rotation-open.ts';
import { unknownPeer } from './mesh/unknown-peer.ts';
import { meshwardenRules } from './meshwarden.ts';
import { addressWithoutInterface } from './nftables/address-without-interface.ts';
import { anyPort } from './nftables/any-port.ts';
import { anySource } from './nftables/any-source.ts';
import { bitTest } from './nftables/bit-test.ts';
import { deadForMesh } from './nftables/dead-for-mesh.ts';
import { equalPriority } from './nftables/equal-priority.ts';
import { evaluationRules } from './nftables/evaluation.ts';
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
import { missingAccess } from './policy/missing-access.ts';
import { testFailed } from './policy/test-failed.ts';
import { unexpectedAccess } from './policy/unexpected-access.ts';
import { unknownHost } from './policy/unknown-host.ts';
import type { Rule } from './rule.ts';
import { syntaxRules } from './syntax.ts';
import { allowedIpsTooBroad } from './wireguard/allowed-ips-too-broad.ts';
import { dnsLeak } from './wireguard/dns-leak.ts';
import { droppedPresharedKey } from './wireguard/dropped-preshared-key.ts';
import { duplicatePublicKey } from './wireguard/duplicate-public-key.ts';
import { forwardingOnSpoke } from './wireguard/forwarding-on-spoke.ts';
import { hookNotUndone } from './wireguard/hook-not-undone.ts';
import { inlinePresharedKey } from './wireguard/inline-preshared-key.ts';
import { inlinePrivateKey } from './wireguard/inline-private-key.ts';
import { interfaceName } from './wireguard/interface-name.ts';
import { ipv6Leak } from './wireguard/ipv6-leak.ts';
import { keyInTwoRoles } from './wireguard/key-in-two-roles.ts';
import { keyIsAPath } from './wireguard/key-is-a-path.ts';
import { keyLoadedTooEarly } from './wireguard/key-loaded-too-early.ts';
import { killSwitchMissing } from './wireguard/kill-switch-missing.ts';
import { killSwitchPort } from './wireguard/kill-switch-port.ts';
import { masqueradeHidesPeers } from './wireguard/masquerade-hides-peers.ts';
import { missingKeepalive } from './wireguard/missing-keepalive.ts';
import { missingPresharedKey } from './wireguard/missing-preshared-key.ts';
import { missingPublicKey } from './wireguard/missing-public-key.ts';
import { mtu } from './wireguard/mtu.ts';
import { ownPublicKey } from './wireguard/own-public-key.ts';
import { peerWithoutAllowedIps } from './wireguard/peer-without-allowed-ips.ts';
import { readableSecret } from './wireguard/readable-secret.ts';
import { repeatedKey } from './wireguard/repeated-key.ts';
import { saveConfig } from './wireguard/save-config.ts';
import { secretInGit } from './wireguard/secret-in-git.ts';
import { splitDefault } from './wireguard/split-default.ts';
import { tableOffDefaultRoute } from './wireguard/table-off-default-route.ts';
import { targetRules } from './wireguard/targets.ts';
import { unmaskedHostBits } from './wireguard/unmasked-host-bits.ts';
import { uselessKeepalive } from './wireguard/useless-keepalive.ts';
import { weakKey } from './wireguard/weak-key.ts';

export const rules: readonly Rule[] = [
  allowedIpsTooBroad,
  unmaskedHostBits,
  allowedIpsOverlap,
  impersonation,
  allowedIpsNotPeer,
  flatNetwork,
  splitDefault,
  ipv6Leak,
  inlinePrivateKey,
  inlinePresharedKey,
  missingPresharedKey,
  presharedKeyMismatch,
  presharedKeyReused,
  privateKeyReused,
  keyIsAPath,
  missingPublicKey,
  droppedPresharedKey,
  interfaceName,
  readableSecret,
  secretInGit,
  rotationOpen,
  oneSidedLink,
  unknownPeer,
  duplicateAddress,
  endpointPortMismatch,
  listenPortMissing,
  addressOutsideNetwork,
  missingKeepalive,
  uselessKeepalive,
  forwardingOnSpoke,
  masqueradeHidesPeers,
  killSwitchMissing,
  killSwitchPort,
  hookNotUndone,
  saveConfig,
  mtu,
  tableOffDefaultRoute,
  dnsLeak,
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
  keyLoadedTooEarly,
  shadowedRule,
  unreachable,
  unused,
  equalPriority,
  notIdempotent,
  iifAtLoad,
  bitTest,
  include,
  unexpectedAccess,
  missingAccess,
  testFailed,
  unknownHost,
  ...syntaxRules,
  ...evaluationRules,
  ...targetRules,
  ...meshwardenRules,
];

export const ruleById: ReadonlyMap<string, Rule> = new Map(rules.map((rule) => [rule.id, rule]));
