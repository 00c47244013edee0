// Which paths git tracks, read from the bytes of `.git/index` (gitformat-index(5)); no process is started.

const PATH_MASK = 0xfff;

/** The paths in an index of version 2, 3 or 4, with slashes, from the work tree's root; null where it cannot be read. */
export function trackedPaths(bytes: Uint8Array, hashLength = 20): ReadonlySet<string> | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || view.getUint32(0) !== 0x44495243) return null;
  const version = view.getUint32(4);
  if (version < 2 || version > 4) return null;
  const count = view.getUint32(8);
  const text = new TextDecoder();
  const paths = new Set<string>();
  let at = 12;
  let before = new Uint8Array();
  for (let entry = 0; entry < count; entry++) {
    const flagsAt = at + 40 + hashLength;
    if (flagsAt + 2 > bytes.length) return null;
    const flags = view.getUint16(flagsAt);
    // bit 14: two more bytes of flags, since version 3
    let name = flagsAt + 2 + ((flags & 0x4000) !== 0 ? 2 : 0);
    let kept = 0;
    if (version === 4) {
      // how much of the path before to take away, as a number of 7 bits a byte
      let drop = 0;
      for (let more = true, first = true; more; first = false) {
        const byte = bytes[name++];
        if (byte === undefined) return null;
        drop = (first ? 0 : (drop + 1) << 7) | (byte & 127);
        more = (byte & 128) !== 0;
      }
      kept = before.length - drop;
      if (kept < 0) return null;
    }
    const short = flags & PATH_MASK;
    const end = version !== 4 && short < PATH_MASK ? name + short : bytes.indexOf(0, name);
    if (end < 0 || end > bytes.length) return null;
    const path = new Uint8Array(kept + end - name);
    path.set(before.subarray(0, kept));
    path.set(bytes.subarray(name, end), kept);
    paths.add(text.decode(path));
    before = path;
    // up to version 3 an entry is filled with 1 to 8 zeros to a multiple of 8
    at = version === 4 ? end + 1 : at + ((end - at + 8) & ~7);
  }
  return paths;
}
