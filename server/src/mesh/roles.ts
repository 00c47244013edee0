// What a host is in its mesh, and how that is known: stated, or inferred from who sends what through it.
import { isHost, masked, prefixText } from '../net/address.ts';
import type { Role } from '../policy/roles.ts';
import { counted, listed } from '../text/words.ts';
import { insideOwnNetwork, isHubSide } from './addresses.ts';
import type { MeshInterface, Peer } from './model.ts';

export interface KnownRole {
  readonly role: Role;
  /** In a few words, behind “because”. */
  readonly why: string;
}

const STATED = 'it is stated in a comment or in meshwarden.jsonc';

/** The roles of an interface's host, the one that says most first; none where nothing tells. */
export function rolesOf(node: MeshInterface): readonly KnownRole[] {
  if (node.statedRole) return [{ role: node.statedRole, why: STATED }];
  const found: KnownRole[] = [];
  const senders: string[] = [];
  const networks = new Set<string>();
  for (const { remote, back } of node.peers) {
    if (!remote || !back) continue;
    for (const { value } of back.allowedIps) {
      const prefix = masked(value);
      if (prefix.length === 0) senders.push(remote.host.name);
      else if (!isHost(prefix) && !insideOwnNetwork(prefix, node)) networks.add(prefixText(prefix));
    }
  }
  if (senders.length > 0)
    found.push({ role: 'exit-gateway', why: `${listed([...new Set(senders)], 'and', 3)} sends everything through it (AllowedIPs …/0)` });
  if (networks.size > 0) found.push({ role: 'subnet-router', why: `others reach ${listed([...networks], 'and', 3)} through it` });
  if (isHubSide(node)) {
    const among = linkedAmongThemselves(node);
    if (node.peers.length >= 2 && among)
      found.push({ role: 'mesh-node', why: `its ${counted(node.peers.length, 'peer')} peer with each other` });
    else if (node.peers.length >= 2) found.push({ role: 'hub', why: `it has ${counted(node.peers.length, 'peer')}` });
    else found.push({ role: 'hub', why: 'it waits for its peer: it has a ListenPort, and the peer no Endpoint' });
  } else if (node.peers.length === 1) found.push({ role: 'spoke', why: 'it has one peer' });
  return found;
}

/** What a peer is to this interface, from its own file where that is here, else from what our entry for it holds. */
export function peerRoles(node: MeshInterface, peer: Peer): readonly KnownRole[] {
  if (peer.statedRole) return [{ role: peer.statedRole, why: STATED }];
  if (peer.remote) return rolesOf(peer.remote);
  const prefixes = peer.facts.allowedIps.map(({ value }) => masked(value));
  const all = prefixes.find(({ length }) => length === 0);
  if (all) return [{ role: 'exit-gateway', why: `its AllowedIPs hold ${prefixText(all)}` }];
  const network = prefixes.find((prefix) => !isHost(prefix) && !insideOwnNetwork(prefix, node));
  if (network) return [{ role: 'subnet-router', why: `its AllowedIPs hold ${prefixText(network)}, which is not the tunnel’s own network` }];
  if (prefixes.length === 0) return [];
  return isHubSide(node)
    ? [{ role: 'spoke', why: 'this host has others besides it' }]
    : [{ role: 'hub', why: 'it is this host’s only peer' }];
}

/** Whether most of the peers whose files are here have another of them as a peer. */
function linkedAmongThemselves(node: MeshInterface): boolean {
  const here = new Set(node.peers.flatMap(({ remote }) => (remote ? [remote] : [])));
  if (here.size < 2) return false;
  let linked = 0;
  for (const remote of here) if (remote.peers.some(({ remote: other }) => other && other !== node && here.has(other))) linked++;
  return linked * 2 > here.size;
}
