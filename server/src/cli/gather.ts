// Reads the files of ours in folders, for every command.
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { wantedPlaces } from '../analysis/includes.ts';
import { type ParsedFile, parsedFile, type ReadOptions } from '../analysis/parsed-file.ts';
import { FILE_LIMIT, languageOfPath, languageOfText, looksBinary, POLICY_NAME } from '../analysis/recognise.ts';
import { type Language, sourceFile } from '../text/source-file.ts';
import { diskReader, type Reader } from './reader.ts';

export interface Gathered {
  readonly files: ReadonlyMap<string, ParsedFile>;
  /** Read because others include them: they count, and nothing is told of them. */
  readonly included: ReadonlyMap<string, ParsedFile>;
  readonly troubles: readonly string[];
}

/** The files of ours among `paths`, which are relative to `folder`. */
export async function gather(
  paths: readonly string[],
  folder: string,
  options: ReadOptions,
  reader: Reader = diskReader,
): Promise<Gathered> {
  const troubles: string[] = [];
  const found = new Map<string, ParsedFile>();
  for (const given of paths) {
    const full = path.resolve(folder, given);
    const kind = await reader.kindOf(full);
    if (kind) await addPolicyAbove(kind === 'folder' ? full : path.dirname(full));
    if (!kind) troubles.push(`${given}: there is no such file or folder`);
    else if (kind === 'folder') for (const file of await reader.filesIn(full)) await add(file, false);
    else await add(full, true);
  }

  /** The workspace file of the folder or the nearest one above it, as far as its repository goes. */
  async function addPolicyAbove(from: string): Promise<void> {
    for (let at = from; ; at = path.dirname(at)) {
      const file = path.join(at, POLICY_NAME);
      if (await reader.kindOf(file)) return add(file, false);
      if ((await diskReader.kindOf(path.join(at, '.git'))) || path.dirname(at) === at) return;
    }
  }

  /** `named`: the file was named itself, so it must be one of ours. */
  async function add(file: string, named: boolean): Promise<void> {
    const uri = pathToFileURL(file).href;
    if (found.has(uri)) return;
    const shown = path.relative(folder, file) || file;
    const byPath = languageOfPath(file.split(path.sep).join('/'));
    const answer = await reader.read(file, byPath === 'public-key' ? 4096 : FILE_LIMIT);
    if ('problem' in answer) {
      // a key file that cannot be read, or a large .conf of somebody else's, is no trouble of ours
      if (named || byPath === 'wireguard' || byPath === 'nftables' || byPath === 'policy')
        troubles.push(`${shown}: ${answer.problem === 'too-large' ? `it is too large to be a config (${answer.detail})` : answer.detail}`);
      return;
    }
    const language: Language | null =
      byPath === 'maybe' || byPath === null ? (languageOfText(answer.text) ?? (named ? guessed(answer.text) : null)) : byPath;
    if (!language) {
      if (named) troubles.push(`${shown}: it is neither a WireGuard config nor an nftables ruleset`);
      return;
    }
    if (looksBinary(answer.text)) {
      if (language !== 'public-key') troubles.push(`${shown}: it is no text, it holds NUL bytes`);
      return;
    }
    const disk = language === 'wireguard' ? await reader.factsOf(file) : null;
    found.set(uri, { ...parsedFile(sourceFile(uri, 0, language, answer.text), undefined, null, options), disk });
  }

  const included = new Map<string, ParsedFile>();
  const folders = [pathToFileURL(folder).href];
  const waiting = [...found.values()];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (const { place, pattern } of wantedPlaces(next, folders)) {
      for (const uri of pattern ? await reader.glob(place) : [place]) {
        const answer = found.has(uri) || included.has(uri) ? null : await reader.read(fileURLToPath(uri), FILE_LIMIT);
        if (!answer || 'problem' in answer || looksBinary(answer.text)) continue;
        const file = parsedFile(sourceFile(uri, 0, 'nftables', answer.text), undefined, null, options);
        included.set(uri, file);
        waiting.push(file);
      }
    }
  }
  return { files: new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1))), included, troubles };
}

/** A file that was named although its name says nothing: a table or a command in it makes it nftables. */
function guessed(text: string): Language | null {
  return /^\s*(table|add|flush|define|include|delete|chain)\b/m.test(text) ? 'nftables' : null;
}
