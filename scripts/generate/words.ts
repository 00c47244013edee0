// Words as regular expressions: one that takes any word of a list and tries each letter only once, so that long lists stay fast.

interface Node {
  readonly next: Map<string, Node>;
  ends: boolean;
}

/** A pattern that takes the longest of `words` that stands there. `words` is not empty. */
export function anyOf(words: Iterable<string>): string {
  const top: Node = { next: new Map(), ends: false };
  for (const word of [...new Set(words)].sort()) {
    let node = top;
    for (const letter of word) {
      let next = node.next.get(letter);
      if (!next) {
        next = { next: new Map(), ends: false };
        node.next.set(letter, next);
      }
      node = next;
    }
    node.ends = true;
  }
  if (top.next.size === 0) throw new Error('a pattern of no words would match everywhere');
  return patternOf(top);
}

function patternOf(node: Node): string {
  const branches = [...node.next].map(([letter, next]) => literal(letter) + patternOf(next));
  if (branches.length === 0) return '';
  const one = branches.length === 1 && !node.ends;
  const body = branches.join('|');
  return one ? body : `(?:${body})${node.ends ? '?' : ''}`;
}

/** `text` with what a regular expression would read as its own escaped. */
export function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** The names of rows. */
export function namesOf(rows: Iterable<{ readonly name: string }>): readonly string[] {
  return [...rows].map(({ name }) => name);
}
