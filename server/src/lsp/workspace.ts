// The files the server knows, open and closed, and the analysis of them: kept up to date, published by version, never stale.
import type { Connection, Diagnostic } from 'vscode-languageserver';
import { type Analysis, type AnalysisOptions, analyse, shownFindings, withAccess } from '../analysis/analysis.ts';
import { errorPlace } from '../analysis/guard.ts';
import { wantedPlaces } from '../analysis/includes.ts';
import type { WorkspaceLevels } from '../analysis/levels.ts';
import { type Matrices, newMatrices } from '../analysis/matrices.ts';
import { type Files, type ParsedFile, parsedFile, type ReadOptions } from '../analysis/parsed-file.ts';
import { FILE_LIMIT, languageOfPath, languageOfText, looksBinary } from '../analysis/recognise.ts';
import type { FileHost } from '../host/host.ts';
import type { DiskFacts, OldKey } from '../mesh/file.ts';
import { equalData } from '../text/equal.ts';
import { type Change, changed, type Language, type SourceFile, sourceFile } from '../text/source-file.ts';
import { accessWork } from './access-work.ts';
import { type Background, newBackground } from './background.ts';
import { diagnosticOf } from './convert.ts';
import { later } from './later.ts';

/** How long one piece of work may hold up the messages that wait, in milliseconds. */
const SLICE = 10;

export interface Workspace {
  open(uri: string, languageId: string, version: number, text: string): void;
  change(uri: string, version: number, changes: readonly Change[]): void;
  close(uri: string): void;
  /** A file on disk came, changed or went. */
  touched(uri: string): void;
  removed(uri: string): void;
  /** Reads all files of a folder that are ours. */
  addFolder(uri: string): Promise<void>;
  removeFolder(uri: string): void;
  /** The analysis of the files as they are now. */
  current(): Analysis;
  /** The same, but for rules that read a whole ruleset: those are not waited for. */
  glance(): Analysis;
  /** What the settings say of how files are read and checked. */
  configure(reading: ReadOptions, options: AnalysisOptions): void;
  /** What nft says of an open file as it is now, beside our findings; the next edit takes it back. */
  setOpinion(uri: string, diagnostics: readonly Diagnostic[]): void;
  /** The keys of files that are too old, by URI; of all others none is. */
  setOldKeys(old: ReadonlyMap<string, readonly OldKey[]>): void;
  /** Takes back all that nft said. */
  clearOpinions(): void;
  /** The version of an open file, null of a closed one. */
  versionOf(uri: string): number | null;
  /** An open file was written to disk as it is. */
  saved(uri: string): void;
  /** The files as they are on disk. Of an open file that is not there, as it was opened. */
  onDisk(): Files;
  /** Another text of a file, read as the file is; null where it is not ours. */
  readAs(uri: string, text: string): ParsedFile | null;
  /** Where an open file was edited last, as an offset; null where it never was. */
  editedAt(uri: string): number | null;
  readonly background: Background;
  readonly matrices: Matrices;
}

/** Rules that read a whole ruleset wait until nobody has typed for so many milliseconds. */
const PAUSE = 150;

/** What the diagnostics of a file were made from. */
interface Told {
  readonly file: ParsedFile | undefined;
  readonly findings: readonly unknown[] | undefined;
  readonly levels?: WorkspaceLevels;
  readonly options?: AnalysisOptions;
  readonly opinion?: readonly Diagnostic[] | undefined;
}

function sameTold(a: Told, b: Told): boolean {
  return a.file === b.file && a.findings === b.findings && a.levels === b.levels && a.options === b.options && a.opinion === b.opinion;
}

