// What a .gitignore says of a path (gitignore(5)).

/** Whether the patterns ignore `path` (with slashes, from the file's folder); null where none speaks of it. The last one that does counts. */
export function ignoredBy(patterns: string, path: string): boolean | null {
  let answer: boolean | null = null;
  for (const line of patterns.split(/\r?\n/)) {
    let pattern = line.replace(/(?<!\\)[ \t]+$/, '');
    if (!pattern || pattern.startsWith('#')) continue;
    const not = pattern.startsWith('!');
    if (not) pattern = pattern.slice(1);
    const folder = pattern.endsWith('/');
    if (folder) pattern = pattern.slice(0, -1);
    const anchored = pattern.includes('/');
    const source = expression(pattern.replace(/^\//, ''));
    const whole = new RegExp(`^${anchored ? '' : '(?:.*/)?'}${source}${folder ? '/.*' : '(?:/.*)?'}$`);
    if (whole.test(path)) answer = !not;
  }
  return answer;
}

function expression(pattern: string): string {
  let result = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i] as string;
    if (pattern.startsWith('**/', i)) {
      result += '(?:.*/)?';
      i += 2;
    } else if (pattern.startsWith('**', i)) {
      result += '.*';
      i++;
    } else if (c === '*') result += '[^/]*';
    else if (c === '?') result += '[^/]';
    else if (c === '[' && pattern.indexOf(']', i + 2) > 0) {
      const end = pattern.indexOf(']', i + 2);
      result += `[${pattern
        .slice(i + 1, end)
        .replace(/^!/, '^')
        .replace(/[\\[]/g, '\\$&')}]`;
      i = end;
    } else if (c === '\\' && i + 1 < pattern.length) result += escaped(pattern[++i] as string);
    else result += escaped(c);
  }
  return result;
}

function escaped(c: string): string {
  return c.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
