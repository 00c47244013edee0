// Records shown as the model: from each interface to its host, its mesh and its peers’ interfaces. A view is made when somebody looks, once for
// each version of the model, and is a value like what it shows.
import type { Address, Prefix } from '../net/address.ts';
import type { PolicyHost } from '../policy/facts.ts';
import type { Role } from '../policy/roles.ts';
import type { InterfaceFacts, WireguardFacts } from '../wireguard/facts.ts';
import type { DiskFacts } from './file.ts';
import type { Host, Mesh, MeshInterface, Peer } from './model.ts';
import type { HostRecord, InterfaceRecord, MeshRecord, Party, PeerRecord } from './record.ts';

/** Where the record of a party’s interface, and of its mesh, is found. */
export interface Recorded {
  interfaceOf(party: Party): InterfaceRecord;
  meshOf(party: Party): MeshRecord;
}

/**
 * What may be seen of an interface. `whole`: everything. `links`: its file and its peers, not its mesh. `facts`: its file, and its mesh without
 * who is in it. `own`: what its file says of itself, not of its peers. Whose findings are kept by what they were made from sees no more than
 * that, so that none can be missed when it changes.
 */
export type Sight = 'whole' | 'links' | 'facts' | 'own';

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
  return views(recorded, seeAll);
}

/** So much is seen of these parties, and of all others what they are by themselves. */
export function narrowViews(recorded: Recorded, around: readonly Party[], sight: Sight): Views {
  return views(recorded, (party) => (around.includes(party) ? sight : 'own'));
}

const seeAll = (): Sight => 'whole';

function views(recorded: Recorded, sightOf: (party: Party) => Sight): Views {
  const whole = sightOf === seeAll;
  const interfaces = new Map<Party, InterfaceView>();
  // few of those who see one interface alone look at more of it
  let hosts: Map<HostRecord, HostView> | null = null;
  let meshes: Map<MeshRecord, MeshView> | null = null;
  const all: Views = {
    interfaceOf: (party) => shown(party, () => recorded.interfaceOf(party)),
    shown: (record) => shown(record.party, () => record),
    hostOf(record) {
      hosts ??= new Map();
      let view = hosts.get(record);
      if (!view) {
        view = new HostView(record, all);
        hosts.set(record, view);
      }
      return view;
    },
    meshOf(record) {
      meshes ??= new Map();
      let view = meshes.get(record);
      if (!view) {
        view = new MeshView(record, all, whole);
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
  throw new Error(`a rule looked at ${what}, and does not say that it reads that`);
}

/** Holds nothing of what it shows: at each edit of a large hub there are a thousand. */
class InterfaceView implements MeshInterface {
  readonly record: InterfaceRecord;
  readonly #sight: Sight;
  readonly #views: Views;
  readonly #recorded: Recorded;
  #peers: readonly Peer[] | null = null;

  constructor(record: InterfaceRecord, sight: Sight, all: Views, recorded: Recorded) {
    this.record = record;
    this.#sight = sight;
    this.#views = all;
    this.#recorded = recorded;
  }

  get uri(): string {
    return this.record.party.own.uri;
  }

  get name(): string {
    return this.record.party.own.location.stem;
  }

  get own(): InterfaceFacts {
    return this.record.party.own.facts;
  }

  get publicKey(): string | null {
    return this.record.party.own.publicKey;
  }

  get addresses(): readonly Address[] {
    return this.record.party.own.addresses;
  }

  get networks(): readonly Prefix[] {
    return this.record.party.own.networks;
  }

  get statedRole(): Role | null {
    return this.record.party.own.statedRole;
  }

  get policy(): PolicyHost | null {
    return this.record.party.own.policy;
  }

  get disk(): DiskFacts | null {
    return this.record.party.own.disk;
  }

  get facts(): WireguardFacts {
    return this.#sight === 'own' ? beyond('all that the file says') : this.record.facts;
  }

  get peers(): readonly Peer[] {
    if (this.#sight === 'own' || this.#sight === 'facts') return beyond('who the peers are');
    this.#peers ??= this.record.peers.map((peer) => peerView(peer, this.#views));
    return this.#peers;
  }

  get host(): Host {
    return this.#views.hostOf(this.record.party.host);
  }

  get mesh(): Mesh {
    const sees = this.#sight === 'whole' || this.#sight === 'facts';
    return sees ? this.#views.meshOf(this.#recorded.meshOf(this.record.party)) : beyond('the mesh');
  }
}

/** Of a peer whose file is not here the record itself: a large hub has thousands. */
function peerView(record: PeerRecord, views: Views): Peer {
  const { facts, remote, back, label, statedRole } = record;
  return isAlone(record) ? record : { facts, remote: remote && views.interfaceOf(remote), back, label, statedRole };
}

function isAlone(record: PeerRecord): record is PeerRecord & { readonly remote: null } {
  return record.remote === null;
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
  readonly #whole: boolean;
  #interfaces: readonly MeshInterface[] | null = null;

  constructor(record: MeshRecord, all: Views, whole: boolean) {
    this.record = record;
    this.policyHosts = record.policyHosts;
    this.#views = all;
    this.#whole = whole;
  }

  get interfaces(): readonly MeshInterface[] {
    if (!this.#whole) return beyond('who is in the mesh');
    this.#interfaces ??= this.record.members.map((member) => this.#views.shown(member));
    return this.#interfaces;
  }
}
