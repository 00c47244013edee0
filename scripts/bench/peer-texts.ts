// Files of the same number of lines for the servers we measure ourselves against: JSON, CSS and YAML as people write them.
import { type BenchDocument, places } from './document.ts';
import { hostName, ipv4, ipv6, randomKey } from './mesh-names.ts';
import { seeded } from './random.ts';

/** Repeats `block` between head and foot and fills the last lines with `filler`, so that there are exactly `lines`. */
function fill(lines: number, head: readonly string[], block: (i: number) => string[], filler: string, foot: readonly string[]): string {
  const text = [...head];
  for (let i = 1; ; i++) {
    const next = block(i);
    if (text.length + next.length + foot.length > lines) break;
    text.push(...next);
  }
  while (text.length + foot.length < lines) text.push(filler);
  return `${[...text, ...foot].join('\n')}\n`;
}

function document(languageId: string, extension: string, lines: number, text: string, at: ReturnType<typeof places>): BenchDocument {
  return { name: `${languageId} ${lines}`, file: `${languageId}-${lines}/hosts.${extension}`, languageId, text, places: at };
}

/** The mesh as an inventory. Its lines are as long as a package-lock.json's, 30 bytes in the mean. */
export function jsonDocument(lines: number, edits: number): BenchDocument {
  const random = seeded(3);
  const text = fill(
    lines,
    ['{', '  "mesh": "hub",', '  "hosts": ['],
    (i) => [
      '    {',
      `      "name": "${hostName(i)}",`,
      `      "publicKey": "${randomKey(random)}",`,
      `      "allowedIPs": ["${ipv4(i)}/32", "${ipv6(i)}/128"],`,
      `      "endpoint": "${hostName(i)}.mesh.example:51820",`,
      `      "persistentKeepalive": ${random.int(60)},`,
      '      "services": [',
      '        "ssh",',
      '        "metrics"',
      '      ],',
      `      "monitored": ${random.int(2) === 0}`,
      '    },',
    ],
    '',
    ['    { "name": "last" }', '  ]', '}'],
  );
  // "persistentKeepalive": 25 becomes 2x5
  const inNumber = (line: string): number => (line.includes('"persistentKeepalive"') ? line.length - 1 : -1);
  return document('json', 'json', lines, text, places(text, edits / 2, 'x', inNumber));
}

export function cssDocument(lines: number, edits: number): BenchDocument {
  const random = seeded(4);
  const text = fill(
    lines,
    ['/* one colour a host */'],
    (i) => [
      `.${hostName(i)} > .label {`,
      `  color: #${random.int(0xffffff).toString(16).padStart(6, '0')};`,
      `  margin: ${random.int(9)}px ${random.int(9)}px;`,
      '  font-size: 1.2em;',
      '}',
      '',
    ],
    '/* end */',
    [],
  );
  // "margin" becomes "marginx", a property that is none
  const inName = (line: string): number => (line.startsWith('  margin:') ? '  margin'.length : -1);
  return document('css', 'css', lines, text, places(text, edits / 2, 'x', inName));
}

export function yamlDocument(lines: number, edits: number): BenchDocument {
  const random = seeded(5);
  const text = fill(
    lines,
    ['mesh: hub', 'hosts:'],
    (i) => [
      `  - name: ${hostName(i)}`,
      `    address: ${ipv4(i)}/32`,
      `    port: ${1024 + random.int(60000)}`,
      '    services:',
      '      - ssh',
      '      - https',
      `    command: run ${hostName(i)}`,
    ],
    '# end',
    [],
  );
  // "command: run app" becomes "command: run: app", a mapping where none may stand
  const afterRun = (line: string): number => (line.startsWith('    command: run') ? '    command: run'.length : -1);
  return document('yaml', 'yaml', lines, text, places(text, edits / 2, ':', afterRun));
}
