// Joins the facts of all files into hosts and links. Keys prove who a peer is; where there are none, addresses may, in one folder.
import { isHost, masked, sameAddress, type WrittenPrefix } from '../net/address.ts';
import type { PolicyHost } from '../policy/facts.ts';
import { roleNamed } from '../policy/roles.ts';
import { encodedPart } from '../text/uri.ts';
import type { PeerFacts, WireguardFacts } from '../wireguard/facts.ts';
import { hookFilePlaces, hookFiles } from './hook-rulesets.ts';
import { partsOf, resolver } from './includes.ts';
import { belongsTo, hostName, type Location, locationOf } from './location.ts';
import type { DiskFacts, FileFacts, Host, Links, Mesh, MeshFile, MeshInterface, MeshModel, Peer, Ruleset } from './model.ts';
import { addressesOf, dropInPeers } from './networkd.ts';

type Building<T> = { -readonly [K in keyof T]: T[K] };

interface Draft {
  readonly location: Location;
  readonly node: Building<Omit<MeshInterface, 'peers'>> & { readonly peers: Building<Peer>[] };
}

/** The mesh of these files. Parts of `old` whose facts are the same objects are kept as they are. */
export function buildMesh(files: readonly MeshFile[], old?: BuiltMesh): BuiltMesh {
  const wireguard = files.filter(({ facts }) => facts.language !== 'nftables');
  const same = old && old.wireguard.length === wireguard.length && wireguard.every((file, i) => sameFile(file, old.wireguard[i]));
  const links = same ? old.model.links : buildLinks(wireguard);
  const rulesets: Ruleset[] = files.flatMap(({ uri, facts }) => (facts.language === 'nftables' ? [{ uri, facts }] : []));
  if (same && rulesets.length === old.model.rulesets.length && rulesets.every((one, i) => sameFile(one, old.model.rulesets[i]))) return old;
  return { wireguard, model: attached(links, rulesets) };
}

/** A mesh with the files that its links were made from, in their order. */
export interface BuiltMesh {
  readonly wireguard: readonly MeshFile[];
  readonly model: MeshModel;
}

function sameFile(
  a: { readonly uri: string; readonly facts: FileFacts; readonly disk?: DiskFacts | null },
  b: { readonly uri: string; readonly facts: FileFacts; readonly disk?: DiskFacts | null } | undefined,
): boolean {
  if (a.uri !== b?.uri || (a.disk ?? null) !== (b.disk ?? null)) return false;
  // of a workspace file only its hosts make the mesh
  return a.facts === b.facts || (a.facts.language === 'policy' && b.facts.language === 'policy' && a.facts.hosts === b.facts.hosts);
}

function buildLinks(files: readonly MeshFile[]): Links {
  const keyFiles = new Map<string, string>();
  for (const { uri, facts } of files) if (facts.language === 'public-key' && facts.key) keyFiles.set(uri, facts.key);
  const drafts: Draft[] = [];
  for (const { uri, facts, disk } of files) {
    if (facts.language === 'wireguard' && (!facts.device || facts.device.tunnel))
      drafts.push(draft(uri, facts, disk ?? null, addressesOf(uri, facts, files)));
  }
  const inFolder = countBy(drafts, ({ location }) => location.folder);
  for (const { node, location } of drafts) {
    // a peer of a drop-in has no entry in this file: what the file does not list would be taken as missing
    if (dropInPeers(node, files)) continue;
    node.publicKey =
      node.own.privateKey?.value.publicKey ??
      node.own.statedPublicKey?.value ??
      besideKey(location, keyFiles, inFolder.get(location.folder) === 1);
  }
  const stated = statedHosts(files);
  for (const one of drafts) applyPolicy(one, stated);
  const byKey = keysOf(drafts);
  link(drafts, byKey);
  joinMeshes(drafts, stated);
  const hosts = joinHosts(drafts);
  const named = new Map<string, PolicyHost>();
  for (const { host } of stated) for (const key of host.publicKeys) named.set(key, host);
  for (const { node } of drafts) {
    for (const peer of node.peers) {
      const host = peer.remote?.policy ?? named.get(peer.facts.publicKey?.value ?? '') ?? null;
      peer.label = labelOf(peer, host);
      peer.statedRole = roleNamed(peer.facts.statedRole?.value ?? '') ?? peer.remote?.statedRole ?? host?.role ?? null;
    }
  }
  const interfaces = drafts.map(({ node }) => node);
  return { interfaces, hosts, interfaceOf: new Map(interfaces.map((node) => [node.uri, node])), byKey };
}

