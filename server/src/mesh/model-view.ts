// The model of one version, and what of it those may see whose findings are kept by records.
import type { Included } from '../nftables/ruleset/state.ts';
import { partsOf, resolver } from './includes.ts';
import type { Host, Links, MeshInterface, MeshModel, Ruleset } from './model.ts';
import type { HostRecord, InterfaceRecord, MeshRecord, Party } from './record.ts';
import type { RulesetHosts } from './rulesets.ts';
import { shownMap } from './shown-map.ts';
import type { LinkState } from './state.ts';
import { beyond, narrowViews, type Recorded, type Sight, type Views, viewsOf } from './views.ts';

/** Where the record of an interface and its mesh are. */
function recorded({ places, records, partition, meshes }: LinkState): Recorded {
  const placeOf = ({ own }: Party): number => places.get(own.uri) as number;
  return {
    interfaceOf: (party) => records[placeOf(party)] as InterfaceRecord,
    meshOf: (party) => meshes[partition[placeOf(party)] as number] as MeshRecord,
  };
}

/** Rulesets with what they include, the same objects while no ruleset changes. */
export interface Rulesets {
  readonly all: readonly Ruleset[];
  readonly included: Included;
  readonly parts: ReadonlySet<string>;
}

export function rulesetsOf(all: readonly Ruleset[]): Rulesets {
  const included = resolver(all);
  return { all, included, parts: partsOf(all, included) };
}

export class LinksView implements Links {
  readonly views: Views;
  readonly interfaceOf: ReadonlyMap<string, MeshInterface>;
  readonly byKey: ReadonlyMap<string, readonly MeshInterface[]>;
  readonly #state: LinkState;
  #interfaces: readonly MeshInterface[] | null = null;
  #hosts: readonly Host[] | null = null;

  constructor(state: LinkState) {
    this.#state = state;
    const views = viewsOf(recorded(state));
    this.views = views;
    const at = (place: number): MeshInterface => views.shown(state.records[place] as InterfaceRecord);
    this.interfaceOf = shownMap(state.places, at);
    this.byKey = shownMap(state.byKey, (uris) => uris.map((uri) => at(state.places.get(uri) as number)));
  }

  get interfaces(): readonly MeshInterface[] {
    this.#interfaces ??= this.#state.records.map((record) => this.views.shown(record));
    return this.#interfaces;
  }

  get hosts(): readonly Host[] {
    this.#hosts ??= this.#state.hosts.map((record) => this.views.hostOf(record));
    return this.#hosts;
  }
}

/** What a model is made from. */
export interface ModelSources {
  readonly state: LinkState;
  readonly rulesets: Rulesets;
  readonly hosts: RulesetHosts;
}

export function modelOf(sources: ModelSources, links: LinksView): MeshModel {
  return new ModelView(sources, links.views, () => links);
}

/** One interface as a rule sees it that looks at no more than the interface and its links. */
export function interfaceAlone(state: LinkState, record: InterfaceRecord): MeshInterface {
  return narrowViews(recorded(state), [record.party], 'links').shown(record);
}

/** One host with its rulesets, as a rule sees it that looks at so much of the host’s interfaces. */
export function hostAlone(sources: ModelSources, record: HostRecord, sight: Sight): { readonly host: Host; readonly model: MeshModel } {
  const views = narrowViews(recorded(sources.state), record.parties, sight);
  return { host: views.hostOf(record), model: new ModelView(sources, views, () => beyond('other hosts')) };
}

class ModelView implements MeshModel {
  readonly rulesets: readonly Ruleset[];
  readonly included: Included;
  readonly parts: ReadonlySet<string>;
  readonly #sources: ModelSources;
  readonly #views: Views;
  readonly #links: () => Links;
  #rulesetsOf: ReadonlyMap<Host, readonly Ruleset[]> | null = null;
  #hostOf: ReadonlyMap<string, Host> | null = null;

  constructor(sources: ModelSources, views: Views, links: () => Links) {
    this.rulesets = sources.rulesets.all;
    this.included = sources.rulesets.included;
    this.parts = sources.rulesets.parts;
    this.#sources = sources;
    this.#views = views;
    this.#links = links;
  }

  get links(): Links {
    return this.#links();
  }

  get rulesetsOf(): ReadonlyMap<Host, readonly Ruleset[]> {
    if (this.#rulesetsOf) return this.#rulesetsOf;
    const made = new Map<Host, Ruleset[]>();
    for (const ruleset of this.rulesets) {
      const record = this.#sources.hosts.get(ruleset.uri);
      if (!record) continue;
      const host = this.#views.hostOf(record);
      const list = made.get(host);
      if (list) list.push(ruleset);
      else made.set(host, [ruleset]);
    }
    this.#rulesetsOf = made;
    return made;
  }

  get hostOf(): ReadonlyMap<string, Host> {
    if (this.#hostOf) return this.#hostOf;
    const { state, hosts } = this.#sources;
    const records = new Map<string, HostRecord>(hosts);
    for (const { own, host } of state.parties) records.set(own.uri, host);
    this.#hostOf = shownMap(records, (record) => this.#views.hostOf(record));
    return this.#hostOf;
  }
}

/** What a rule sees of the model that looks at one interface alone: nothing. */
export const noModel: MeshModel = {
  get links(): never {
    return beyond('the mesh');
  },
  get rulesets(): never {
    return beyond('rulesets');
  },
  get rulesetsOf(): never {
    return beyond('rulesets');
  },
  get hostOf(): never {
    return beyond('other hosts');
  },
  get included(): never {
    return beyond('rulesets');
  },
  get parts(): never {
    return beyond('rulesets');
  },
};
