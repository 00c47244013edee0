// A mesh edited step by step: what an analysis keeps of the one before must equal what is found afresh.
import { type Analysis, analyse, shownFindings } from '../../server/src/analysis/analysis.ts';
import { type ParsedFile, parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { rules } from '../../server/src/rules/registry.ts';
import { equalData } from '../../server/src/text/equal.ts';
import type { Damage } from '../../server/src/text/reuse.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import { type Random, seeded } from '../bench/random.ts';
import { FuzzFailure } from './failure.ts';
import {
  addressOf,
  configText,
  type MeshText,
  peerText,
  policyText,
  prefixAt,
  privateKeyOf,
  publicKeyOf,
  randomMesh,
  rulesetText,
  ruleText,
} from './random-mesh.ts';

export interface MeshEditReport {
  readonly series: number;
  readonly steps: number;
  /** Findings that an edit brought or took away, in all. */
  readonly changes: number;
}

const STEPS = 25;

/** Series `i` has the seed `seed + i`, a mesh of its own and some 25 edits. */
export function fuzzMeshEdits(steps: number, seed: number): MeshEditReport {
  let done = 0;
  let series = 0;
  let changes = 0;
  for (; done < steps; series++) {
    const random = seeded(seed + series);
    const texts = randomMesh(random);
    let files = new Map<string, ParsedFile>();
    for (const [uri, { language, text }] of texts) files.set(uri, parsedFile(sourceFile(uri, 1, language, text)));
    let analysis = analyse(files);
    const told: string[] = [];
    for (let step = 0; step < STEPS && done < steps; step++, done++) {
      const { files: next, what } = edited(files, random);
      told.push(what);
      const before = analysis;
      files = next;
      analysis = analyse(files, analysis);
      const wrong = difference(analysis, files) ?? unconcerned(analysis);
      if (wrong)
        throw new FuzzFailure(wrong, `npm run fuzz mesh -- --edits --seed ${seed + series} --count ${step + 1}\n${told.join('\n')}`);
      for (const uri of files.keys()) if (analysis.findings.get(uri) !== before.findings.get(uri)) changes++;
    }
  }
  return { series, steps: done, changes };
}

/** Where the findings are not those of the same files analysed afresh; null where they are. */
function difference(analysis: Analysis, files: ReadonlyMap<string, ParsedFile>): string | null {
  const fresh = analyse(
    new Map([...files].map(([uri, { source, disk }]) => [uri, { ...parsedFile(sourceFile(uri, 1, source.language, source.text)), disk }])),
  );
  for (const uri of files.keys()) {
    const kept = shownFindings(analysis, uri);
    const found = shownFindings(fresh, uri);
    if (equalData(kept, found)) continue;
    const one = kept.find((finding) => !found.some((other) => equalData(finding, other)));
    const other = found.find((finding) => !kept.some((old) => equalData(finding, old)));
    return `${uri}: kept ${JSON.stringify(one)}, and afresh ${JSON.stringify(other)}`;
  }
  return null;
}

/** A rule that finds something in an interface of which it said that it could not; null where none does. */
function unconcerned({ mesh: { model } }: Analysis): string | null {
  let wrong: string | null = null;
  for (const rule of rules) {
    if (rule.scope !== 'interface' || !rule.concerns) continue;
    for (const node of model.links.interfaces) {
      if (rule.concerns(node.record)) continue;
      rule.check(node, model, ({ message }) => {
        wrong ??= `${rule.id} said that ${node.uri} does not concern it, and told: ${message}`;
      });
    }
  }
  return wrong;
}

interface Edit {
  readonly files: Map<string, ParsedFile>;
  readonly what: string;
}

function edited(files: ReadonlyMap<string, ParsedFile>, random: Random): Edit {
  const next = new Map(files);
  const uris = [...files.keys()];
  const uri = random.pick(uris);
  const file = files.get(uri) as ParsedFile;
  const { language, text } = file.source;
  if (random.int(14) === 0 && uris.length > 3) {
    next.delete(uri);
    return { files: next, what: `remove ${uri}` };
  }
  if (random.int(14) === 0) {
    const one = addedFile(random);
    next.set(one.uri, parsedFile(sourceFile(one.uri, 1, one.file.language, one.file.text)));
    return { files: sorted(next), what: `add ${one.uri} ${JSON.stringify(one.file.text)}` };
  }
  if (language === 'wireguard' && random.int(20) === 0) {
    const disk = random.pick([
      null,
      { openToOthers: true, tracked: false, ignored: null },
      { openToOthers: false, tracked: true, ignored: false },
    ]);
    next.set(uri, { ...file, disk });
    return { files: next, what: `disk of ${uri}: ${JSON.stringify(disk)}` };
  }
  const changed = changedText(text, language, random);
  const damage = damageOf(text, changed);
  next.set(uri, parsedFile(sourceFile(uri, file.source.version + 1, language, changed), file, damage));
  return { files: next, what: `${uri}: ${JSON.stringify(damage)} ${JSON.stringify(changed.slice(damage.start, damage.newEnd))}` };
}

function sorted(files: ReadonlyMap<string, ParsedFile>): Map<string, ParsedFile> {
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function addedFile(random: Random): { readonly uri: string; readonly file: MeshText } {
  const host = random.int(9);
  const at = (path: string): string => `file:///mesh/${path}`;
  switch (random.int(5)) {
    case 0:
      return { uri: at(`host-${host}/etc/nftables.conf`), file: { language: 'nftables', text: rulesetText(random) } };
    case 1:
      return { uri: at('meshwarden.jsonc'), file: { language: 'policy', text: policyText(random) } };
    case 2:
      return { uri: at(`host-${host}/etc/wireguard/wg0.pub`), file: { language: 'public-key', text: `${publicKeyOf(host)}\n` } };
    case 3:
      return { uri: at(`shared/wg${host}.conf`), file: { language: 'wireguard', text: configText(random, host) } };
    default:
      return { uri: at(`host-${host}/etc/wireguard/wg0.conf`), file: { language: 'wireguard', text: configText(random, host) } };
  }
}

function changedText(text: string, language: string, random: Random): string {
  const lines = text.split('\n');
  const at = random.int(lines.length);
  const line = lines[at] ?? '';
  const put = (...more: string[]): string => [...lines.slice(0, at), ...more, ...lines.slice(at + 1)].join('\n');
  if (random.int(6) === 0) {
    // a key is typed, or taken back
    const column = random.int(line.length + 1);
    return put(
      random.int(2) === 0
        ? line.slice(0, column) + random.pick(['1', ' ', '/', 'a', '#', '"', '{']) + line.slice(column)
        : line.slice(0, column) + line.slice(column + 1),
    );
  }
  if (language === 'public-key') return random.pick([`${publicKeyOf(random.int(9))}\n`, '']);
  if (language === 'policy') return random.int(3) === 0 ? put(line, '') : policyText(random);
  if (language === 'nftables') {
    const kind = random.int(5);
    if (kind === 0) return put();
    if (kind === 1) return put(line, `\t\t${ruleText(random)}`);
    if (kind === 2)
      return put(
        line.replace(/policy \w+/, `policy ${random.pick(['accept', 'drop'])}`).replace(/\d+\.\d+\.\d+\.\d+/, addressOf(random.int(9))),
      );
    if (kind === 3) return put(line, line);
    return put(line.replace(/accept|drop/, random.pick(['accept', 'drop', 'jump input'])));
  }
  const key = /^(#? ?\w+) ?=/.exec(line)?.[1];
  if (key === 'AllowedIPs' && random.int(3) > 0) return put(`AllowedIPs = ${prefixAt(random)}`);
  if (key?.endsWith('PublicKey') && random.int(2) === 0) return put(`${key} = ${publicKeyOf(random.int(9))}`);
  switch (random.int(9)) {
    case 0:
      return put();
    case 1:
      return put(`# ${line}`);
    case 2:
      return put(line.replace(/^# /, ''));
    case 3:
      return put(line, `AllowedIPs = ${prefixAt(random)}`);
    case 4:
      return put(line, `# meshwarden: role = ${random.pick(['hub', 'spoke', 'exit-gateway', 'subnet-router', 'x'])}`);
    case 5:
      return `${text}\n${peerText(random, random.int(9))}`;
    case 6:
      return put(line, `Address = ${addressOf(random.int(9))}/24`);
    case 7:
      return put(
        line,
        random.pick([
          `PrivateKey = ${privateKeyOf(random.int(9))}`,
          'ListenPort = 51821',
          'PostUp = nft -f /etc/nftables.conf',
          'PostUp = sysctl -w net.ipv4.ip_forward=1',
          'Table = off',
          '# meshwarden: allow mesh/one-sided-link -- known',
        ]),
      );
    default:
      return put(line.replace(/\d+(?=\D*$)/, String(random.int(60))));
  }
}

/** The smallest stretch that differs. */
function damageOf(old: string, next: string): Damage {
  let start = 0;
  while (start < old.length && start < next.length && old[start] === next[start]) start++;
  let oldEnd = old.length;
  let newEnd = next.length;
  while (oldEnd > start && newEnd > start && old[oldEnd - 1] === next[newEnd - 1]) {
    oldEnd--;
    newEnd--;
  }
  return { start, oldEnd, newEnd };
}
