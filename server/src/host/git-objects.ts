// The objects of a git repository, read from the files git keeps (gitrepository-layout(5), gitformat-pack(5)): loose ones, and those in packs,
// whole or as what differs from another. No process is started. Whatever cannot be read is null.
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { inflateSync } from 'node:zlib';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

export interface GitObject {
  readonly type: ObjectType;
  readonly bytes: Buffer;
}

/** Larger ones are none of ours. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Two million objects: a repository of configs has a few thousand. */
const MOST_INDEX = 64 * 1024 * 1024;
/** git makes chains of 50 by itself, and none longer than this. */
const LONGEST_CHAIN = 4096;

export interface ObjectStore {
  /** By its id in hexadecimal digits, 40 of them or 64. */
  read(id: string): GitObject | null;
  close(): void;
}

/** The objects below `folder`, the repository's `objects`, and of the repositories that it borrows from. */
export function objectStore(folder: string): ObjectStore {
  const folders = withAlternates(folder);
  const packs: Pack[] = folders.flatMap(packsIn);
  const read = (id: string): GitObject | null => {
    for (const one of folders) {
      const loose = readLoose(path.join(one, id.slice(0, 2), id.slice(2)));
      if (loose) return loose;
    }
    for (const pack of packs) {
      const offset = offsetOf(pack, id);
      const found = offset === null ? null : readPacked(pack, offset, read);
      if (found) return found;
    }
    return null;
  };
  return {
    read,
    close: () => {
      for (const { file } of packs) closeSync(file);
    },
  };
}

function withAlternates(folder: string): readonly string[] {
  const folders = [folder];
  for (const one of folders) {
    const list = textOf(path.join(one, 'info/alternates')) ?? '';
    for (const line of list.split('\n')) {
      const other = line && !line.startsWith('#') ? path.resolve(one, line) : null;
      if (other && folders.length < 8 && !folders.includes(other)) folders.push(other);
    }
  }
  return folders;
}

export function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** `TYPE SIZE\0` and the content, deflated. */
function readLoose(file: string): GitObject | null {
  try {
    if (statSync(file).size > MOST_BYTES) return null;
    const bytes = inflateSync(readFileSync(file), { maxOutputLength: MOST_BYTES });
    const end = bytes.indexOf(0);
    const [type = ''] = bytes.toString('latin1', 0, Math.max(0, end)).split(' ');
    return end > 0 && isType(type) ? { type, bytes: bytes.subarray(end + 1) } : null;
  } catch {
    return null;
  }
}

function isType(name: string): name is ObjectType {
  return name === 'commit' || name === 'tree' || name === 'blob' || name === 'tag';
}

interface Pack {
  readonly file: number;
  readonly size: number;
  readonly index: Buffer;
}

function packsIn(folder: string): readonly Pack[] {
  const packs: Pack[] = [];
  const at = path.join(folder, 'pack');
  for (const name of existsSync(at) ? readdirSync(at) : []) {
    if (!name.endsWith('.idx')) continue;
    try {
      if (statSync(path.join(at, name)).size > MOST_INDEX) continue;
      const index = readFileSync(path.join(at, name));
      // version 2 only: version 1 is of git before 1.6
      if (index.readUInt32BE(0) !== 0xff744f63 || index.readUInt32BE(4) !== 2) continue;
      const file = openSync(path.join(at, name.replace(/idx$/, 'pack')), 'r');
      packs.push({ file, size: statSync(path.join(at, name.replace(/idx$/, 'pack'))).size, index });
    } catch {
      // one that is being made, or taken away
    }
  }
  return packs;
}

/** Where an object begins in a pack: a table of counts by first byte, ids in order, checksums, offsets, and long offsets. */
function offsetOf({ index }: Pack, id: string): number | null {
  const wanted = Buffer.from(id, 'hex');
  const { length } = wanted;
  const fanout = (byte: number): number => (byte < 0 ? 0 : index.readUInt32BE(8 + byte * 4));
  const count = fanout(255);
  const names = 8 + 1024;
  let low = fanout((wanted[0] ?? 0) - 1);
  let high = fanout(wanted[0] ?? 0);
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = wanted.compare(index, names + middle * length, names + (middle + 1) * length);
    if (order > 0) low = middle + 1;
    else if (order < 0) high = middle;
    else {
      const offsets = names + count * (length + 4);
      const offset = index.readUInt32BE(offsets + middle * 4);
      return offset < 0x8000_0000 ? offset : Number(index.readBigUInt64BE(offsets + count * 4 + (offset - 0x8000_0000) * 8));
    }
  }
  return null;
}

