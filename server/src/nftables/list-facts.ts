// What a list of elements says, or the value of a definition. Such lists can be long, so each reading of one is made when somebody asks.
import { equalData, SAME_AS } from '../text/equal.ts';
import type { StatementFacts } from '../text/fact-list.ts';
import type { Span } from '../text/span.ts';
import { type AddressMention, Mentions } from './mentions.ts';
import type { StatementFact } from './statement-facts.ts';
import { contentOf, type Named, namedAt, usesOf, wordAt } from './statement-text.ts';
import { type Value as ReadValue, readValue } from './terms.ts';
import type { Expression, NftablesSyntax } from './tree.ts';
import { type Value, valueAt } from './value.ts';

/** A value written in a statement, read as one asks. */
class WrittenValue {
  readonly text: string;
  readonly expression: Expression | null;
  #value: Value | null = null;
  #mentions: Mentions | null = null;
  #read: ReadValue | null = null;
  #uses: readonly string[] | null = null;

  constructor(text: string, expression: Expression | null) {
    this.text = text;
    this.expression = expression;
  }

  get value(): Value | null {
    if (this.expression) this.#value ??= valueAt({ text: this.text, offset: 0 }, this.expression);
    return this.#value;
  }

  get mentions(): Mentions {
    if (!this.#mentions) {
      this.#mentions = new Mentions(this.text, contentOf(this.text));
      if (this.expression) this.#mentions.expression(this.expression);
    }
    return this.#mentions;
  }

  get read(): ReadValue | null {
    if (this.expression) this.#read ??= readValue({ text: this.text, offset: 0, places: this.mentions.places }, this.expression);
    return this.#read;
  }

  get places(): readonly Span[] {
    // what is read stands behind the addresses
    this.read;
    return this.mentions.places;
  }

  get uses(): readonly string[] {
    this.#uses ??= usesOf(this.text, false);
    return this.#uses;
  }

  isSame(other: WrittenValue): boolean {
    if (this.text === other.text && equalData(this.expression, other.expression)) return true;
    return equalData(this.value, other.value) && equalData(this.read, other.read) && equalData(this.uses, other.uses);
  }
}

export interface ElementsFact {
  readonly kind: 'elements';
  readonly command: string;
  readonly at: Named | null;
  readonly elements: Value;
  readonly addresses: readonly AddressMention[];
  /** The elements with their words read. */
  readonly read: ReadValue;
  readonly uses?: readonly string[];
}

const unreadable: ReadValue = { is: 'unknown' };
const missing: Value = { kind: 'other' };

/** The facts of elements, from the text of their statement. */
export class ElementsFacts implements ElementsFact, StatementFacts<StatementFact> {
  readonly kind = 'elements';
  readonly command: string;
  readonly at: Named | null;
  readonly #written: WrittenValue;

  constructor(text: string, { command, at, elements }: Extract<NftablesSyntax, { readonly kind: 'elements' }>) {
    this.command = command;
    this.at = at && namedAt(text, at);
    this.#written = new WrittenValue(text, elements);
  }

  get fact(): StatementFact {
    return this;
  }

  get places(): readonly Span[] {
    return this.#written.places;
  }

  get elements(): Value {
    return this.#written.value ?? missing;
  }

  get addresses(): readonly AddressMention[] {
    return this.#written.mentions.mentions;
  }

  get read(): ReadValue {
    return this.#written.read ?? unreadable;
  }

  get uses(): readonly string[] {
    return this.#written.uses;
  }

  [SAME_AS](other: unknown): boolean {
    return (
      other instanceof ElementsFacts &&
      this.command === other.command &&
      equalData(this.at, other.at) &&
      this.#written.isSame(other.#written)
    );
  }
}

export interface DefinitionFact {
  readonly kind: 'definition';
  readonly command: string;
  readonly name: string | null;
  readonly value: Value | null;
  readonly addresses: readonly AddressMention[];
  /** The value with its words read. */
  readonly read: ReadValue | null;
  readonly uses?: readonly string[];
}

/** The facts of a definition, from the text of its statement. */
export class DefinitionFacts implements DefinitionFact, StatementFacts<StatementFact> {
  readonly kind = 'definition';
  readonly command: string;
  readonly name: string | null;
  readonly #written: WrittenValue;

  constructor(text: string, { command, name, value }: Extract<NftablesSyntax, { readonly kind: 'definition' }>) {
    this.command = command;
    this.name = wordAt(text, name);
    this.#written = new WrittenValue(text, value);
  }

  get fact(): StatementFact {
    return this;
  }

  get places(): readonly Span[] {
    return this.#written.places;
  }

  get value(): Value | null {
    return this.#written.value;
  }

  get addresses(): readonly AddressMention[] {
    return this.#written.mentions.mentions;
  }

  get read(): ReadValue | null {
    return this.#written.read;
  }

  get uses(): readonly string[] {
    return this.#written.uses;
  }

  [SAME_AS](other: unknown): boolean {
    return (
      other instanceof DefinitionFacts && this.command === other.command && this.name === other.name && this.#written.isSame(other.#written)
    );
  }
}
