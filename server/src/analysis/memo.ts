// What rules found, kept by what they looked at, and asked again where that is another.

import { knownAddresses, meshesOf } from '../mesh/addresses.ts';
import type { BuiltMesh } from '../mesh/build.ts';
import { readBy } from '../mesh/includes.ts';
import type { PolicyFile } from '../mesh/known-hosts.ts';
import type { MeshInterface, MeshModel, Ruleset } from '../mesh/model.ts';
import { hostAlone, interfaceAlone, noModel } from '../mesh/model-view.ts';
import type { HostRecord, InterfaceRecord, Party } from '../mesh/record.ts';
import type { Sight } from '../mesh/views.ts';
import type { RulesetFile } from '../nftables/ruleset/state.ts';
import { rules } from '../rules/registry.ts';
import type { FileRule, Finding, InterfaceRule, MeshRule, PolicyRule, Report, Rule, RulesetFileRule, RulesetRule } from '../rules/rule.ts';
import { none } from '../text/statement.ts';
import { noteChange, type Source, type Told, toldOf } from './found.ts';
import { guarded } from './guard.ts';
import { made } from './made.ts';

interface OfLinks {
  readonly record: InterfaceRecord;
  readonly told: Told;
  /** The rules that read more and may find something in the interface. */
  readonly whole: readonly InterfaceRule[];
  readonly model: readonly InterfaceRule[];
}

interface OfPolicy {
  readonly facts: PolicyFile['facts'];
  readonly links: BuiltMesh['links'];
  readonly told: Told;
}

interface OfRuleset {
  readonly inputs: readonly unknown[];
  readonly told: Told;
}

export interface Memo {
  /** Of rules about one interface and its links. */
  readonly ofLinks: ReadonlyMap<string, OfLinks>;
  /** Of rules about one interface that read more of its mesh, and of those that read rulesets. */
  readonly ofMeshes: Source;
  readonly ofModel: Source;
  /** Of rules about whole meshes. */
  readonly wholes: readonly Finding[];
  /** Of rules that look at one workspace file and the mesh. */
  readonly ofPolicies: ReadonlyMap<string, OfPolicy>;
  /** Of rules that look at one ruleset file alone. */
  readonly ofFiles: ReadonlyMap<string, { readonly facts: Ruleset['facts']; readonly told: Told }>;
  /** Of rules that look at a ruleset with what it includes, and with so much of its host. */
  readonly ofRulesets: readonly ReadonlyMap<string, OfRuleset>[];
  /** Whether findings of rules that read a whole ruleset are those of a moment ago. */
  readonly unfinished: boolean;
}

const interfaceRules = rules.filter((rule): rule is InterfaceRule => rule.scope === 'interface');
const linkRules = interfaceRules.filter(({ reads }) => reads === undefined);
const wholeRules = interfaceRules.filter(({ reads }) => reads === 'mesh');
const modelRules = interfaceRules.filter(({ reads }) => reads === 'rulesets');
const meshRules = rules.filter((rule): rule is MeshRule => rule.scope === 'mesh');
const policyRules = rules.filter((rule): rule is PolicyRule => rule.scope === 'policy');
const fileRules = rules.filter((rule): rule is FileRule => rule.scope === 'file');
const rulesetFileRules = rules.filter((rule): rule is RulesetFileRule => rule.scope === 'ruleset-file');
const rulesetRules = rules.filter((rule): rule is RulesetRule => rule.scope === 'ruleset');

/** Rules that are shown the same of a ruleset’s host, and what that is made from. */
interface Level {
  readonly rules: readonly RulesetRule[];
  /** Null is everything. */
  readonly sight: Sight | null;
  readonly inputs: (host: HostRecord, mesh: BuiltMesh) => readonly unknown[];
}

const recordsOf = (host: HostRecord, { state }: BuiltMesh): readonly InterfaceRecord[] =>
  host.parties.map(({ own }) => state.records[state.places.get(own.uri) as number] as InterfaceRecord);

const filesOf = (host: HostRecord, mesh: BuiltMesh): readonly unknown[] => [host, ...recordsOf(host, mesh).map(({ facts }) => facts)];

const knownOf = (host: HostRecord, { links }: BuiltMesh): readonly unknown[] => meshesOf(links.views.hostOf(host)).map(knownAddresses);

const rulesReading = (reads: RulesetRule['reads']): readonly RulesetRule[] => rulesetRules.filter((rule) => rule.reads === reads);

const levels: readonly Level[] = [
  { rules: rulesReading('host'), sight: 'own', inputs: (host) => [host] },
  { rules: rulesReading('files'), sight: 'facts', inputs: filesOf },
  { rules: rulesReading('addresses'), sight: 'facts', inputs: (host, mesh) => [...filesOf(host, mesh), ...knownOf(host, mesh)] },
  { rules: rulesReading('links'), sight: 'links', inputs: (host, mesh) => [host, ...recordsOf(host, mesh)] },
  { rules: rulesReading('mesh'), sight: null, inputs: (_, { links }) => [links] },
];

