// A folder as it was in a git revision. Only plumbing runs that reads objects: `git archive` and `git show` may run filters that a
// repository's config names, and a partial clone would fetch by a program that it names.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { FILE_LIMIT, languageOfPath } from '../analysis/recognise.ts';
import { placePattern } from '../nftables/ruleset/includes.ts';
import type { Reader } from './reader.ts';

const SAFE = [
  '--no-pager',
  '--no-replace-objects',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'protocol.allow=never',
];
const environment = { ...process.env, LC_ALL: 'C', GIT_NO_LAZY_FETCH: '1', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };

/** Runs git in a folder. Null where it says no, or is not there. */
function git(folder: string, args: readonly string[], input = ''): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const child = spawn('git', [...SAFE, ...args], { cwd: folder, env: environment, stdio: ['pipe', 'pipe', 'ignore'] });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => void parts.push(part));
    child.once('error', () => resolve(null));
    child.once('close', (status) => resolve(status === 0 ? Buffer.concat(parts) : null));
    // a git that ends without reading it has said no already
    child.stdin.on('error', () => undefined).end(input);
  });
}

interface Entry {
  readonly object: string;
  readonly size: number;
}

/** A reader of the repository around `folder` at a revision; or why there is none, in words. */
export async function gitReader(folder: string, revision: string): Promise<Reader | string> {
  const top = await git(folder, ['rev-parse', '--show-toplevel']);
  if (!top) return `“${revision}” is no folder, and there is no git repository here`;
  // a word that begins with - would be taken for an option
  const commit = revision.startsWith('-') ? null : await git(folder, ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]);
  const listed = commit && (await git(folder, ['ls-tree', '-r', '-l', '-z', '--full-tree', commit.toString('latin1').trim()]));
  if (!listed) return `“${revision}” is neither a folder nor a revision that git knows`;
  const root = top.toString('utf8').replace(/\n$/, '');
  const entries = entriesIn(listed.toString('utf8'), root);
  const folders = new Set([root]);
  for (const file of entries.keys()) for (let at = path.dirname(file); !folders.has(at); at = path.dirname(at)) folders.add(at);
  const texts = new Map<string, string>();

  async function load(files: readonly string[]): Promise<void> {
    const wanted = files.flatMap((file) => {
      const entry = entries.get(file);
      return entry && entry.size <= FILE_LIMIT && !texts.has(entry.object) ? [entry.object] : [];
    });
    if (wanted.length === 0) return;
    const answer = await git(folder, ['cat-file', '--batch'], `${wanted.join('\n')}\n`);
    if (answer) for (const [object, text] of blobsIn(answer)) texts.set(object, text);
  }

  return {
    kindOf: (file) => Promise.resolve(entries.has(file) ? 'file' : folders.has(file) ? 'folder' : null),
    async filesIn(at) {
      const isOurs = (file: string): boolean => languageOfPath(file.split(path.sep).join('/')) !== null;
      const found = [...entries.keys()].filter((file) => file.startsWith(`${at}${path.sep}`) && isOurs(file)).sort();
      await load(found);
      return found;
    },
    async read(file, limit) {
      const entry = entries.get(file);
      if (!entry) return { problem: 'missing', detail: 'there is no such file' };
      if (entry.size > limit) return { problem: 'too-large', detail: `${Math.round(entry.size / 1024 / 1024)} MB` };
      await load([file]);
      const text = texts.get(entry.object);
      return text === undefined ? { problem: 'unreadable', detail: 'git does not have it' } : { text };
    },
    glob(pattern) {
      const matches = placePattern(pattern);
      const uris = [...entries.keys()].map((file) => pathToFileURL(file).href);
      return Promise.resolve(uris.filter((uri) => matches.test(uri)).sort());
    },
    factsOf: () => Promise.resolve(null),
  };
}

/** `OBJECT blob SIZE`, a line break, as many bytes, a line break; and so on. */
function* blobsIn(answer: Buffer): Generator<readonly [string, string]> {
  for (let at = 0; at < answer.length; ) {
    const end = answer.indexOf(10, at);
    const [object = '', kind, size] = answer.toString('latin1', at, end).split(' ');
    at = end + 1;
    if (kind !== 'blob') continue;
    yield [object, answer.toString('utf8', at, at + Number(size))];
    at += Number(size) + 1;
  }
}

/** `MODE blob OBJECT SIZE<tab>PATH<nul>…`; links and submodules are passed over. */
function entriesIn(text: string, root: string): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const line of text.split('\0')) {
    const found = /^100\d{3} blob ([0-9a-f]+) +(\d+)\t([\s\S]+)$/.exec(line);
    const [, object, size, name] = found ?? [];
    if (object && size && name) entries.set(path.join(root, ...name.split('/')), { object, size: Number(size) });
  }
  return entries;
}