/** `beside` are the addresses that another file gives the interface. */
function draft(uri: string, facts: WireguardFacts, disk: DiskFacts | null, beside: readonly WrittenPrefix[]): Draft {
  const place = locationOf(uri);
  const location = facts.device?.name ? { ...place, stem: facts.device.name } : place;
  const addresses = [...facts.interface.addresses.map(({ value }) => value), ...beside];
  const networks = addresses.map(masked).filter((prefix) => !isHost(prefix));
  const peers = facts.peers.map((peer): Building<Peer> => ({ facts: peer, remote: null, back: null, label: '', statedRole: null }));
  const host: Host = { name: '', root: '', interfaces: [] };
  const mesh: Mesh = { interfaces: [], policyHosts: [] };
  return {
    location,
    node: {
      uri,
      name: location.stem,
      facts,
      own: facts.interface,
      publicKey: null,
      addresses: addresses.map(({ address }) => address),
      networks,
      peers,
      statedRole: roleNamed(facts.interface.statedRole?.value ?? ''),
      policy: null,
      disk,
      host,
      mesh,
    },
  };
}

/** The key in a file beside the config: `wg0.pub`, or `publickey` where the folder has one config. */
function besideKey({ folder, stem }: Location, keyFiles: ReadonlyMap<string, string>, alone: boolean): string | null {
  const names = [`${stem}.pub`, `${stem}.publickey`, `${stem}.public.key`, `${stem}-public.key`];
  if (alone) names.push('publickey', 'public.key', 'public.pub', 'pubkey');
  for (const name of names) {
    const key = keyFiles.get(`${folder}/${encodedPart(name)}`) ?? keyFiles.get(`${folder}/${name}`);
    if (key) return key;
  }
  return null;
}

interface StatedHost {
  /** The workspace file's folder, with a slash. */
  readonly folder: string;
  readonly host: PolicyHost;
}

function statedHosts(files: readonly MeshFile[]): readonly StatedHost[] {
  return files.flatMap(({ uri, facts }) =>
    facts.language === 'policy' ? facts.hosts.map((host) => ({ folder: uri.slice(0, uri.lastIndexOf('/') + 1), host })) : [],
  );
}

/** Finds the host that a workspace file states for a config: by its folder, by its key, or by one of its addresses. */
function applyPolicy({ node }: Draft, stated: readonly StatedHost[]): void {
  if (stated.length === 0) return;
  const near = stated.filter(({ folder }) => node.uri.startsWith(folder));
  const found =
    near.find(({ folder, host }) => host.folder !== null && node.uri.startsWith(`${folder}${host.folder}/`)) ??
    near.find(({ host }) => node.publicKey !== null && host.publicKeys.includes(node.publicKey)) ??
    near.find(({ host }) => host.addresses.some((address) => node.addresses.some((own) => sameAddress(own, address))));
  if (!found) return;
  node.policy = found.host;
  node.statedRole ??= found.host.role;
  if (found.host.publicKeys.length === 1) node.publicKey ??= found.host.publicKeys[0] ?? null;
}