let asked = 0;

/** How often a rule was asked, since the program began: for tests of what an edit costs. */
export function rulesAsked(): number {
  return asked;
}

/** Asks the rules; what `old` found is kept where they would see the same. In a hurry, rules that read a whole ruleset wait. */
export function memoOf(
  mesh: BuiltMesh,
  policies: readonly PolicyFile[],
  old: { readonly mesh: BuiltMesh; readonly memo: Memo } | undefined,
  hurry: boolean,
): Memo {
  const before = old?.memo;
  const sameLinks = old?.mesh.links === mesh.links;
  const ofLinks = before && sameLinks ? before.ofLinks : checkLinks(mesh, old);
  const unfinished = { any: false };
  return {
    ofLinks,
    ofMeshes: before && sameLinks ? before.ofMeshes : checkInterfaces(({ whole }) => whole, ofLinks, mesh, before?.ofMeshes),
    ofModel: checkInterfaces(({ model }) => model, ofLinks, mesh, before?.ofModel),
    wholes: checkMeshes(mesh),
    ofPolicies: checkPolicies(mesh, policies, before?.ofPolicies),
    ofFiles: checkFiles(mesh, before?.ofFiles, hurry, unfinished),
    ofRulesets: checkRulesets(mesh, before?.ofRulesets),
    unfinished: unfinished.any,
  };
}

function ask(rule: Rule, check: (report: (found: Report) => void) => void, into: Finding[]): void {
  asked++;
  guarded(rule.id, () => check((report) => into.push(made(rule, report))));
}

/** What rules find that look at an interface. */
function askInterface(some: readonly InterfaceRule[], node: MeshInterface, model: MeshModel): readonly Finding[] {
  const findings: Finding[] = [];
  // of a thousand interfaces, functions for each and each rule would be most of the memory that this takes
  let asking = some[0] as InterfaceRule;
  const report = (found: Report): void => {
    findings.push(made(asking, found));
  };
  const work = (): void => asking.check(node, model, report);
  for (let i = 0; i < some.length; i++) {
    asking = some[i] as InterfaceRule;
    asked++;
    guarded(asking.id, work);
  }
  return findings;
}

function checkLinks({ state }: BuiltMesh, old: { readonly mesh: BuiltMesh; readonly memo: Memo } | undefined): Memo['ofLinks'] {
  const before = old?.memo.ofLinks;
  const records = old?.mesh.state.places === state.places ? old.mesh.state.records : none;
  // a map is copied faster than it is made anew, and most edits change one or two of its thousand
  const result = new Map(records === none ? none : before);
  const changed: string[] = [];
  for (let place = 0; place < state.records.length; place++) {
    const record = state.records[place] as InterfaceRecord;
    if (record === records[place]) continue;
    const { uri } = record.party.own;
    const known = before?.get(uri);
    result.set(uri, known?.record === record ? known : checkLink(state, record, known));
    changed.push(uri);
  }
  if (before && records !== none) noteChange(result, before, changed);
  return result;
}

function checkLink(state: BuiltMesh['state'], record: InterfaceRecord, before: OfLinks | undefined): OfLinks {
  const { uri } = record.party.own;
  const findings = askInterface(linkRules, interfaceAlone(state, record), noModel);
  const concerned = (some: readonly InterfaceRule[]): readonly InterfaceRule[] =>
    some.filter((rule) => guarded(rule.id, () => rule.concerns?.(record) ?? true));
  return { record, told: toldOf(uri, findings, before?.told), whole: concerned(wholeRules), model: concerned(modelRules) };
}

function checkInterfaces(
  rulesOf: (of: OfLinks) => readonly InterfaceRule[],
  ofLinks: Memo['ofLinks'],
  { state, links, model }: BuiltMesh,
  old: Source | undefined,
): Source {
  const result = new Map<string, { readonly told: Told }>();
  const recordOf = ({ own }: Party): InterfaceRecord => state.records[state.places.get(own.uri) as number] as InterfaceRecord;
  let asking: InterfaceRecord;
  const may = (rule: InterfaceRule): boolean => guarded(rule.id, () => rule.concernsWith?.(asking, recordOf) ?? true) ?? false;
  for (const [uri, of] of ofLinks) {
    if (rulesOf(of).length === 0) continue;
    asking = of.record;
    const some = rulesOf(of).filter(may);
    if (some.length === 0) continue;
    const findings = askInterface(some, links.views.shown(of.record), model);
    if (findings.length > 0) result.set(uri, { told: toldOf(uri, findings, old?.get(uri)?.told) });
  }
  return result;
}

function checkMeshes({ state, links, model }: BuiltMesh): readonly Finding[] {
  const findings: Finding[] = [];
  const meshes = state.meshes.map((record) => links.views.meshOf(record));
  for (const rule of meshRules) for (const mesh of meshes) ask(rule, (report) => rule.check(mesh, model, report), findings);
  return findings;
}

