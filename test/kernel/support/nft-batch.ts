// Loads and lists many rulesets in one run of nft: `nft -i` takes a command a line, so that thousands take seconds.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Namespace } from './namespace.ts';
import type { NftObject } from './nft.ts';

/** What the kernel holds after each text was loaded into an empty ruleset: nothing where nft refused it, null where nft crashed while it listed it. */
export async function listMany(namespace: Namespace, texts: readonly string[]): Promise<readonly (readonly NftObject[] | null)[]> {
  const folder = path.join(namespace.folder, 'batch');
  mkdirSync(folder, { recursive: true });
  const answers: (readonly NftObject[] | null)[] = [];
  try {
    let alone = false;
    for (let first = 0; first < texts.length; ) {
      const last: number = alone ? first + 1 : texts.length;
      const script: string[] = [];
      for (let i = first; i < last; i++) {
        const file = path.join(folder, `${i}.nft`);
        const text = texts[i] as string;
        writeFileSync(file, text);
        // what one text defines the next would define again
        const names = new Set([...text.matchAll(/\b(?:re)?define\s+([\w.-]+)/g)].map(([, name]) => `undefine ${name}`));
        script.push(`include "${file}"`, ...names, `add table ip ${mark}${i}`, 'list ruleset', 'flush ruleset');
      }
      writeFileSync(path.join(folder, 'script'), `flush ruleset\n${script.join('\n')}\n`);
      const { stdout } = await namespace.run(['sh', '-c', 'exec nft -j -i <script'], { cwd: folder });
      for (const line of stdout.split('\n')) {
        const listed = listing(line);
        if (!listed) continue;
        answers[listed.index] = listed.objects;
        first = listed.index + 1;
      }
      // nft 1.0.6 crashes where it prints some statements, with what it has not written yet: the next one tries again by itself
      if (alone && first < last) answers[first++] = null;
      alone = !alone && first < last;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return answers;
}

/** A table beside those of the text, by which its list is told from what the text itself lists. */
const mark = 'meshwarden_batch_';

function listing(line: string): { readonly index: number; readonly objects: readonly NftObject[] } | null {
  const index = new RegExp(`"name": "${mark}(\\d+)"`).exec(line)?.[1];
  if (index === undefined || !line.startsWith('{"nftables"') || !line.endsWith(']}')) return null;
  const { nftables } = JSON.parse(line) as { readonly nftables: readonly NftObject[] };
  const objects = nftables.filter((object) => !('metainfo' in object) && !isMark(object));
  return { index: Number(index), objects };
}

function isMark({ table }: NftObject): boolean {
  return typeof table === 'object' && table !== null && 'name' in table && String(table.name).startsWith(mark);
}
