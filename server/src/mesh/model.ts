// Who is who: hosts with their interfaces and rulesets, and which interface each peer stands for. What everybody reads of the mesh; made from
// records (`record.ts`) as far as somebody looks.
import type { Address, Prefix } from '../net/address.ts';
import type { NftablesFacts } from '../nftables/facts.ts';
import type { Included } from '../nftables/ruleset/state.ts';
import type { PolicyHost } from '../policy/facts.ts';
import type { Role } from '../policy/roles.ts';
import type { InterfaceFacts, WireguardFacts } from '../wireguard/facts.ts';
import type { PeerFacts } from '../wireguard/peer-facts.ts';
import type { DiskFacts } from './file.ts';
import type { HostRecord, InterfaceRecord, MeshRecord } from './record.ts';

export interface Peer {
  readonly facts: PeerFacts;
  /** The interface it stands for, where that is proved; null where its file is not here or nothing proves it. */
  readonly remote: MeshInterface | null;
  /** That interface's own entry for us. */
  readonly back: PeerFacts | null;
  /** What to call it in a sentence. */
  readonly label: string;
  /** What a comment in its section, its own file or the workspace file says it is. */
  readonly statedRole: Role | null;
}

export interface MeshInterface {
  /** The same object from edit to edit, while this interface and its links say the same: what is made from those can be kept by it. */
  readonly record: InterfaceRecord;
  readonly uri: string;
  /** As in `wg show NAME`: the file's name. */
  readonly name: string;
  readonly facts: WireguardFacts;
  readonly own: InterfaceFacts;
  readonly publicKey: string | null;
  readonly addresses: readonly Address[];
  /** The networks of its addresses that hold more than one host. */
  readonly networks: readonly Prefix[];
  readonly peers: readonly Peer[];
  /** What a comment or the workspace file says it is. */
  readonly statedRole: Role | null;
  /** Its host in the workspace file. */
  readonly policy: PolicyHost | null;
  readonly disk: DiskFacts | null;
  readonly host: Host;
  readonly mesh: Mesh;
}

export interface Ruleset {
  readonly uri: string;
  readonly facts: NftablesFacts;
}

export interface Host {
  /** The same object while the host and its interfaces, peers aside, are the same. */
  readonly record: HostRecord;
  readonly name: string;
  readonly root: string;
  readonly interfaces: readonly MeshInterface[];
}

/** Interfaces that are joined by keys, one way or the other. */
export interface Mesh {
  /** The same object while all of its interfaces’ records are. */
  readonly record: MeshRecord;
  readonly interfaces: readonly MeshInterface[];
  /** Hosts of the workspace files that are about it. */
  readonly policyHosts: readonly PolicyHost[];
}

/** Hosts, links and meshes: what the WireGuard files alone say, so that an edit of a ruleset leaves it as it is. */
export interface Links {
  readonly interfaces: readonly MeshInterface[];
  readonly hosts: readonly Host[];
  readonly interfaceOf: ReadonlyMap<string, MeshInterface>;
  /** The interfaces of one public key: more than one where a private key stands in several files. */
  readonly byKey: ReadonlyMap<string, readonly MeshInterface[]>;
}

export interface MeshModel {
  readonly links: Links;
  readonly rulesets: readonly Ruleset[];
  /** The rulesets of a host; none where no file is here. */
  readonly rulesetsOf: ReadonlyMap<Host, readonly Ruleset[]>;
  /** Of configs and rulesets. */
  readonly hostOf: ReadonlyMap<string, Host>;
  /** The files that a ruleset's include reads. */
  readonly included: Included;
  /** The files that some other one includes: what they make counts there. */
  readonly parts: ReadonlySet<string>;
}
