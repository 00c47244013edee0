// Records shown as the model: from each interface to its host, its mesh and its peers’ interfaces. A view is made when somebody looks, once for
// each version of the model, and is a value like what it shows.
import type { Address, Prefix } from '../net/address.ts';
import type { PolicyHost } from '../policy/facts.ts';
import type { Role } from '../policy/roles.ts';
import type { InterfaceFacts, WireguardFacts } from '../wireguard/facts.ts';
import type { DiskFacts } from './file.ts';
import type { Host, Mesh, MeshInterface, Peer } from './model.ts';
import type { HostRecord, InterfaceRecord, MeshRecord, Party } from './record.ts';

/** Where the record of a party’s interface, and of its mesh, is found. */
export interface Recorded {
  interfaceOf(party: Party): InterfaceRecord;
  meshOf(party: Party): MeshRecord;
}

/**
 * How far one may see from an interface. `whole`: everything. `links`: its own facts and its peers, not its mesh. `own`: what its own file says
 * of it, not of its peers. Whose findings are kept by records sees no further than those reach, so that none can be missed.
 */
export type Sight = 'whole' | 'links' | 'own';

/** The views of one version of the model. */
export interface Views {
  interfaceOf(party: Party): MeshInterface;
  hostOf(record: HostRecord): Host;
  meshOf(record: MeshRecord): Mesh;
  /** `record` is that of an interface of this version. */
  shown(record: InterfaceRecord): MeshInterface;
}

/** Everything is seen from everywhere. */
export function viewsOf(recorded: Recorded): Views {
  return views(recorded, () => 'whole');
}

/** The links of these parties are seen, of other interfaces what they are by themselves, and no mesh. */
export function narrowViews(recorded: Recorded, around: readonly Party[]): Views {
  return views(recorded, (party) => (around.includes(party) ? 'links' : 'own'));
}

function views(recorded: Recorded, sightOf: (party: Party) => Sight): Views {
  const interfaces = new Map<Party, InterfaceView>();
  const hosts = new Map<HostRecord, HostView>();
  const meshes = new Map<MeshRecord, MeshView>();
  const all: Views = {
    interfaceOf: (party) => shown(party, () => recorded.interfaceOf(party)),
    shown: (record) => shown(record.party, () => record),
    hostOf(record) {
      let view = hosts.get(record);
      if (!view) {
        view = new HostView(record, all);
        hosts.set(record, view);
      }
      return view;
    },
    meshOf(record) {
      let view = meshes.get(record);
      if (!view) {
        view = new MeshView(record, all);
        meshes.set(record, view);
      }
      return view;
    },
  };
  function shown(party: Party, record: () => InterfaceRecord): MeshInterface {
    let view = interfaces.get(party);
    if (!view) {
      view = new InterfaceView(record(), sightOf(party), all, recorded);
      interfaces.set(party, view);
    }
    return view;
  }
  return all;
}

export function beyond(what: string): never {
  throw new Error(`looked at ${what} where only the interface and its links are to be seen; say what else is read, or ask for less`);
}

class InterfaceView implements MeshInterface {
  readonly record: InterfaceRecord;
  readonly uri: string;
  readonly name: string;
  readonly own: InterfaceFacts;
  readonly publicKey: string | null;
  readonly addresses: readonly Address[];
  readonly networks: readonly Prefix[];
  readonly statedRole: Role | null;
  readonly policy: PolicyHost | null;
  readonly disk: DiskFacts | null;
  readonly #sight: Sight;
  readonly #views: Views;
  readonly #recorded: Recorded;
  #peers: readonly Peer[] | null = null;

  constructor(record: InterfaceRecord, sight: Sight, all: Views, recorded: Recorded) {
    const { own } = record.party;
    this.record = record;
    this.uri = own.uri;
    this.name = own.location.stem;
    this.own = own.facts;
    this.publicKey = own.publicKey;
    this.addresses = own.addresses;
    this.networks = own.networks;
    this.statedRole = own.statedRole;
    this.policy = own.policy;
    this.disk = own.disk;
    this.#sight = sight;
    this.#views = all;
    this.#recorded = recorded;
  }

  get facts(): WireguardFacts {
    return this.#sight === 'own' ? beyond('all that another host’s file says') : this.record.facts;
  }

  get peers(): readonly Peer[] {
    if (this.#sight === 'own') return beyond('the peers of another host');
    this.#peers ??= this.record.peers.map(
      ({ facts, remote, back, label, statedRole }): Peer => ({
        facts,
        remote: remote && this.#views.interfaceOf(remote),
        back,
        label,
        statedRole,
      }),
    );
    return this.#peers;
  }

  get host(): Host {
    return this.#views.hostOf(this.record.party.host);
  }

  get mesh(): Mesh {
    return this.#sight === 'whole' ? this.#views.meshOf(this.#recorded.meshOf(this.record.party)) : beyond('the mesh');
  }
}

class HostView implements Host {
  readonly record: HostRecord;
  readonly name: string;
  readonly root: string;
  readonly #views: Views;
  #interfaces: readonly MeshInterface[] | null = null;

  constructor(record: HostRecord, all: Views) {
    this.record = record;
    this.name = record.name;
    this.root = record.root;
    this.#views = all;
  }

  get interfaces(): readonly MeshInterface[] {
    this.#interfaces ??= this.record.parties.map((party) => this.#views.interfaceOf(party));
    return this.#interfaces;
  }
}

class MeshView implements Mesh {
  readonly record: MeshRecord;
  readonly policyHosts: readonly PolicyHost[];
  readonly #views: Views;
  #interfaces: readonly MeshInterface[] | null = null;

  constructor(record: MeshRecord, all: Views) {
    this.record = record;
    this.policyHosts = record.policyHosts;
    this.#views = all;
  }

  get interfaces(): readonly MeshInterface[] {
    this.#interfaces ??= this.record.members.map((member) => this.#views.shown(member));
    return this.#interfaces;
  }
}
