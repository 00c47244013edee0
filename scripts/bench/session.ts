// One server, one document, from the start of the process to its end: opens it, types the edits one after the other, and times each
// from the write of didChange until the diagnostics of exactly that version are back.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Connection, connect } from './connection.ts';
import type { BenchDocument, Place } from './document.ts';
import { median } from './figures.ts';
import type { Server } from './servers.ts';

/** Milliseconds and kilobytes. */
export interface SessionFigures {
  /** From spawn to the answer to initialize. */
  readonly coldStart: number;
  /** From didOpen to its diagnostics. */
  readonly open: number;
  /** How many findings the untouched document has. */
  readonly standing: number;
  /** One for each edit. */
  readonly times: readonly number[];
  readonly resident: number;
  readonly peak: number;
  /** Diagnostics published for a version although the server had read a newer one, which its own answers prove. */
  readonly stale: number;
  readonly burst: Burst | undefined;
}

/** Edits in one write, as when the editor was held up: how long until the last one's diagnostics are back, and how many were sent. */
export interface Burst {
  readonly edits: number;
  readonly last: number;
  readonly published: number;
}

const burstEdits = 20;
const bursts = 5;
/** How long diagnostics that lack what the edit must change may be followed by better ones of their version (first syntax, then mesh). */
const secondThoughts = 2000;
/** How long a server must be silent to be done. */
const quiet = 300;

/** Starts the server, measures the answer to initialize, and stops it. */
export async function coldStart(server: Server, folder: string, timeout: number): Promise<number> {
  const connection = await connect(server, folder, timeout);
  await connection.close();
  return connection.coldStart;
}

/**
 * Rejects with a sentence that says what went wrong: no answer within `timeout` ms, a server that died, or a finding that does not
 * come and go with the edits. The document's file already lies below `root`.
 */
export async function runSession(server: Server, document: BenchDocument, root: string, timeout: number): Promise<SessionFigures> {
  const file = path.join(root, document.file);
  const connection = await connect(server, path.dirname(file), timeout);
  try {
    const editor = openEditor(connection, server, pathToFileURL(file).href);
    const open = await editor.open(document);
    const standing = editor.latest();
    const times = await editor.type(document.places, standing);
    const burst = server.versioned ? await editor.burst(document.places, standing) : undefined;
    return { coldStart: connection.coldStart, open, standing, times, ...memory(connection.client.pid), stale: editor.stale(), burst };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}${connection.complaint()}`);
  } finally {
    await connection.close();
  }
}

interface Editor {
  open(document: BenchDocument): Promise<number>;
  type(places: readonly Place[], standing: number): Promise<number[]>;
  burst(places: readonly Place[], standing: number): Promise<Burst>;
  /** How many diagnostics there are now. */
  latest(): number;
  stale(): number;
}

function openEditor(connection: Connection, server: Server, uri: string): Editor {
  const { client, listener } = connection;
  let version = 1;
  let latest = 0;
  let published = 0;
  let stale = 0;
  /** The newest version that the server has read for certain. */
  let read = 0;
  let awaited: ((count: number, at: number, ofVersion: number | undefined) => void) | undefined;

  listener.onPublish = (diagnostics) => {
    if (diagnostics.uri !== uri) return;
    published++;
    latest = diagnostics.count;
    if (diagnostics.version !== undefined) {
      if (diagnostics.version < read) stale++;
      read = Math.max(read, diagnostics.version);
    }
    awaited?.(diagnostics.count, diagnostics.at, diagnostics.version);
  };

  /** Sends, then waits for diagnostics of the present version whose number `fits`. Milliseconds. */
  async function diagnosed(messages: readonly object[], what: string, fits: (count: number) => boolean): Promise<number> {
    const miss = (count: number): Error => new Error(`the finding did not toggle: ${count} diagnostics for version ${version}, ${what}`);
    const from = performance.now();
    if (server.model === 'pull') {
      const { result, at } = await connection.request('textDocument/diagnostic', { textDocument: { uri } }, messages);
      latest = (result as { items: readonly unknown[] }).items.length;
      if (!fits(latest)) throw miss(latest);
      return at - from;
    }
    let settle: NodeJS.Timeout | undefined;
    const came = new Promise<number>((resolve, reject) => {
      awaited = (count, at, ofVersion) => {
        // until it has read didOpen it may tell of the file on disk, which has none
        if (server.versioned && ofVersion === undefined && read === 0) return;
        if (server.versioned && ofVersion === undefined) reject(new Error('publishDiagnostics came without a version'));
        else if (server.versioned && ofVersion !== version) return;
        else if (fits(count)) resolve(at - from);
        else settle ??= setTimeout(() => reject(miss(count)), secondThoughts);
      };
    });
    client.send(messages);
    try {
      return await connection.within(`diagnostics for version ${version} (${what})`, came);
    } finally {
      clearTimeout(settle);
      awaited = undefined;
    }
  }

  function change(place: Place, typed: boolean): object {
    const { line, character, insert } = place;
    const range = { start: { line, character }, end: { line, character: typed ? character : character + insert.length } };
    const contentChanges = [{ range, text: typed ? insert : '' }];
    return { method: 'textDocument/didChange', params: { textDocument: { uri, version: ++version }, contentChanges } };
  }

  return {
    open: async ({ languageId, text }) => {
      const params = { textDocument: { uri, languageId, version, text } };
      const time = await diagnosed([{ method: 'textDocument/didOpen', params }], 'the document was opened', () => true);
      if (server.model === 'push') await pause(quiet);
      return time;
    },
    type: async (places, standing) => {
      const times: number[] = [];
      for (const place of places) {
        const where = `"${place.insert}" in line ${place.line + 1}`;
        const typed = `typed ${where}, so more or fewer than ${standing} were expected`;
        times.push(await diagnosed([change(place, true)], typed, (count) => count !== standing));
        await pause(0);
        const deleted = `deleted ${where} again, so ${standing} were expected`;
        times.push(await diagnosed([change(place, false)], deleted, (count) => count === standing));
        await pause(0);
      }
      return times;
    },
    burst: async (places, standing) => {
      const lasts: number[] = [];
      const counts: number[] = [];
      for (let i = 0; i < bursts; i++) {
        const versions = new Map<number | string, number>();
        listener.onAnswer = (id) => {
          read = Math.max(read, versions.get(id) ?? 0);
        };
        const messages: object[] = [];
        for (let edit = 0; edit < burstEdits; edit++) {
          const place = places[((i * burstEdits + edit) >> 1) % places.length]!;
          messages.push(change(place, edit % 2 === 0));
          // an unknown request behind each edit: the answer, an error, proves that the edit has been read
          const id = `read ${version}`;
          versions.set(id, version);
          messages.push({ id, method: 'bench/read' });
        }
        published = 0;
        const what = `the last of ${burstEdits} edits in one write, so ${standing} were expected`;
        lasts.push(await diagnosed(messages, what, (count) => count === standing));
        await pause(quiet);
        counts.push(published);
      }
      return { edits: burstEdits, last: median(lasts), published: median(counts) };
    },
    latest: () => latest,
    stale: () => stale,
  };
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What the process holds now and at most ever held, from /proc; NaN where there is none. */
function memory(pid: number): { readonly resident: number; readonly peak: number } {
  let status = '';
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {}
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN);
  return { resident: field('VmRSS'), peak: field('VmHWM') };
}