function keysOf(drafts: readonly Draft[]): ReadonlyMap<string, readonly MeshInterface[]> {
  const byKey = new Map<string, MeshInterface[]>();
  for (const { node } of drafts) {
    if (!node.publicKey) continue;
    const list = byKey.get(node.publicKey);
    if (list) list.push(node);
    else byKey.set(node.publicKey, [node]);
  }
  return byKey;
}

function link(drafts: readonly Draft[], byKey: ReadonlyMap<string, readonly MeshInterface[]>): void {
  for (const { node } of drafts) {
    for (const peer of node.peers) {
      const key = peer.facts.publicKey?.value;
      const found = key ? byKey.get(key) : undefined;
      // a key in two files proves nothing about which of them is meant
      const remote = found?.length === 1 ? found[0] : undefined;
      if (remote && remote !== node) peer.remote = remote;
    }
  }
  linkByAddress(drafts);
  for (const { node } of drafts) {
    for (const peer of node.peers) {
      const { remote } = peer;
      if (!remote) continue;
      // where our own key is not known, only the entry that was joined with us answers
      peer.back = node.publicKey
        ? (peersByKey(remote.facts).get(node.publicKey) ?? null)
        : (remote.peers.find((other) => other.remote === node)?.facts ?? null);
    }
  }
}

const peersOfFacts = new WeakMap<WireguardFacts, ReadonlyMap<string, PeerFacts>>();

/** A config's entries by their public key; of two with one key the first. */
function peersByKey(facts: WireguardFacts): ReadonlyMap<string, PeerFacts> {
  let found = peersOfFacts.get(facts);
  if (!found) {
    const made = new Map<string, PeerFacts>();
    for (const peer of facts.peers) if (peer.publicKey?.value && !made.has(peer.publicKey.value)) made.set(peer.publicKey.value, peer);
    found = made;
    peersOfFacts.set(facts, made);
  }
  return found;
}

/** Two files of one folder, at least one of unknown key, of which each names the other's interface address alone. */
function linkByAddress(drafts: readonly Draft[]): void {
  const folders = new Map<string, Draft[]>();
  for (const one of drafts) (folders.get(one.location.folder) ?? folders.set(one.location.folder, []).get(one.location.folder))?.push(one);
  for (const folder of folders.values()) {
    if (folder.length < 2 || folder.length > 64 || folder.every(({ node }) => node.publicKey)) continue;
    for (const { node } of folder) {
      for (const peer of node.peers) {
        if (peer.remote) continue;
        const candidates = folder.filter(
          ({ node: other }) =>
            other !== node &&
            (!other.publicKey || !node.publicKey) &&
            agrees(peer.facts, other) &&
            namesAlone(peer.facts, other) &&
            other.peers.some(({ facts }) => agrees(facts, node) && namesAlone(facts, node)),
        );
        if (candidates.length === 1) peer.remote = candidates[0]?.node ?? null;
      }
    }
  }
}

/** Whether what is known of the keys does not speak against `peer` being `node`. */
function agrees(peer: PeerFacts, node: MeshInterface): boolean {
  return !node.publicKey || !peer.publicKey?.value || peer.publicKey.value === node.publicKey;
}

function namesAlone(peer: PeerFacts, node: MeshInterface): boolean {
  return peer.allowedIps.some(
    ({ value }) => isHost(masked(value)) && node.addresses.some((address) => sameAddress(address, value.address)),
  );
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}

