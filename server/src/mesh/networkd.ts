// The names that files of systemd-networkd are about.

/** fnmatch(3) as far as names of interfaces use it; `!NAME` matches none by itself. */
export function matchesName(pattern: string, name: string): boolean {
  if (pattern.startsWith('!')) return false;
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === name;
  if (!name.startsWith(parts[0] as string) || !name.endsWith(parts[parts.length - 1] as string)) return false;
  let at = 0;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}
