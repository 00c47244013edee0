// The links of all interfaces, made from the files, and from what was made before of those that say the same.
import { equalData } from '../text/equal.ts';
import type { MeshFile } from './file.ts';
import { partiesOf } from './host-records.ts';
import { type LinkSources, recordOf, withEntries } from './links.ts';
import { meshesOf, type Partition, partitionOf } from './meshes.ts';
import { type Config, configsIn, ownOf, type Surroundings, surroundingsOf } from './own.ts';
import { entriesWith, names } from './peer-index.ts';
import type { HostRecord, InterfaceRecord, MeshRecord, Own, Party } from './record.ts';
import { type ByKey, type Identified, interfacesByKey, keyedRemotes, linkedByAddress, sameRemotes } from './remotes.ts';

/** Interfaces, hosts and meshes, in the order of the files. */
export interface LinkState {
  /** What it was made from: all files but rulesets. */
  readonly files: readonly MeshFile[];
  readonly configs: readonly Config[];
  readonly around: Surroundings;
  readonly interfaces: readonly Identified[];
  /** The place of each interface by its URI; the same while there are the same interfaces. */
  readonly places: ReadonlyMap<string, number>;
  /** The places of the interfaces in each folder, and below each root of a host. */
  readonly folders: ReadonlyMap<string, readonly number[]>;
  readonly roots: ReadonlyMap<string, readonly number[]>;
  readonly byKey: ByKey;
  readonly parties: readonly Party[];
  readonly hosts: readonly HostRecord[];
  readonly records: readonly InterfaceRecord[];
  readonly partition: Partition;
  readonly meshes: readonly MeshRecord[];
}

/** The links of these files; `old` itself where nothing that counts has changed, and its parts where those have not. */
export function linkState(files: readonly MeshFile[], old?: LinkState): LinkState {
  const kept = old && keptFiles(files, old.files) ? old : undefined;
  if (kept && files.every((file, i) => sameFile(file, kept.files[i]))) return kept;
  const configs = configsIn(files);
  const around = kept && sameSurroundings(files, kept) ? kept.around : surroundingsOf(files, configs);
  const owns = ownsOf(configs, around, old);
  const sameSet =
    old !== undefined && owns.length === old.interfaces.length && owns.every(({ uri }, i) => uri === old.interfaces[i]?.own.uri);
  const layout = sameSet ? old : layoutOf(owns);
  const { places, folders, roots } = layout;
  const byKey =
    sameSet && owns.every(({ publicKey }, i) => publicKey === old.interfaces[i]?.own.publicKey) ? old.byKey : interfacesByKey(owns);
  const interfaces = identified(configs, owns, byKey, folders, old);
  const { hosts, parties } = partiesOf(interfaces, roots, old);
  const sources: LinkSources = { interfaces, parties, places, stated: around.byKey };
  const records = sameSet && around.byKey === old.around.byKey ? updated(sources, old) : made(sources, old);
  const sameLinks = sameSet && interfaces.every(({ remotes }, i) => remotes === old.interfaces[i]?.remotes);
  const partition = sameLinks ? old.partition : partitionOf(interfaces, places);
  const meshes = meshesOf(records, partition, around.stated, (uri) => {
    const place = old?.places.get(uri);
    return place === undefined ? undefined : old?.meshes[old.partition[place] as number];
  });
  const sameHosts = old !== undefined && sameItems(hosts, old.hosts);
  return {
    files,
    configs,
    around,
    interfaces,
    places,
    folders,
    roots,
    byKey,
    parties,
    hosts: sameHosts ? old.hosts : hosts,
    records,
    partition,
    meshes,
  };
}

function sameFile(a: MeshFile, b: MeshFile | undefined): boolean {
  return a.uri === b?.uri && sameForMesh(a.facts, b.facts) && (a.disk ?? null) === (b.disk ?? null);
}

