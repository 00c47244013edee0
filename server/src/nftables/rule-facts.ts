// What a rule says. Most is asked for seldom, and by few of the rules of a large ruleset, so each part is read when somebody asks.
import { equalData, SAME_AS } from '../text/equal.ts';
import type { StatementFacts } from '../text/fact-list.ts';
import { copied, type Span } from '../text/span.ts';
import { type AddressMention, Mentions } from './mentions.ts';
import { codeOf, type RuleCode } from './rule-code.ts';
import type { StatementFact } from './statement-facts.ts';
import { contentOf, type Named, namedAt, usesOf } from './statement-text.ts';
import { type Term, termsOf } from './terms.ts';
import type { NftablesSyntax, Reference } from './tree.ts';
import { type Target, targetsOf } from './value.ts';

/** Before or behind which rule a command puts its own: by the kernel's handle (`position` is its old name), or counted from 0. */
export interface RulePosition {
  readonly by: 'handle' | 'index';
  readonly number: number;
}

export interface RuleFact {
  readonly kind: 'rule';
  readonly command: string;
  /** Of a rule that a command adds; null for one in a chain's block. */
  readonly at: Named | null;
  readonly position: RulePosition | null;
  readonly addresses: readonly AddressMention[];
  /** The verdict it ends with. */
  readonly verdict: string | null;
  /** Whether every packet that comes to it meets its verdict. */
  readonly always: boolean;
  /** The chains its verdicts go to, those of its nameless chains included. */
  readonly targets: readonly Target[];
  /** Whether its verdict goes to a chain that is written in its place. */
  readonly nameless: boolean;
  /** All that it does, in order. */
  readonly code: readonly RuleCode[];
  readonly comment: string | null;
  readonly terms: readonly Term[];
  readonly uses?: readonly string[];
}

type RuleSyntax = Extract<NftablesSyntax, { readonly kind: 'rule' }>;

/** What was read of a rule so far. */
interface Read {
  outcome: Outcome | null;
  at: { readonly named: Named; readonly position: RulePosition | null } | null;
  mentions: Mentions | null;
  targets: readonly Target[] | null;
  code: readonly RuleCode[] | null;
  terms: readonly Term[] | null;
  uses: readonly string[] | null;
}

interface Outcome {
  readonly verdict: string | null;
  readonly always: boolean;
  readonly nameless: boolean;
  readonly comment: Span | null;
}

/** The facts of a rule, from its own text. */
export class RuleFacts implements RuleFact, StatementFacts<StatementFact> {
  readonly kind = 'rule';
  readonly #text: string;
  readonly #syntax: RuleSyntax;
  #read: Read | null = null;

  constructor(text: string, syntax: RuleSyntax) {
    this.#text = text;
    this.#syntax = syntax;
  }

  get fact(): StatementFact {
    return this;
  }

  get places(): readonly Span[] {
    // the parts of its terms stand behind the addresses
    this.terms;
    return this.#mentions().places;
  }

  get #memo(): Read {
    this.#read ??= { outcome: null, at: null, mentions: null, targets: null, code: null, terms: null, uses: null };
    return this.#read;
  }

  get command(): string {
    return this.#syntax.command;
  }

  get at(): Named | null {
    return this.#placed()?.named ?? null;
  }

  get position(): RulePosition | null {
    return this.#placed()?.position ?? null;
  }

  #placed(): Read['at'] {
    const { at } = this.#syntax;
    if (!at) return null;
    this.#memo.at ??= { named: namedAt(this.#text, at), position: positionBehind(at, this.#text) };
    return this.#memo.at;
  }

  #mentions(): Mentions {
    let found = this.#memo.mentions;
    if (!found) {
      found = new Mentions(this.#text, contentOf(this.#text));
      for (const statement of this.#syntax.statements) found.statement(statement);
      this.#memo.mentions = found;
    }
    return found;
  }

  get addresses(): readonly AddressMention[] {
    return this.#mentions().mentions;
  }

  #outcome(): Outcome {
    this.#memo.outcome ??= outcomeOf(this.#syntax);
    return this.#memo.outcome;
  }

  get verdict(): string | null {
    return this.#outcome().verdict;
  }

  get always(): boolean {
    return this.#outcome().always;
  }

  get nameless(): boolean {
    return this.#outcome().nameless;
  }

  get targets(): readonly Target[] {
    // hardly any rule has one, and all are asked
    if (!leads(this.#syntax)) return noTargets;
    this.#memo.targets ??= targetsOf({ text: this.#text, offset: 0 }, this.#syntax.statements);
    return this.#memo.targets;
  }

  get code(): readonly RuleCode[] {
    this.#memo.code ??= codeOf({ text: this.#text, offset: 0 }, this.#syntax.statements);
    return this.#memo.code;
  }

  get comment(): string | null {
    const span = this.#outcome().comment;
    return span && (/^comment\s+"?([^"]*)"?$/.exec(copied(this.#text, span.start, span.end))?.[1] ?? null);
  }

  get terms(): readonly Term[] {
    this.#memo.terms ??= termsOf({ text: this.#text, offset: 0, places: this.#mentions().places }, this.#syntax.statements);
    return this.#memo.terms;
  }

  get uses(): readonly string[] {
    this.#memo.uses ??= usesOf(
      this.#text,
      this.#syntax.statements.some(({ kind }) => kind === 'unknown'),
    );
    return this.#memo.uses;
  }

  /** Without a look at what it says where the text and what it was read as are the same. */
  [SAME_AS](other: unknown): boolean {
    if (!(other instanceof RuleFacts)) return false;
    if (this.#text === other.#text && equalData(this.#syntax, other.#syntax)) return true;
    return parts.every((part) => equalData(this[part], other[part]));
  }
}

const parts = [
  'command',
  'at',
  'position',
  'addresses',
  'verdict',
  'always',
  'targets',
  'nameless',
  'code',
  'comment',
  'terms',
  'uses',
] as const satisfies readonly (keyof RuleFact)[];

const noTargets: readonly Target[] = [];

/** Statements that let every packet go on to the next. */
const DECIDE_NOTHING: ReadonlySet<string> = new Set(['counter', 'log', 'last', 'notrack']);

function outcomeOf({ statements }: RuleSyntax): Outcome {
  let verdict: string | null = null;
  let always = true;
  let nameless = false;
  let comment: Span | null = null;
  for (const part of statements) {
    switch (part.kind) {
      case 'verdict':
        verdict = part.verdict;
        nameless ||= part.block !== null;
        break;
      case 'nat':
        verdict = part.name;
        break;
      case 'vmap':
        verdict = 'vmap';
        always = false;
        break;
      case 'action':
        if (part.name === 'reject') verdict = 'reject';
        else if (!DECIDE_NOTHING.has(part.name)) always = false;
        break;
      case 'comment':
        comment = part;
        break;
      case 'match':
      case 'unknown':
        always = false;
        break;
    }
  }
  return { verdict, always, nameless, comment };
}

/** Whether it may go to other chains. */
function leads({ statements }: RuleSyntax): boolean {
  return statements.some((part) => part.kind === 'vmap' || (part.kind === 'verdict' && (part.target !== null || part.block !== null)));
}

/** `handle 4`, `position 4` or `index 2` behind the chain's name. */
function positionBehind({ name }: Reference, text: string): RulePosition | null {
  if (!name) return null;
  const found = /^\s+(handle|position|index)\s+(\w+)/.exec(text.slice(name.end, name.end + 60));
  if (!found?.[1] || !found[2]) return null;
  return { by: found[1] === 'index' ? 'index' : 'handle', number: Number(found[2]) };
}
