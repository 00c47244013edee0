// Single addresses that somebody wrote out in a statement: not the ends of a range, not a prefix of more than one.
import { type Address, parseAddress } from '../net/address.ts';
import type { Span } from '../text/span.ts';
import type { Expression, RuleStatement, Verdict } from './tree.ts';

/** An item of its statement's facts. */
export interface AddressMention {
  readonly address: Address;
  readonly item: number;
  /** Which end of a packet it is compared with; null where it is neither or stands in a set. */
  readonly side: 'source' | 'destination' | null;
}

function sideOf(left: Expression): AddressMention['side'] {
  const field = left.kind === 'selector' ? left.field?.name : undefined;
  return field === 'saddr' ? 'source' : field === 'daddr' ? 'destination' : null;
}

/** Gathers them from one statement, whose text it is; `whole` is the place of item 0. */
export class Mentions {
  readonly mentions: AddressMention[] = [];
  readonly places: Span[];
  #side: AddressMention['side'] = null;
  readonly #text: string;

  constructor(text: string, whole: Span) {
    this.#text = text;
    this.places = [whole];
  }

  #add(span: Span, address: Span = span): void {
    const parsed = parseAddress(this.#text.slice(address.start, address.end));
    if (!parsed) return;
    this.mentions.push({ address: parsed, item: this.places.length, side: this.#side });
    this.places.push(span);
  }

  expression(expression: Expression | Verdict): void {
    switch (expression.kind) {
      case 'literal':
        if (expression.literal === 'address4' || expression.literal === 'address6') this.#add(expression);
        break;
      case 'prefix': {
        const length = this.#text.slice(expression.length.start, expression.length.end);
        if (expression.base.kind === 'literal' && length === (expression.base.literal === 'address6' ? '128' : '32'))
          this.#add(expression, expression.base);
        break;
      }
      case 'concatenation':
        for (const part of expression.parts) this.expression(part);
        break;
      case 'list':
        for (const item of expression.items) this.expression(item);
        break;
      case 'set':
        for (const element of expression.elements) {
          this.expression(element.key);
          if (element.data) this.expression(element.data);
        }
        break;
      case 'map':
        this.expression(expression.key);
        this.expression(expression.map);
        break;
      case 'verdict':
        this.statement(expression);
        break;
    }
  }

  statement(part: RuleStatement): void {
    switch (part.kind) {
      case 'match':
        this.#side = part.operator === '!=' ? null : sideOf(part.left);
        this.expression(part.right);
        this.#side = null;
        break;
      case 'vmap':
        this.expression(part.right);
        break;
      case 'assignment':
        this.expression(part.value);
        break;
      case 'nat':
        if (part.address) this.expression(part.address);
        break;
      case 'action':
        for (const value of part.values) this.expression(value);
        break;
      case 'verdict':
        for (const rule of part.block ?? []) for (const inner of rule) this.statement(inner);
        break;
    }
  }
}
