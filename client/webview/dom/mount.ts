// Puts markup into a page: elements by name, texts as texts, nothing parsed.
import type { Markup } from '../markup.ts';

const SVG = 'http://www.w3.org/2000/svg';

export function nodeOf(markup: Markup, inSvg = false): Node {
  if (typeof markup === 'string') return document.createTextNode(markup);
  const { tag, attributes, children } = markup;
  const svg = inSvg || tag === 'svg';
  const node = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (name !== 'xmlns') node.setAttribute(name, value);
  for (const child of children) node.appendChild(nodeOf(child, svg));
  return node;
}

/** In place of what `into` holds. */
export function fill(into: Element, ...markup: readonly Markup[]): void {
  into.replaceChildren(...markup.map((one) => nodeOf(one)));
}