function checkPolicies(
  { links, model }: BuiltMesh,
  policies: readonly PolicyFile[],
  old: Memo['ofPolicies'] | undefined,
): Memo['ofPolicies'] {
  const result = new Map<string, OfPolicy>();
  for (const policy of policies) {
    const { uri, facts } = policy;
    const before = old?.get(uri);
    if (before?.facts === facts && before.links === links) {
      result.set(uri, before);
      continue;
    }
    const findings: Finding[] = [];
    for (const rule of policyRules) ask(rule, (report) => rule.check(policy, model, report), findings);
    result.set(uri, { facts, links, told: toldOf(uri, findings, before?.told) });
  }
  return result;
}

function checkFiles(
  { rulesets }: BuiltMesh,
  old: Memo['ofFiles'] | undefined,
  hurry: boolean,
  unfinished: { any: boolean },
): Memo['ofFiles'] {
  const result = new Map<string, { facts: Ruleset['facts']; told: Told }>();
  for (const ruleset of rulesets.all) {
    const { uri, facts } = ruleset;
    const before = old?.get(uri);
    // with as many statements as before each finding stands at the one it was made for, or at the one that is typed
    const late = hurry && before?.facts !== facts && before?.facts.statements.length === facts.statements.length;
    unfinished.any ||= late;
    if (before && (late || before.facts === facts)) {
      result.set(uri, before);
      continue;
    }
    const findings: Finding[] = [];
    for (const rule of fileRules) ask(rule, (report) => rule.check(ruleset, report), findings);
    result.set(uri, { facts, told: toldOf(uri, findings, before?.told) });
  }
  return result;
}

function checkRulesets(mesh: BuiltMesh, old: Memo['ofRulesets'] | undefined): Memo['ofRulesets'] {
  const files = filesByRuleset(mesh);
  const alone = checkEach(
    mesh,
    files,
    old?.[0],
    () => [],
    (ruleset, _, into) => {
      for (const rule of rulesetFileRules) ask(rule, (report) => rule.check(ruleset, mesh.model, report), into);
    },
  );
  const withHosts = levels.map(({ rules: some, sight, inputs }, i) =>
    checkEach(
      mesh,
      files,
      old?.[i + 1],
      (host) => (host ? inputs(host, mesh) : []),
      (ruleset, record, into) => {
        if (!record) return;
        const { host, model } = sight ? hostAlone(mesh, record, sight) : { host: mesh.links.views.hostOf(record), model: mesh.model };
        for (const rule of some) ask(rule, (report) => rule.check(ruleset, host, model, report), into);
      },
    ),
  );
  return [alone, ...withHosts];
}

/** Asks of each ruleset whose files, or `more` of its host, are not what they were. */
function checkEach(
  { rulesets, hosts }: BuiltMesh,
  files: ReadonlyMap<string, readonly unknown[]>,
  old: ReadonlyMap<string, OfRuleset> | undefined,
  more: (host: HostRecord | undefined) => readonly unknown[],
  check: (ruleset: Ruleset, host: HostRecord | undefined, into: Finding[]) => void,
): ReadonlyMap<string, OfRuleset> {
  const result = new Map<string, OfRuleset>();
  for (const ruleset of rulesets.all) {
    const host = hosts.get(ruleset.uri);
    const inputs = [...(files.get(ruleset.uri) ?? none), ...more(host)];
    const before = old?.get(ruleset.uri);
    if (before && sameItems(before.inputs, inputs)) {
      result.set(ruleset.uri, before);
      continue;
    }
    const findings: Finding[] = [];
    check(ruleset, host, findings);
    result.set(ruleset.uri, { inputs, told: toldOf(ruleset.uri, findings, before?.told) });
  }
  return result;
}

/** Of each ruleset all files that rules about it may look at: its host’s rulesets, and what they include. */
function filesByRuleset({ rulesets, hosts }: BuiltMesh): ReadonlyMap<string, readonly unknown[]> {
  const byHost = new Map<HostRecord, Ruleset[]>();
  for (const ruleset of rulesets.all) {
    const host = hosts.get(ruleset.uri);
    const list = host && byHost.get(host);
    if (list) list.push(ruleset);
    else if (host) byHost.set(host, [ruleset]);
  }
  const result = new Map<string, readonly unknown[]>();
  for (const ruleset of rulesets.all) {
    const host = hosts.get(ruleset.uri);
    const files = new Set<RulesetFile>();
    for (const one of [ruleset, ...((host && byHost.get(host)) ?? none)]) {
      files.add(one);
      for (const file of readBy(one, rulesets.included)) files.add(file);
    }
    result.set(
      ruleset.uri,
      [...files].flatMap(({ uri, facts }) => [uri, facts, rulesets.parts.has(uri)]),
    );
  }
  return result;
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** All that was told, by what was looked at. */
export function sourcesOf({ ofLinks, ofMeshes, ofModel, ofPolicies, ofFiles, ofRulesets }: Memo): readonly Source[] {
  return [ofLinks, ofMeshes, ofModel, ofPolicies, ofFiles, ...ofRulesets];
}