/** `onChange` is called whenever the files, or how they are read, may be others. */
export function workspaceOf(connection: Connection, files: FileHost, onChange: () => void = () => undefined): Workspace {
  const open = new Map<string, ParsedFile>();
  const closed = new Map<string, ParsedFile>();
  /** Files that are read only because others include them; nothing is published of them. */
  const reached = new Map<string, ParsedFile>();
  /** What was looked for because of an include, whether it is there or not. */
  const sought = new Set<string>();
  /** Files of ours that cannot be read, and why. */
  const unreadable = new Map<string, string>();
  const published = new Map<string, Told>();
  const opinions = new Map<string, readonly Diagnostic[]>();
  let oldKeys: ReadonlyMap<string, readonly OldKey[]> = new Map();
  const edited = new Map<string, number>();
  const folders = new Set<string>();
  let order: string[] | null = null;
  let analysis: Analysis | undefined;
  let reading: ReadOptions = {};
  let dirty = true;
  let waiting = false;
  /** Whether all that changed since the last publishing was typed. */
  let typing = false;
  let pause: ReturnType<typeof setTimeout> | undefined;
  /** Folders and includes that are being read. */
  let reads = 0;
  let options: AnalysisOptions = {};
  const background = newBackground(PAUSE, (place) => connection.console.error(`work in the background failed: ${place}`));
  const matrices = newMatrices();
  const access = accessWork(background, matrices, (stage) => {
    if (analysis) analysis = withAccess(analysis, stage);
    publish();
  });

  function snapshot(): Files {
    order ??= [...new Set([...open.keys(), ...closed.keys(), ...reached.keys()])].sort();
    const result = new Map<string, ParsedFile>();
    for (const uri of order) {
      const file = open.get(uri) ?? closed.get(uri) ?? reached.get(uri);
      if (file) result.set(uri, file);
    }
    return result;
  }

  function current(hurry = false): Analysis {
    if (dirty || !analysis || (analysis.unfinished && !hurry)) {
      analysis = analyse(snapshot(), analysis, options, hurry);
      dirty = false;
    }
    return analysis;
  }

  function changedNow(byTyping = false): void {
    dirty = true;
    access.stop();
    if (byTyping) background.typed();
    onChange();
    typing = byTyping && (typing || !waiting);
    if (waiting) return;
    waiting = true;
    later(() => {
      waiting = false;
      publish(typing);
      clearTimeout(pause);
      if (!analysis?.unfinished && !analysis?.accessDue) return;
      if (typing) pause = setTimeout(finish, PAUSE);
      else finish();
    });
  }

  /** What was put off while somebody typed, and what rules about access find. */
  function finish(): void {
    if (analysis?.unfinished) publish();
    // what is not read yet is not yet on any way
    if (analysis?.accessDue && reads === 0) access.start(analysis);
  }

  /** Publishes what is not yet told of the files as they are at this moment; nothing can come between reading and sending. */
  function publish(hurry = false): void {
    const now = current(hurry);
    for (const [uri, file] of now.files) {
      if (file.source.language === 'public-key' || isOnlyReached(uri)) continue;
      const findings = now.findings.get(uri);
      const before = published.get(uri);
      const opinion = opinions.get(uri);
      const told = { file, findings, levels: now.levels, options: now.options, opinion };
      if (before && sameTold(before, told)) continue;
      const version = versionOf(uri);
      // nobody looks at it, and what is not read yet may answer what would be told
      if (!before && version === null && reads > 0) continue;
      const own = shownFindings(now, uri).map((finding) => diagnosticOf(file.source, finding, now.files));
      const diagnostics = opinion ? [...own, ...opinion] : own;
      if (before || diagnostics.length > 0 || version !== null) {
        void connection.sendDiagnostics({ uri, diagnostics, ...(version === null ? {} : { version }) });
      }
      published.set(uri, told);
    }
    for (const [uri, why] of unreadable) {
      if (now.files.has(uri) || published.get(uri)?.findings === unreadableMark) continue;
      const start = { line: 0, character: 0 };
      const message = `Mesh Warden does not check this file: ${why}.`;
      void connection.sendDiagnostics({
        uri,
        diagnostics: [{ range: { start, end: start }, severity: 2, source: 'meshwarden', code: 'meshwarden/unreadable', message }],
      });
      published.set(uri, { file: undefined, findings: unreadableMark });
    }
    for (const uri of published.keys()) {
      if ((now.files.has(uri) && !isOnlyReached(uri)) || unreadable.has(uri)) continue;
      void connection.sendDiagnostics({ uri, diagnostics: [] });
      published.delete(uri);
    }
  }

  function versionOf(uri: string): number | null {
    return open.get(uri)?.source.version ?? null;
  }

  function put(map: Map<string, ParsedFile>, uri: string, file: ParsedFile): void {
    if (!open.has(uri) && !closed.has(uri) && !reached.has(uri)) order = null;
    map.set(uri, file);
    reach(file);
  }

  function isOnlyReached(uri: string): boolean {
    return reached.has(uri) && !open.has(uri) && !closed.has(uri);
  }

  /** Reads what a ruleset includes and nobody has read yet; the answers come later, as of any file. */
  function reach(file: ParsedFile): void {
    for (const { place, pattern } of wantedPlaces(file, folders)) {
      if (sought.has(place)) continue;
      sought.add(place);
      const answer = pattern ? files.glob(place).then((uris) => Promise.all(uris.map(readReached))) : readReached(place);
      whileReading(answer).catch((error: unknown) => connection.console.error(`reading an included file failed: ${errorPlace(error)}`));
    }
  }

  async function whileReading(work: Promise<unknown>): Promise<void> {
    reads++;
    try {
      await work;
    } finally {
      reads--;
      changedNow();
    }
  }

  async function readReached(uri: string): Promise<void> {
    sought.add(uri);
    if (open.has(uri) || closed.has(uri)) return;
    const answer = await files.read(uri, FILE_LIMIT);
    if ('problem' in answer || looksBinary(answer.text)) drop(reached, uri);
    else if (reached.get(uri)?.source.text !== answer.text)
      put(reached, uri, parsedFile(sourceFile(uri, 0, 'nftables', answer.text), reached.get(uri), null, reading));
    changedNow();
  }

  function drop(map: Map<string, ParsedFile>, uri: string): void {
    if (map.delete(uri)) order = null;
  }

  function languageOf(uri: string, languageId: string, text: string): Language | null {
    if (languageId === 'nftables') return languageId;
    if (languageId === 'wireguard') return languageOfText(text) === 'networkd' ? 'networkd' : 'wireguard';
    // the editor goes by the name alone; what says that it is about another kind of device is not ours
    if (languageId === 'wireguard-networkd')
      return /^[ \t]*Kind[ \t]*=[ \t]*(?!wireguard|\s)\S/m.test(text) ? languageOfText(text) : 'networkd';
    if (languageId === 'wireguard-networkmanager')
      return /^[ \t]*type[ \t]*=[ \t]*(?!wireguard|\s)\S/m.test(text) ? null : 'networkmanager';
    const byPath = languageOfPath(pathOf(uri));
    return byPath === 'maybe' ? languageOfText(text) : (byPath ?? languageOfText(text));
  }

  /** A file from disk; null where it is not ours after all or cannot be read. */
  async function load(uri: string): Promise<void> {
    const language = languageOfPath(pathOf(uri));
    if (!language) return;
    const answer = await files.read(uri, language === 'public-key' ? 4096 : FILE_LIMIT);
    const old = closed.get(uri);
    unreadable.delete(uri);
    if ('problem' in answer) {
      drop(closed, uri);
      const certain = language === 'wireguard' || language === 'nftables' || language === 'policy';
      if (answer.problem === 'too-large' && certain) unreadable.set(uri, `it is too large (${answer.detail})`);
      else if (answer.problem === 'unreadable' && certain) unreadable.set(uri, answer.detail);
    } else {
      const found = language === 'maybe' ? languageOfText(answer.text) : language;
      if (found && looksBinary(answer.text)) {
        drop(closed, uri);
        if (language !== 'public-key') unreadable.set(uri, 'it is no text, it holds NUL bytes');
      } else if (found) {
        const next = old?.source.text === answer.text ? old : parsedFile(sourceFile(uri, 0, found, answer.text), old, null, reading);
        const disk = withOldKeys(uri, found === 'wireguard' ? ((await files.facts?.(uri)) ?? null) : null);
        if (next !== old || !equalData(old.disk, disk)) put(closed, uri, { ...next, disk });
        const shown = open.get(uri);
        if (shown && !equalData(shown.disk, disk)) open.set(uri, { ...shown, disk });
      } else drop(closed, uri);
    }
    changedNow();
  }

  function withOldKeys(uri: string, disk: DiskFacts | null): DiskFacts | null {
    const { oldKeys: _, ...facts } = disk ?? unknownDisk;
    const keys = oldKeys.get(uri);
    return keys ? { ...facts, oldKeys: keys } : disk && facts;
  }

  async function loadFolder(folder: string): Promise<void> {
    const uris = await files.find(folder);
    let since = performance.now();
    // a few at a time: a disk answers many questions together, an editor few
    for (let i = 0; i < uris.length; i += 16) {
      await Promise.all(uris.slice(i, i + 16).map(load));
      if (performance.now() - since > SLICE) {
        await new Promise<void>((resolve) => later(resolve));
        since = performance.now();
      }
    }
  }

  const loadAgain = (uri: string): void => {
    load(uri).catch((error: unknown) => connection.console.error(`reading a file failed: ${errorPlace(error)}`));
  };

  return {
    open(uri, languageId, version, text) {
      const language = languageOf(uri, languageId, text);
      if (!language) return;
      unreadable.delete(uri);
      const source: SourceFile = sourceFile(uri, version, language, text);
      const old = closed.get(uri);
      const same = old?.source.text === text && old.source.language === language;
      const opened = same ? { ...old, source } : parsedFile(source, old, null, reading);
      put(open, uri, opened);
      // outside the folders nobody reads the disk: it is taken as it is shown first
      if (!old) put(closed, uri, opened);
      changedNow();
    },
    change(uri, version, changes) {
      const file = open.get(uri);
      if (!file) return;
      const { file: source, damage } = changed(file.source, version, changes);
      const next = parsedFile(source, file, damage, reading);
      open.set(uri, next);
      if (damage) edited.set(uri, damage.newEnd);
      opinions.delete(uri);
      reach(next);
      changedNow(true);
    },
    close(uri) {
      opinions.delete(uri);
      edited.delete(uri);
      drop(open, uri);
      // what is on disk counts again; outside the workspace nothing does
      if ([...folders].some((folder) => within(uri, folder))) loadAgain(uri);
      else drop(closed, uri);
      changedNow();
    },
    touched(uri) {
      // a file that came may be one that a pattern takes
      sought.clear();
      for (const file of [...open.values(), ...closed.values(), ...reached.values()]) reach(file);
      loadAgain(uri);
    },
    removed(uri) {
      drop(closed, uri);
      drop(reached, uri);
      unreadable.delete(uri);
      changedNow();
    },
    addFolder(folder) {
      folders.add(folder);
      return whileReading(loadFolder(folder));
    },
    removeFolder(folder) {
      folders.delete(folder);
      for (const uri of [...closed.keys(), ...unreadable.keys()]) {
        if (!within(uri, folder) || [...folders].some((other) => within(uri, other))) continue;
        drop(closed, uri);
        unreadable.delete(uri);
      }
      changedNow();
    },
    configure(read, check) {
      if (!equalData(reading, read)) {
        reading = read;
        for (const map of [open, closed, reached]) {
          for (const [uri, { source, disk }] of map) map.set(uri, { ...parsedFile(source, undefined, null, reading), disk });
        }
      }
      if (!equalData(options, check)) options = check;
      changedNow();
    },
    setOpinion(uri, diagnostics) {
      if (diagnostics.length === 0 && !opinions.has(uri)) return;
      if (diagnostics.length > 0) opinions.set(uri, diagnostics);
      else opinions.delete(uri);
      changedNow();
    },
    setOldKeys(old) {
      oldKeys = old;
      for (const map of [open, closed]) {
        for (const [uri, file] of map) {
          const disk = withOldKeys(uri, file.disk);
          if (!equalData(disk, file.disk)) map.set(uri, { ...file, disk });
        }
      }
      changedNow();
    },
    clearOpinions() {
      opinions.clear();
      changedNow();
    },
    current: () => current(),
    glance: () => current(true),
    versionOf,
    saved(uri) {
      const file = open.get(uri);
      if (!file) return;
      put(closed, uri, file);
      onChange();
    },
    onDisk() {
      const result = new Map<string, ParsedFile>();
      for (const [uri, file] of current(true).files) {
        const disk = closed.get(uri) ?? file;
        // the same text has the same facts, so that what was made from them stays
        result.set(uri, disk.source.text === file.source.text ? file : disk);
      }
      return result;
    },
    readAs(uri, text) {
      const known = open.get(uri) ?? closed.get(uri) ?? reached.get(uri);
      const language = known?.source.language ?? languageOf(uri, '', text);
      return language && parsedFile(sourceFile(uri, 0, language, text), undefined, null, reading);
    },
    editedAt: (uri) => edited.get(uri) ?? null,
    background,
    matrices,
  };
}

const unreadableMark: readonly unknown[] = [];
const unknownDisk: DiskFacts = { openToOthers: null, tracked: null, ignored: null };

function within(uri: string, folder: string): boolean {
  return uri.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

export function pathOf(uri: string): string {
  const path = uri.replace(/^[a-z][\w+.-]*:(\/\/[^/]*)?/i, '').replace(/[?#].*$/, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
