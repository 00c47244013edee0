// HTML and SVG as plain data: made by pure functions, put into a page by dom/mount.ts, or written out as text. A text is never markup.

export type Markup = string | Element;

export interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Markup[];
}

/** Attributes of `false`, `null` and `undefined` are left out, of `true` they are empty. */
export type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

export function element(
  tag: string,
  attributes: Attributes = {},
  ...children: readonly (Markup | null | false | readonly Markup[])[]
): Element {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null && value !== undefined) own[name] = value === true ? '' : String(value);
  }
  return { tag, attributes: own, children: children.flat().filter((child) => child !== null && child !== false) };
}

const alone = new Set(['input', 'br', 'hr']);

/** As text, for a file: XML where everything is closed. */
export function markupText(markup: Markup): string {
  if (typeof markup === 'string') return escaped(markup);
  const { tag, attributes, children } = markup;
  const head = [tag, ...Object.entries(attributes).map(([name, value]) => `${name}="${escaped(value)}"`)].join(' ');
  return alone.has(tag) ? `<${head}/>` : `<${head}>${children.map(markupText).join('')}</${tag}>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (character) => entities[character] ?? '');
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** The text that stands in it, as a person reads it. */
export function textIn(markup: Markup): string {
  return typeof markup === 'string' ? markup : markup.children.map(textIn).join(' ').replace(/\s+/g, ' ').trim();
}

/** All elements in it that `wanted` takes, itself included, in order. */
export function elementsIn(markup: Markup, wanted: (one: Element) => boolean): readonly Element[] {
  if (typeof markup === 'string') return [];
  const inner = markup.children.flatMap((child) => elementsIn(child, wanted));
  return wanted(markup) ? [markup, ...inner] : inner;
}
