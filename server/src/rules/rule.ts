// What a rule is, what it finds, and what it is given. A rule is one file: its text, check, fix and examples.
import type { PolicyFile } from '../mesh/known-hosts.ts';
import type { Host, Mesh, MeshInterface, MeshModel, Ruleset } from '../mesh/model.ts';
import type { InterfaceRecord, Party } from '../mesh/record.ts';
import type { NftablesTree } from '../nftables/tree.ts';
import type { NftVersion } from '../nftables/vocabulary/versions.ts';
import type { View } from '../policy/views.ts';
import type { AccessMatrix } from '../reach/matrix/matrix.ts';
import type { Fix } from '../text/edit.ts';
import type { Origin, Place } from '../text/origin.ts';
import type { Span } from '../text/span.ts';
import type { Target } from '../wireguard/targets/target.ts';
import type { WireguardTree } from '../wireguard/tree.ts';
import type { WgVersion } from '../wireguard/version.ts';

export type Severity = 'error' | 'warning' | 'info' | 'hint';

export interface RelatedPlace extends Origin {
  readonly message: string;
}

/** A finding by what the facts say; its place becomes a span when it is shown. */
export interface Finding extends Origin {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly related: readonly RelatedPlace[];
  /** The real tool that refuses the file for this reason; null where it takes it. */
  readonly refusedBy: string | null;
  /** What fails only later: when the interface comes up, in a hook, or because of the machine. */
  readonly failsAt: 'up' | 'hook' | 'machine' | null;
}

/** A finding in the text as it is now. */
export interface ShownFinding extends Omit<Finding, 'related'> {
  /** In the file. */
  readonly span: Span;
  readonly related: readonly { readonly uri: string; readonly span: Span; readonly message: string }[];
  /** What may stand there instead, best first. */
  readonly suggest: readonly string[];
}

/** The statement of a finding that the parser told, which has no facts. */
export const NO_STATEMENT = -1;

/** What a rule reports; what is left out is the rule's default. */
export interface Report {
  readonly uri: string;
  readonly at: Place;
  readonly message: string;
  readonly severity?: Severity;
  readonly related?: readonly RelatedPlace[];
  readonly refusedBy?: string;
  readonly failsAt?: 'up' | 'hook' | 'machine';
}

export interface Example {
  /** Files as in a fixture: a line `-- path --` before each; one file without it is `wg0.conf` or `nftables.conf` by the rule's group. */
  readonly bad: string;
  readonly good: string;
  /** The version that reads it so, where the newest does not. */
  readonly wgVersion?: WgVersion;
  /** The apps the files are given to, for rules that speak of them. */
  readonly targets?: readonly Target[];
  /** The version of nft that both are read for, where it is not the newest. */
  readonly nftVersion?: NftVersion;
}

export interface RuleDocs {
  /** One sentence for a list. */
  readonly summary: string;
  /** Why it matters and what to do, in Markdown. */
  readonly why: string;
  /** Fixing `bad` gives `good`, where the rule has a fix. */
  readonly examples: readonly Example[];
}

interface CommonRule {
  readonly id: string;
  readonly severity: Severity;
  readonly docs: RuleDocs;
  /** Ways to mend a finding, best first; made when they are asked for. */
  fix?(finding: ShownFinding, context: FixContext): readonly Fix[];
}

/** Told by the parsers as they read; the rule gives it a name, a severity and its page. */
export interface SyntaxRule extends CommonRule {
  readonly scope: 'syntax';
}

/** Looks at one interface, with the mesh around it. */
export interface InterfaceRule extends CommonRule {
  readonly scope: 'interface';
  /**
   * What it looks at besides the interface with its links (`MeshInterface.record`): other interfaces with their peers, and who has which
   * address, or those and rulesets. Then it is asked again whenever any of that changed. Left out, it sees no more (`mesh/views.ts`), and
   * is asked again only where its interface, or what the other ends say of it, did.
   */
  readonly reads?: 'mesh' | 'rulesets';
  /**
   * Of one that reads more: whether it may find anything in an interface with these links, whatever else there is. Asked once for each
   * record, so that at an edit only those are looked at again that are worth it. Left out, all are.
   */
  concerns?(record: InterfaceRecord): boolean;
  /** The same with the records of others as they are now: asked at each edit, of those that `concerns` leaves, before anything is made to look at. */
  concernsWith?(record: InterfaceRecord, recordOf: (party: Party) => InterfaceRecord): boolean;
  check(node: MeshInterface, model: MeshModel, report: (finding: Report) => void): void;
}

/** Looks at a whole mesh, and may read rulesets. */
export interface MeshRule extends CommonRule {
  readonly scope: 'mesh';
  check(mesh: Mesh, model: MeshModel, report: (finding: Report) => void): void;
}

/** Looks at one host's ruleset. */
export interface RulesetRule extends CommonRule {
  readonly scope: 'ruleset';
  /**
   * What it looks at besides the host’s rulesets, and no more is shown to it: of the host’s interfaces what they are by themselves; all that
   * their files say; that, and which addresses are known in their meshes; themselves with their links; or the whole mesh. It is asked again
   * where that changed.
   */
  readonly reads: 'host' | 'files' | 'addresses' | 'links' | 'mesh';
  check(ruleset: Ruleset, host: Host, model: MeshModel, report: (finding: Report) => void): void;
}

/** Looks at one ruleset file with what it includes, whosever it is. */
export interface RulesetFileRule extends CommonRule {
  readonly scope: 'ruleset-file';
  check(ruleset: Ruleset, model: MeshModel, report: (finding: Report) => void): void;
}

/** Looks at one ruleset file alone, whether or not a host of a mesh is around it. */
export interface FileRule extends CommonRule {
  readonly scope: 'file';
  check(ruleset: Ruleset, report: (finding: Report) => void): void;
}

/** Looks at one workspace file, with the mesh that it speaks of. */
export interface PolicyRule extends CommonRule {
  readonly scope: 'policy';
  check(policy: PolicyFile, model: MeshModel, report: (finding: Report) => void): void;
}

/** What a rule about access is given. */
export interface AccessContext {
  readonly model: MeshModel;
  readonly policies: readonly PolicyFile[];
  matrix(view: View): AccessMatrix;
  /** Notes down whether what stands at a place, a grant or a test’s target, holds. */
  holds(at: Origin, result: Holds): void;
}

export type Holds = 'yes' | 'no' | 'unknown';

/**
 * Looks at who reaches whom. That takes too long for each keystroke: it is asked once nobody types any more, and it is a generator, so
 * that whoever drives it may do other things between two steps, or stop.
 */
export interface AccessRule extends CommonRule {
  readonly scope: 'access';
  check(context: AccessContext, report: (finding: Report) => void): Generator<void, void, void>;
}

export type Rule = SyntaxRule | FileRule | InterfaceRule | MeshRule | RulesetRule | RulesetFileRule | PolicyRule | AccessRule;

/** What a fix may look at: the files as they are now. */
export interface FixContext {
  readonly model: MeshModel;
  readonly policies: readonly PolicyFile[];
  /** Where hosts keep their key files. */
  readonly keyPath: string;
  text(uri: string): string;
  wireguard(uri: string): WireguardTree | null;
  nftables(uri: string): NftablesTree | null;
  /** The span in the file of a place; null where the text has moved on. */
  span(uri: string, place: Place): Span | null;
}