/** Of a workspace file only its hosts make the mesh. */
function sameForMesh(a: MeshFile['facts'], b: MeshFile['facts']): boolean {
  return a === b || (a.language === 'policy' && b.language === 'policy' && a.hosts === b.hosts);
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function keptFiles(files: readonly MeshFile[], old: readonly MeshFile[]): boolean {
  return files.length === old.length && files.every(({ uri }, i) => uri === old[i]?.uri);
}

/** Whether no file changed that says something of interfaces of other files. */
function sameSurroundings(files: readonly MeshFile[], old: LinkState): boolean {
  return files.every((file, i) => {
    const before = (old.files[i] as MeshFile).facts;
    return sameForMesh(file.facts, before) || (isConfig(file.facts) && isConfig(before));
  });
}

function isConfig(facts: MeshFile['facts']): boolean {
  return facts.language === 'wireguard' && (!facts.device || facts.device.tunnel);
}

function ownsOf(configs: readonly Config[], around: Surroundings, old: LinkState | undefined): readonly Own[] {
  return configs.map((config) => {
    const place = old?.places.get(config.file.uri);
    if (place === undefined || !old) return ownOf(config, around);
    const before = (old.interfaces[place] as Identified).own;
    if (around === old.around && sameSource(config, old.configs[place] as Config)) return before;
    const own = ownOf(config, around);
    return equalData(own, before) ? before : own;
  });
}

/** Whether a config says the same of its interface, peers aside. */
function sameSource(a: Config, b: Config): boolean {
  if (a.facts !== b.facts && (a.facts.interface !== b.facts.interface || a.facts.dialect !== b.facts.dialect)) return false;
  return (a.file.disk ?? null) === (b.file.disk ?? null) && (a.facts === b.facts || equalData(a.facts.device, b.facts.device));
}

function layoutOf(owns: readonly Own[]): Pick<LinkState, 'places' | 'folders' | 'roots'> {
  const grouped = (key: (own: Own) => string): ReadonlyMap<string, readonly number[]> => {
    const groups = new Map<string, number[]>();
    owns.forEach((own, place) => {
      const list = groups.get(key(own));
      if (list) list.push(place);
      else groups.set(key(own), [place]);
    });
    return groups;
  };
  return {
    places: new Map(owns.map(({ uri }, place) => [uri, place])),
    folders: grouped(({ location }) => location.folder),
    roots: grouped(({ location }) => location.root),
  };
}

/** Each interface with whom its peers stand for; as it was where neither its entries nor the keys that they name have changed. */
function identified(
  configs: readonly Config[],
  owns: readonly Own[],
  byKey: ByKey,
  folders: LinkState['folders'],
  old: LinkState | undefined,
): readonly Identified[] {
  const moved = old && old.byKey !== byKey ? movedKeys(byKey, old.byKey) : new Set<string>();
  const byKeys = owns.map((own, i): Identified => {
    const { facts } = configs[i] as Config;
    const place = old?.places.get(own.uri);
    const before = place === undefined ? undefined : old?.interfaces[place];
    if (before?.own === own && before.facts === facts && !names(facts.peers, moved)) return before;
    const same = before && before.facts.peers === facts.peers && !names(facts.peers, moved);
    const keyed = same ? before.keyed : keyedRemotes(own.uri, facts.peers, byKey);
    const kept = before && sameRemotes(keyed, before.keyed) ? before.keyed : keyed;
    return { own, facts, keyed: kept, remotes: kept };
  });
  const result = [...byKeys];
  for (const places of folders.values()) {
    const members = places.map((place) => byKeys[place] as Identified);
    if (members.length === 1 && members[0]?.remotes === members[0]?.keyed) continue;
    // nobody in the folder says anything else than before
    if (folders === old?.folders && places.every((place, i) => members[i] === old.interfaces[place])) continue;
    linkedByAddress(members).forEach((member, i) => {
      result[places[i] as number] = keptInterface(member, old);
    });
  }
  return result;
}

function keptInterface(one: Identified, old: LinkState | undefined): Identified {
  const before = old?.interfaces[old.places.get(one.own.uri) ?? -1];
  if (!before || !sameRemotes(one.remotes, before.remotes)) return one;
  const same = before.own === one.own && before.facts === one.facts && before.keyed === one.keyed;
  return same ? before : { ...one, remotes: before.remotes };
}

/** The keys whose interfaces are others than before. */
function movedKeys(byKey: ByKey, old: ByKey): ReadonlySet<string> {
  const moved = new Set<string>();
  for (const [key, uris] of byKey) if (!sameItems(uris, old.get(key) ?? [])) moved.add(key);
  for (const key of old.keys()) if (!byKey.has(key)) moved.add(key);
  return moved;
}

function made(sources: LinkSources, old: LinkState | undefined): readonly InterfaceRecord[] {
  return sources.interfaces.map(({ own }, place) => recordOf(sources, place, old?.records[old.places.get(own.uri) ?? -1]));
}

/** So many interfaces with something new are better looked at with all others than each from the others’ side. */
const FEW = 16;

/** The records of the same interfaces as before: those are made anew that changed, or whose other ends did. */
function updated(sources: LinkSources, old: LinkState): readonly InterfaceRecord[] {
  const { interfaces, parties } = sources;
  const changed: number[] = [];
  interfaces.forEach((one, place) => {
    if (one !== old.interfaces[place] || parties[place] !== old.parties[place]) changed.push(place);
  });
  if (changed.length === 0) return old.records;
  if (changed.length > FEW) return made(sources, old);
  const records = [...old.records];
  for (const place of changed) records[place] = recordOf(sources, place, records[place]);
  const done = new Set(changed);
  interfaces.forEach((one, place) => {
    if (done.has(place)) return;
    for (const other of changed) {
      const entries = entriesFor(one, interfaces[other] as Identified);
      if (entries.length > 0) records[place] = withEntries(sources, place, entries, records[place] as InterfaceRecord);
    }
  });
  return records;
}

/** The entries of an interface that stand for another. */
function entriesFor({ facts, keyed, remotes }: Identified, { own }: Identified): readonly number[] {
  const byKey = own.publicKey ? entriesWith(facts.peers, own.publicKey) : [];
  if (keyed === remotes) return byKey;
  return remotes.flatMap((remote, entry) => (remote === own.uri ? [entry] : []));
}
