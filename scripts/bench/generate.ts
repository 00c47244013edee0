// `bench generate DIR`: writes the files that the bench measures on, for a look at them or for the real tools.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { lineCount } from './document.ts';
import { nftablesDocument } from './nftables-text.ts';
import { cssDocument, jsonDocument, yamlDocument } from './peer-texts.ts';
import { wireguardDocument } from './wireguard-text.ts';

export async function run([folder, ...rest]: readonly string[]): Promise<number> {
  if (folder === undefined || rest.length > 0) {
    console.error('usage: npm run bench generate DIR');
    return 2;
  }
  const makers = [nftablesDocument, wireguardDocument, jsonDocument, cssDocument, yamlDocument];
  for (const lines of [200, 10_000]) {
    for (const make of makers) {
      const { file, text } = make(lines, 20);
      const target = path.join(folder, file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, text);
      console.log(`${target}: ${lineCount(text)} lines, ${Math.round(text.length / 1024)} KB`);
    }
  }
  return 0;
}
