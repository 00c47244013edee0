// Joins the facts of all files into the model: who is who, which ruleset is whose, and what includes what.
import type { MeshFile } from './file.ts';
import type { MeshModel, Ruleset } from './model.ts';
import { LinksView, type ModelSources, modelOf, type Rulesets, rulesetsOf } from './model-view.ts';
import { type RulesetHosts, rulesetHosts } from './rulesets.ts';
import { type LinkState, linkState } from './state.ts';

/** A model with what it was made from. */
export interface BuiltMesh extends ModelSources {
  readonly links: LinksView;
  readonly model: MeshModel;
}

/** The mesh of these files; `old` itself, or its parts, where they say the same. */
export function buildMesh(files: readonly MeshFile[], old?: BuiltMesh): BuiltMesh {
  const configs: MeshFile[] = [];
  const all: Ruleset[] = [];
  for (const file of files) {
    const { uri, facts } = file;
    if (facts.language === 'nftables') all.push({ uri, facts });
    else configs.push(file);
  }
  const state = linkState(configs, old?.state);
  const rulesets = old && sameRulesets(all, old.rulesets.all) ? old.rulesets : rulesetsOf(all);
  if (old && state === old.state && rulesets === old.rulesets) return old;
  const links = old && state === old.state ? old.links : new LinksView(state);
  const sources = { state, rulesets, hosts: hostsOf(state, rulesets, old) };
  return { ...sources, links, model: modelOf(sources, links) };
}

function sameRulesets(a: readonly Ruleset[], b: readonly Ruleset[]): boolean {
  return a.length === b.length && a.every(({ uri, facts }, i) => uri === b[i]?.uri && facts === b[i].facts);
}

/** The same map where it has the same in it. */
function hostsOf(state: LinkState, rulesets: Rulesets, old: BuiltMesh | undefined): RulesetHosts {
  const hosts = rulesetHosts(state, rulesets.all);
  const same = old?.hosts.size === hosts.size && [...hosts].every(([uri, host]) => old.hosts.get(uri) === host);
  return same ? old.hosts : hosts;
}
