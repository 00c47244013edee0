// Words in messages: quoting without showing a key, lists, "did you mean".

/** As long as a key, and of its characters: may be one, wherever it stands. */
export const KEY_LIKE = /[A-Za-z0-9+/_-]{32,}=*/;
const KEYS_LIKE = new RegExp(KEY_LIKE, 'g');
/** What may be a part of one, between a wrong character or a space and the next. */
const PARTS_LIKE = /[A-Za-z0-9+/]{12,}=*/g;
/** Letters in words, as in PersistentKeepalive: no key looks like that. */
const WORDS = /^[A-Z]*[a-z]+(?:[A-Z]+[a-z]{2,})*$|^[A-Z0-9]+$|^[a-z0-9/]+$/;
const LONGEST = 60;

/** `text` in quotation marks, shortened, with anything as long as a key left out: messages travel further than files. */
export function quoted(text: string): string {
  const shown = text
    .replace(KEYS_LIKE, '…')
    .replace(PARTS_LIKE, (part) => (WORDS.test(part) ? part : '…'))
    .replace(/[\u0000-\u001f\u007f\ud800-\udfff]/g, '·');
  return shown.length > LONGEST ? `“${shown.slice(0, LONGEST)}…”` : `“${shown}”`;
}

/** `a`, `a or b`, `a, b or c`; long lists are cut with the number of those left out. */
export function listed(items: readonly string[], last: 'or' | 'and' = 'or', most = 8): string {
  if (items.length > most) return `${items.slice(0, most).join(', ')} ${last} ${items.length - most} more`;
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${last} ${items[items.length - 1]}`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** The number of insertions, deletions, replacements and swaps of neighbours between two words, or `limit + 1` when it is more. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let cost = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, (last[j - 1] as number) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a.charCodeAt(i - 1) === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1)) {
        cost = Math.min(cost, (before[j - 2] as number) + 1);
      }
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least > limit) return limit + 1;
    before = last;
    last = row;
  }
  return last[b.length] as number;
}

/** The candidates nearest to `word` (two slips at the most, one in a short word), nearest first; case does not count. */
export function nearest(word: string, candidates: Iterable<string>): string[] {
  const limit = word.length <= 4 ? 1 : 2;
  const lower = word.toLowerCase();
  const found: { candidate: string; distance: number }[] = [];
  for (const candidate of candidates) {
    const distance = editDistance(lower, candidate.toLowerCase(), limit);
    if (distance <= limit) found.push({ candidate, distance });
  }
  found.sort((a, b) => a.distance - b.distance);
  const best = found[0]?.distance;
  return found
    .filter(({ distance }) => distance === best)
    .map(({ candidate }) => candidate)
    .slice(0, 3);
}
