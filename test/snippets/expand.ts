// Expands a snippet as the editor inserts it: each placeholder with its default or first choice, each mirror with its placeholder's text.

type Node =
  | { readonly is: 'text'; readonly text: string }
  /** `$1`, `${1}`, `${1:default}`, `${1|a,b|}`: `content` is null for a mirror. */
  | { readonly is: 'stop'; readonly number: number; readonly content: readonly Node[] | null };

interface Reader {
  readonly body: string;
  at: number;
}

/** Throws on what the syntax does not have, and on variables, since their text hangs on the editor. */
export function expanded(body: string | readonly string[]): string {
  const reader: Reader = { body: typeof body === 'string' ? body : body.join('\n'), at: 0 };
  const nodes = readNodes(reader, false);
  const texts = new Map<number, string>();
  fill(nodes, texts);
  return textOf(nodes, texts);
}

/** The numbers of the stops, in the order of their first appearance. */
export function stopsOf(body: string | readonly string[]): readonly number[] {
  const text = typeof body === 'string' ? body : body.join('\n');
  const numbers: number[] = [];
  const visit = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if (node.is === 'text') continue;
      if (!numbers.includes(node.number)) numbers.push(node.number);
      visit(node.content ?? []);
    }
  };
  visit(readNodes({ body: text, at: 0 }, false));
  return numbers;
}

function readNodes(reader: Reader, inside: boolean): Node[] {
  const nodes: Node[] = [];
  let text = '';
  const { body } = reader;
  while (reader.at < body.length) {
    const c = body[reader.at] as string;
    const next = body[reader.at + 1] ?? '';
    if (c === '\\' && '\\$}'.includes(next) && next !== '') {
      text += next;
      reader.at += 2;
    } else if (c === '}' && inside) break;
    else if (c === '$' && /[0-9{A-Za-z_]/.test(next)) {
      if (text !== '') nodes.push({ is: 'text', text });
      text = '';
      nodes.push(readStop(reader));
    } else {
      text += c;
      reader.at++;
    }
  }
  if (text !== '') nodes.push({ is: 'text', text });
  return nodes;
}

function readStop(reader: Reader): Node {
  const { body } = reader;
  const head = /\$(\{)?([0-9]+|[A-Za-z_]\w*)/y;
  head.lastIndex = reader.at;
  const found = head.exec(body);
  const name = found?.[2] ?? '';
  if (!found || !/^[0-9]+$/.test(name)) throw new Error(`no stop: ${body.slice(reader.at, reader.at + 20)}`);
  reader.at = head.lastIndex;
  const number = Number(name);
  if (found[1] === undefined) return { is: 'stop', number, content: null };
  const mark = body[reader.at++];
  if (mark === '}') return { is: 'stop', number, content: null };
  if (mark === ':') {
    const content = readNodes(reader, true);
    if (body[reader.at++] !== '}') throw new Error(`stop ${number} is never closed`);
    return { is: 'stop', number, content };
  }
  const close = body.indexOf('|}', reader.at);
  if (mark !== '|' || close < 0) throw new Error(`stop ${number} cannot be read`);
  const [first = ''] = body.slice(reader.at, close).split(/(?<!\\),/);
  reader.at = close + 2;
  return { is: 'stop', number, content: [{ is: 'text', text: first.replace(/\\([,|\\])/g, '$1') }] };
}

function fill(nodes: readonly Node[], texts: Map<number, string>): void {
  for (const node of nodes) {
    if (node.is === 'text' || !node.content) continue;
    fill(node.content, texts);
    if (!texts.has(node.number)) texts.set(node.number, textOf(node.content, texts));
  }
}

function textOf(nodes: readonly Node[], texts: ReadonlyMap<number, string>): string {
  return nodes.map((node) => (node.is === 'text' ? node.text : (texts.get(node.number) ?? ''))).join('');
}
