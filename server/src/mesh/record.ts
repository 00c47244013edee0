// What is known of interfaces, hosts and meshes, as values without circles: each stays the same object from edit to edit while all that it
// says stays the same, so that what was made from it can be kept by it. `views.ts` shows them as the model that everybody reads.
import type { Address, Prefix } from '../net/address.ts';
import type { AddressSet } from '../net/address-set.ts';
import type { PolicyHost } from '../policy/facts.ts';
import type { Role } from '../policy/roles.ts';
import type { InterfaceFacts, WireguardFacts } from '../wireguard/facts.ts';
import type { PeerFacts } from '../wireguard/peer-facts.ts';
import type { DiskFacts } from './file.ts';
import type { Location } from './location.ts';

/** An interface without its peers: what its own file says of it, what lies beside the file, and the workspace file. */
export interface Own {
  readonly uri: string;
  /** `stem` is the interface's name. */
  readonly location: Location;
  readonly facts: InterfaceFacts;
  readonly publicKey: string | null;
  readonly addresses: readonly Address[];
  readonly networks: readonly Prefix[];
  readonly statedRole: Role | null;
  readonly policy: PolicyHost | null;
  readonly disk: DiskFacts | null;
}

/** An interface as others meet it. */
export interface Party {
  readonly own: Own;
  /** Set once, when the host is complete. */
  host: HostRecord;
}

export interface HostRecord {
  readonly name: string;
  readonly root: string;
  readonly parties: readonly Party[];
}

export interface PeerRecord {
  readonly facts: PeerFacts;
  readonly remote: Party | null;
  /** The remote’s own entry for us. */
  readonly back: PeerFacts | null;
  readonly label: string;
  readonly statedRole: Role | null;
}

export interface InterfaceRecord {
  readonly party: Party;
  readonly facts: WireguardFacts;
  /** Which interface each peer stands for, by its URI; the same array while that is so. */
  readonly remotes: readonly (string | null)[];
  readonly peers: readonly PeerRecord[];
}

/** What is known of the addresses that hosts of a mesh have. */
export interface KnownAddresses {
  /** The networks of its interfaces. */
  readonly networks: readonly Prefix[];
  /** Every address that some host has or some peer may have. */
  readonly possible: AddressSet;
  /** The networks, and the addresses that AllowedIPs give a peer alone. */
  readonly members: AddressSet;
}

export interface MeshRecord {
  readonly members: readonly InterfaceRecord[];
  /** Of the members; the same array while they are. */
  readonly parties: readonly Party[];
  readonly policyHosts: readonly PolicyHost[];
  /** What was told of this mesh last, through all its versions: given again where it is still so. */
  readonly last: LastKnown;
}

export interface LastKnown {
  known: KnownAddresses | null;
  /** What that was told of. */
  members: readonly InterfaceRecord[];
  policyHosts: readonly PolicyHost[];
  /** How often these members name each prefix, by what it says of it; counted when one of them changes. */
  counts: ReadonlyMap<'possible' | 'alone', Map<number | string, number>> | null;
}
