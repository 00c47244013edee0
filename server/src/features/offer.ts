// What completion offers at a place, whatever the language.
import type { Span } from '../text/span.ts';

export interface Offer {
  readonly label: string;
  readonly kind: 'keyword' | 'property' | 'value' | 'reference' | 'variable';
  readonly says: string;
  /** What is written instead of `span`. */
  readonly text: string;
  readonly span: Span;
}
