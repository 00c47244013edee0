// What each interface is by itself: by its own file, by what lies beside it, and by the workspace files above it.
import { isHost, masked, sameAddress, type WrittenPrefix } from '../net/address.ts';
import type { PolicyHost } from '../policy/facts.ts';
import { roleNamed } from '../policy/roles.ts';
import { encodedPart } from '../text/uri.ts';
import type { WireguardFacts } from '../wireguard/facts.ts';
import type { MeshFile } from './file.ts';
import { type Location, locationOf } from './location.ts';
import { matchesName } from './networkd.ts';
import type { Own } from './record.ts';

/** A config that makes an interface, and is no other part of one. */
export interface Config {
  readonly file: MeshFile;
  readonly facts: WireguardFacts;
}

export function configsIn(files: readonly MeshFile[]): readonly Config[] {
  const configs: Config[] = [];
  for (const file of files) {
    const { facts } = file;
    if (facts.language === 'wireguard' && (!facts.device || facts.device.tunnel)) configs.push({ file, facts });
  }
  return configs;
}

export interface StatedHost {
  /** The workspace file's folder, with a slash. */
  readonly folder: string;
  readonly host: PolicyHost;
}

/** What stands in other files and may count for an interface. */
export interface Surroundings {
  /** The keys in files of their own, by URI. */
  readonly keyFiles: ReadonlyMap<string, string>;
  /** How many interfaces each folder has. */
  readonly inFolder: ReadonlyMap<string, number>;
  /** The files of systemd-networkd that are not about a tunnel, by folder. */
  readonly networks: ReadonlyMap<string, readonly WireguardFacts[]>;
  /** The files that have drop-ins here, `FILE.d/…`. */
  readonly dropIns: ReadonlySet<string>;
  /** The hosts of workspace files. */
  readonly stated: readonly StatedHost[];
  /** The same by their public keys. */
  readonly byKey: ReadonlyMap<string, PolicyHost>;
}

export function surroundingsOf(files: readonly MeshFile[], configs: readonly Config[]): Surroundings {
  const keyFiles = new Map<string, string>();
  const networks = new Map<string, WireguardFacts[]>();
  const dropIns = new Set<string>();
  const stated: StatedHost[] = [];
  const byKey = new Map<string, PolicyHost>();
  for (const { uri, facts } of files) {
    for (let at = uri.indexOf('.d/'); at >= 0; at = uri.indexOf('.d/', at + 1)) dropIns.add(uri.slice(0, at));
    if (facts.language === 'public-key' && facts.key) keyFiles.set(uri, facts.key);
    else if (facts.language === 'wireguard' && facts.dialect === 'networkd' && facts.device?.tunnel === false) {
      const { folder } = locationOf(uri);
      networks.set(folder, [...(networks.get(folder) ?? []), facts]);
    } else if (facts.language === 'policy') {
      const folder = uri.slice(0, uri.lastIndexOf('/') + 1);
      for (const host of facts.hosts) {
        stated.push({ folder, host });
        for (const key of host.publicKeys) byKey.set(key, host);
      }
    }
  }
  const inFolder = new Map<string, number>();
  for (const { file } of configs) {
    const folder = file.uri.slice(0, Math.max(0, file.uri.lastIndexOf('/')));
    inFolder.set(folder, (inFolder.get(folder) ?? 0) + 1);
  }
  return { keyFiles, inFolder, networks, dropIns, stated, byKey };
}

export function ownOf({ file: { uri, disk }, facts }: Config, around: Surroundings): Own {
  const place = locationOf(uri);
  const location = facts.device?.name ? { ...place, stem: facts.device.name } : place;
  const written = [...facts.interface.addresses.map(({ value }) => value), ...addressesBeside(location, facts, around)];
  const own: Own = {
    uri,
    location,
    facts: facts.interface,
    // a peer of a drop-in has no entry in this file: what the file does not list would be taken as missing
    publicKey: hasDropIns(uri, location, facts, around) ? null : keyOf(location, facts, around),
    addresses: written.map(({ address }) => address),
    networks: written.map(masked).filter((prefix) => !isHost(prefix)),
    statedRole: roleNamed(facts.interface.statedRole?.value ?? ''),
    policy: null,
    disk: disk ?? null,
  };
  return withPolicy(own, around.stated);
}

function keyOf(location: Location, { interface: own }: WireguardFacts, around: Surroundings): string | null {
  return own.privateKey?.value.publicKey ?? own.statedPublicKey?.value ?? keyBeside(location, around);
}

/** The key in a file beside the config: `wg0.pub`, or `publickey` where the folder has one config. */
function keyBeside({ folder, stem }: Location, { keyFiles, inFolder }: Surroundings): string | null {
  if (keyFiles.size === 0) return null;
  const names = [`${stem}.pub`, `${stem}.publickey`, `${stem}.public.key`, `${stem}-public.key`];
  if (inFolder.get(folder) === 1) names.push('publickey', 'public.key', 'public.pub', 'pubkey');
  for (const name of names) {
    const key = keyFiles.get(`${folder}/${encodedPart(name)}`) ?? keyFiles.get(`${folder}/${name}`);
    if (key) return key;
  }
  return null;
}

/** The addresses that .network files in the same folder give the interface of a .netdev. */
function addressesBeside({ folder }: Location, { dialect, device }: WireguardFacts, { networks }: Surroundings): readonly WrittenPrefix[] {
  const name = dialect === 'networkd' ? device?.name : null;
  if (!name) return [];
  return (networks.get(folder) ?? []).flatMap((other) =>
    other.device?.match.some((pattern) => matchesName(pattern, name)) ? other.interface.addresses.map(({ value }) => value) : [],
  );
}

/** Whether the interface has drop-ins here (`wg0.netdev.d/*.conf`), or is one: then no file says alone what it is. */
function hasDropIns(uri: string, { folder }: Location, { dialect }: WireguardFacts, { dropIns }: Surroundings): boolean {
  return dialect === 'networkd' && (/\.netdev\.d$/.test(folder) || dropIns.has(uri));
}

/** With the host that a workspace file states for the config: by its folder, by its key, or by one of its addresses. */
function withPolicy(own: Own, stated: readonly StatedHost[]): Own {
  if (stated.length === 0) return own;
  const near = stated.filter(({ folder }) => own.uri.startsWith(folder));
  const host = (
    near.find(({ folder, host: { folder: below } }) => below !== null && own.uri.startsWith(`${folder}${below}/`)) ??
    near.find(({ host: { publicKeys } }) => own.publicKey !== null && publicKeys.includes(own.publicKey)) ??
    near.find(({ host: { addresses } }) => addresses.some((address) => own.addresses.some((one) => sameAddress(one, address))))
  )?.host;
  if (!host) return own;
  const [only] = host.publicKeys;
  return {
    ...own,
    policy: host,
    statedRole: own.statedRole ?? host.role,
    publicKey: own.publicKey ?? (host.publicKeys.length === 1 ? (only ?? null) : null),
  };
}
