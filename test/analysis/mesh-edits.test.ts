// What an edit in a mesh costs, counted and not timed: rules asked, and records made anew. Neither may grow with the mesh.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { type Analysis, analyse } from '../../server/src/analysis/analysis.ts';
import { rulesAsked } from '../../server/src/analysis/memo.ts';
import { type ParsedFile, parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { rules } from '../../server/src/rules/registry.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';

const keys = Array.from({ length: 64 }, () => randomBytes(32).toString('base64'));
const uriOf = (host: number): string => `file:///mesh/host-${host}/etc/wireguard/wg0.conf`;
const address = (host: number): string => `10.0.0.${host + 1}`;

const peer = (host: number): string =>
  `# host-${host}\n[Peer]\nPublicKey = ${keys[host]}\nEndpoint = 198.51.100.${host}:51820\nAllowedIPs = ${address(host)}/32\n`;
const config = (host: number, peers: readonly number[]): string =>
  `[Interface]\n# PublicKey = ${keys[host]}\nAddress = ${address(host)}/24\nListenPort = 51820\n${peers.map(peer).join('')}`;

/** Each host has each other as a peer. */
function fullMesh(hosts: number): Analysis {
  const all = Array.from({ length: hosts }, (_, host) => host);
  return opened(
    all.map((host) =>
      config(
        host,
        all.filter((other) => other !== host),
      ),
    ),
  );
}

/** Host 0 has all others as peers, and is their only one. */
function hubAndSpokes(hosts: number): Analysis {
  const all = Array.from({ length: hosts }, (_, host) => host);
  return opened(all.map((host) => config(host, host === 0 ? all.slice(1) : [0])));
}

function opened(texts: readonly string[]): Analysis {
  const files = new Map<string, ParsedFile>();
  texts.forEach((text, host) => {
    files.set(uriOf(host), parsedFile(sourceFile(uriOf(host), 1, 'wireguard', text)));
  });
  return analyse(files);
}

interface Cost {
  readonly asked: number;
  /** The interfaces whose records are others than before. */
  readonly made: readonly number[];
}

/** What is asked and made anew after `from` became `to` in a host's file, where it stands first behind `behind`. */
function edited(before: Analysis, host: number, behind: string, from: string, to: string): Cost {
  const uri = uriOf(host);
  const file = before.files.get(uri) as ParsedFile;
  const { text } = file.source;
  const start = text.indexOf(from, text.indexOf(behind));
  assert.ok(start >= 0);
  const next = text.slice(0, start) + to + text.slice(start + from.length);
  const damage = { start, oldEnd: start + from.length, newEnd: start + to.length };
  const files = new Map(before.files).set(uri, parsedFile(sourceFile(uri, 2, 'wireguard', next), file, damage));
  const asked = rulesAsked();
  const after = analyse(files, before);
  const old = before.mesh.state.records;
  return { asked: rulesAsked() - asked, made: after.mesh.state.records.flatMap((record, i) => (record === old[i] ? [] : [i])) };
}

const linkRules = rules.filter((rule) => rule.scope === 'interface' && rule.reads === undefined).length;
const meshRules = rules.filter((rule) => rule.scope === 'mesh').length;

describe('an edit in a mesh', () => {
  const twice = (edit: (mesh: (hosts: number) => Analysis, hosts: number) => Cost, mesh: (hosts: number) => Analysis): Cost => {
    const [small, large] = [edit(mesh, 8), edit(mesh, 40)];
    assert.deepEqual(large, small, 'the mesh’s size counts');
    return small;
  };

  test('of a comment asks nothing', () => {
    const cost = twice((mesh, hosts) => edited(mesh(hosts), 3, '', '# PublicKey', '#  PublicKey'), fullMesh);
    assert.deepEqual(cost, { asked: 0, made: [] });
  });

  test('of one entry asks the two ends of its link, and rules about whole meshes', () => {
    const entry = (mesh: (hosts: number) => Analysis, hosts: number): Cost =>
      edited(mesh(hosts), 3, keys[5] as string, `${address(5)}/32`, `fd00::5/128`);
    // and once more of the other end, whose address is not listed any more: whether it is anywhere
    assert.deepEqual(twice(entry, fullMesh), { asked: 2 * linkRules + meshRules + 1, made: [3, 5] });
  });

  test('of a spoke’s only entry asks the spoke and the hub', () => {
    const entry = (mesh: (hosts: number) => Analysis, hosts: number): Cost =>
      edited(mesh(hosts), 3, keys[0] as string, `${address(0)}/32`, `fd00::1/128`);
    assert.deepEqual(twice(entry, hubAndSpokes), { asked: 2 * linkRules + meshRules, made: [0, 3] });
  });

  test('of one entry of the hub asks the hub and that spoke', () => {
    const entry = (mesh: (hosts: number) => Analysis, hosts: number): Cost =>
      edited(mesh(hosts), 0, keys[4] as string, `${address(4)}/32`, `fd00::4/128`);
    const { made } = twice(entry, hubAndSpokes);
    assert.deepEqual(made, [0, 4]);
  });

  test('of an address asks its host and its peers', () => {
    const { made } = edited(hubAndSpokes(40), 3, '', `Address = ${address(3)}`, 'Address = 10.0.0.77');
    assert.deepEqual(made, [0, 3]);
  });

  test('of a key asks those who name the old one or the new one', () => {
    const { made } = edited(hubAndSpokes(40), 3, '', `# PublicKey = ${keys[3]}`, `# PublicKey = ${keys[60]}`);
    assert.deepEqual(made, [0, 3]);
  });

  test('asks of the hub’s ruleset only the rules that read what changed', () => {
    const asked = (behind: string, from: string, to: string): number => {
      const { files } = hubAndSpokes(8);
      const uri = 'file:///mesh/host-0/etc/nftables.conf';
      const text = 'table inet t {\n\tchain c {\n\t\ttype filter hook input priority 0;\n\t\tip saddr 10.0.0.3 accept\n\t}\n}\n';
      const more = new Map(files).set(uri, parsedFile(sourceFile(uri, 1, 'nftables', text)));
      return edited(analyse(more), 3, behind, from, to).asked - edited(hubAndSpokes(8), 3, behind, from, to).asked;
    };
    const reading = (...levels: readonly string[]): number =>
      rules.filter((rule) => rule.scope === 'ruleset' && levels.includes(rule.reads)).length;
    // a peer that nobody knows: nobody’s address, and nothing of the hub’s
    const entry = `AllowedIPs = ${address(0)}/32\n`;
    assert.equal(asked(keys[0] as string, entry, `${entry}[Peer]\nPublicKey = ${keys[50]}\n`), reading('mesh'));
    // what the spoke takes from the hub stands in the hub’s links, and so does its port
    assert.equal(asked('', 'ListenPort = 51820', 'ListenPort = 51821'), reading('mesh', 'links'));
    assert.equal(
      asked(keys[0] as string, `AllowedIPs = ${address(0)}/32`, `AllowedIPs = ${address(0)}/32, 10.0.0.0/24`),
      reading('mesh', 'links'),
    );
    // an address that was not known before
    assert.equal(asked(keys[0] as string, `${address(0)}/32`, `${address(0)}/32, 10.0.0.99/32`), reading('mesh', 'links', 'addresses'));
  });
});