function joinMeshes(drafts: readonly Draft[], stated: readonly StatedHost[]): void {
  const parent = new Map<MeshInterface, MeshInterface>();
  const find = (node: MeshInterface): MeshInterface => {
    let root = node;
    for (let up = parent.get(root); up; up = parent.get(root)) root = up;
    for (let at = node; at !== root; ) {
      const up = parent.get(at) as MeshInterface;
      parent.set(at, root);
      at = up;
    }
    return root;
  };
  for (const { node } of drafts) {
    for (const { remote } of node.peers) {
      if (!remote) continue;
      const a = find(node);
      const b = find(remote);
      if (a !== b) parent.set(a, b);
    }
  }
  const members = new Map<MeshInterface, MeshInterface[]>();
  for (const { node } of drafts) {
    const root = find(node);
    const list = members.get(root);
    if (list) list.push(node);
    else members.set(root, [node]);
  }
  for (const list of members.values()) {
    const policyHosts = stated.filter(({ folder }) => list.some(({ uri }) => uri.startsWith(folder))).map(({ host }) => host);
    const mesh: Mesh = { interfaces: list, policyHosts };
    for (const node of list) node.mesh = mesh;
  }
}

function joinHosts(drafts: readonly Draft[]): readonly Host[] {
  const roots = new Map<string, Draft[]>();
  for (const one of drafts) (roots.get(one.location.root) ?? roots.set(one.location.root, []).get(one.location.root))?.push(one);
  const hosts: Host[] = [];
  for (const [root, members] of roots) {
    const nodes = new Set<MeshInterface>(members.map(({ node }) => node));
    // one config's key is a peer of another's: several hosts in one folder
    const several = members.length > 1 && members.some(({ node }) => node.peers.some(({ remote }) => remote && nodes.has(remote)));
    for (const group of several ? members.map((one) => [one]) : [members]) {
      const first = group[0] as Draft;
      const host: Host = {
        name: first.node.policy?.name ?? hostName(first.location, several),
        root,
        interfaces: group.map(({ node }) => node),
      };
      for (const { node } of group) node.host = host;
      hosts.push(host);
    }
  }
  return hosts;
}

/** Gives each ruleset to the host whose hook loads it, else to the nearest root above it; of several hosts in one folder, to the hub. */
function attached(links: Links, rulesets: readonly Ruleset[]): MeshModel {
  const places = links.hosts.map((host) => ({
    host,
    location: locationOf((host.interfaces[0] as MeshInterface).uri),
    peers: Math.max(...host.interfaces.map(({ peers }) => peers.length)),
  }));
  const rulesetsOf = new Map<Host, Ruleset[]>();
  const hostOf = new Map<string, Host>(links.interfaces.map((node) => [node.uri, node.host]));
  const loadedBy = new Map<string, Host>();
  for (const { uri, name, facts, host } of links.interfaces) {
    for (const path of hookFiles(facts)) for (const place of hookFilePlaces(uri, path.replaceAll('%i', name))) loadedBy.set(place, host);
  }
  for (const ruleset of rulesets) {
    const file = locationOf(ruleset.uri);
    let best: (typeof places)[number] | undefined;
    for (const place of places) {
      if (!belongsTo(file, place.location)) continue;
      const nearer = !best || place.location.root.length > best.location.root.length;
      if (nearer || (place.location.root === best?.location.root && place.peers > best.peers)) best = place;
    }
    const host = loadedBy.get(ruleset.uri) ?? best?.host;
    if (!host) continue;
    hostOf.set(ruleset.uri, host);
    const list = rulesetsOf.get(host);
    if (list) list.push(ruleset);
    else rulesetsOf.set(host, [ruleset]);
  }
  const included = resolver(rulesets);
  return { links, rulesets, rulesetsOf, hostOf, included, parts: partsOf(rulesets, included) };
}

/** What a peer is called: by its own host, a comment, or the beginning of its public key. */
function labelOf({ facts, remote }: Building<Peer>, host: PolicyHost | null): string {
  if (host) return host.name;
  if (remote && remote.host.name !== 'this host') return remote.host.name;
  if (facts.name) return facts.name;
  const single = facts.allowedIps.length === 1 ? facts.allowedIps[0] : undefined;
  if (facts.publicKey?.value && !facts.publicKeyIsSecret) return `the peer ${facts.publicKey.value.slice(0, 6)}…`;
  return single && isHost(masked(single.value)) ? 'this peer' : 'a peer';
}