const TYPES: readonly (ObjectType | null)[] = [null, 'commit', 'tree', 'blob', 'tag'];
const OFFSET_DELTA = 6;
const REFERENCE_DELTA = 7;

/** An object of a pack: of a chain of differences the first whole one, and the differences laid over it, the last found first. */
function readPacked(pack: Pack, offset: number, byId: (id: string) => GitObject | null): GitObject | null {
  try {
    const deltas: Buffer[] = [];
    for (let at = offset; deltas.length < LONGEST_CHAIN; ) {
      const entry = entryAt(pack, at);
      if (!entry) return null;
      if (entry.base === null) {
        const type = TYPES[entry.type];
        return type ? { type, bytes: deltas.reduceRight(applied, entry.bytes) } : null;
      }
      deltas.push(entry.bytes);
      if (typeof entry.base === 'number') at = entry.base;
      else {
        const base = byId(entry.base);
        return base && { type: base.type, bytes: deltas.reduceRight(applied, base.bytes) };
      }
    }
    return null;
  } catch {
    return null;
  }
}

interface PackEntry {
  readonly type: number;
  /** What it differs from: an offset in the pack, or an id. */
  readonly base: number | string | null;
  readonly bytes: Buffer;
}

function entryAt(pack: Pack, offset: number): PackEntry | null {
  const head = bytesAt(pack, offset, 64);
  let at = 0;
  let byte = head.readUInt8(at++);
  const type = (byte >> 4) & 7;
  let size = byte & 15;
  for (let shift = 4; (byte & 128) !== 0; shift += 7) {
    byte = head.readUInt8(at++);
    size += (byte & 127) * 2 ** shift;
  }
  let base: number | string | null = null;
  if (type === OFFSET_DELTA) {
    byte = head.readUInt8(at++);
    let back = byte & 127;
    while ((byte & 128) !== 0) {
      byte = head.readUInt8(at++);
      back = (back + 1) * 128 + (byte & 127);
    }
    base = offset - back;
    if (base < 12 || base >= offset) return null;
  } else if (type === REFERENCE_DELTA) {
    const length = hashLength(pack);
    base = head.toString('hex', at, at + length);
    at += length;
  }
  if (size > MOST_BYTES) return null;
  // deflated data is never much longer than what it holds (zlib’s compressBound)
  const packed = bytesAt(pack, offset + at, size + (size >> 10) + 64);
  return { type, base, bytes: inflateSync(packed, { maxOutputLength: Math.max(size, 1) }) };
}

/** Of the ids of a repository: what an index has for each object, its checksum and its offset aside. */
function hashLength({ index }: Pack): number {
  const count = index.readUInt32BE(8 + 255 * 4);
  return (index.length - 8 - 1024 - 40) / Math.max(count, 1) - 8 >= 32 ? 32 : 20;
}

function bytesAt({ file, size }: Pack, offset: number, length: number): Buffer {
  const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
  const read = readSync(file, buffer, 0, buffer.length, offset);
  return buffer.subarray(0, read);
}

/** A difference laid over its base: what is to be copied from there, and what is new (gitformat-pack(5), “Deltified representation”). */
function applied(base: Buffer, delta: Buffer): Buffer {
  let at = 0;
  const size = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = delta.readUInt8(at++);
      value += (byte & 127) * 2 ** shift;
      if ((byte & 128) === 0) return value;
    }
  };
  if (size() !== base.length) throw new RangeError('another base');
  const result = Buffer.alloc(Math.min(size(), MOST_BYTES));
  let to = 0;
  while (at < delta.length) {
    const command = delta.readUInt8(at++);
    if ((command & 128) !== 0) {
      let from = 0;
      let length = 0;
      for (let i = 0; i < 4; i++) if ((command & (1 << i)) !== 0) from += delta.readUInt8(at++) * 2 ** (i * 8);
      for (let i = 0; i < 3; i++) if ((command & (16 << i)) !== 0) length += delta.readUInt8(at++) * 2 ** (i * 8);
      to += base.copy(result, to, from, from + (length || 0x1_0000));
    } else {
      to += delta.copy(result, to, at, at + command);
      at += command;
    }
  }
  if (to !== result.length) throw new RangeError('not all of it');
  return result;
}
