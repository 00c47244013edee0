// What a ruleset's commands leave behind once they are carried out in order: tables with all that is in them. Plain data; what
// the files do not tell is null, or listed as unknown with the statement that brings it.
import type { Origin } from '../../text/origin.ts';
import type { NftablesFacts } from '../facts.ts';
import type { RuleFact } from '../rule-facts.ts';
import type { Value } from '../value.ts';
import type { Variables } from './variables.ts';

/** A file of a ruleset. */
export interface RulesetFile {
  readonly uri: string;
  readonly facts: NftablesFacts;
}

/** The files that an include of the file `uri` reads, in their order; null where that hangs on the machine it is loaded on. */
export type Included = (uri: string, path: string) => readonly RulesetFile[] | null;

export interface RulesetState {
  readonly tables: readonly Table[];
  /** Statements that may change anything, by what is not known here: includes, and what handles alone name. */
  readonly unknown: readonly Origin[];
}

interface Made {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** Where it is named first. */
  readonly at: Origin;
  readonly comment: string | null;
}

export interface Table {
  readonly family: string;
  readonly name: string;
  readonly at: Origin;
  /** Whether a statement makes it; else it must be there before. */
  readonly made: boolean;
  readonly flags: readonly string[];
  readonly comment: string | null;
  readonly chains: readonly Chain[];
  readonly sets: readonly NamedSet[];
  readonly objects: readonly NamedObject[];
  readonly flowtables: readonly Flowtable[];
}

export interface BaseChain {
  readonly type: string | null;
  readonly hook: string | null;
  /** As the kernel counts; null where the name or variable is not known here. */
  readonly priority: number | null;
  /** null where they are not known here. */
  readonly devices: readonly string[] | null;
  /** accept where none is written (nft(8)); null where a variable that is not known here says it. */
  readonly policy: string | null;
  /** Of the line that makes it a base chain. */
  readonly at: Origin;
  readonly policyAt: Origin | null;
}

export interface Chain extends Made {
  readonly base: BaseChain | null;
  /** In the order they are tried. */
  readonly rules: readonly ChainRule[];
  /** Statements that change its rules in a way that is not known here: by a handle, or beside a rule that has one. */
  readonly unknown: readonly Origin[];
}

export interface ChainRule extends Origin {
  readonly fact: RuleFact;
  /** The chains its verdicts go to; null for one that a variable names which is not known here. */
  readonly targets: readonly (string | null)[];
  /** As they stand there. */
  readonly variables: Variables | null;
}

/** One statement that changes a set's elements, with the variables as they stand there. */
export interface ElementChange {
  readonly command: string;
  readonly elements: Value;
  readonly variables: Variables | null;
  readonly at: Origin;
}

export interface NamedSet extends Made {
  readonly kind: 'set' | 'map';
  /** The datatypes of a key's parts; null for one that only an expression tells. */
  readonly keys: readonly (string | null)[];
  readonly data: readonly (string | null)[] | null;
  readonly flags: readonly string[];
  readonly autoMerge: boolean;
  readonly size: number | null;
  /** What was added and taken away, in order; `elementsOf` carries it out. */
  readonly changes: readonly ElementChange[];
}

export interface NamedObject extends Made {
  /** counter, quota, limit, `ct helper`, `ct timeout`, `ct expectation`, secmark, synproxy, tunnel. */
  readonly kind: string;
}

export interface Flowtable extends Made {
  readonly hook: string | null;
  readonly priority: number | null;
  readonly devices: readonly string[] | null;
}
