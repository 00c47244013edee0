// A hub's wg-quick config of any length: an interface, and a peer every six lines. Its keys are random bytes, nobody's.
import { type BenchDocument, places } from './document.ts';
import { hostName, ipv4, ipv6, randomKey } from './mesh-names.ts';
import { seeded } from './random.ts';

/** Exactly `lines` lines (at least 30), which `wg-quick strip` and `wg setconf` take. No key of ours is in it: they come from files. */
export function wireguardText(lines: number, seed = 2): string {
  const random = seeded(seed);
  const head = [
    '# The mesh hub. Keys are read from files when the interface is up.',
    '[Interface]',
    `Address = ${ipv4(0)}/16, ${ipv6(0)}/64`,
    'ListenPort = 51820',
    'MTU = 1420',
    'PostUp = wg set %i private-key /etc/wireguard/hub.key',
  ];
  const postUps: string[] = [];
  const peers: string[] = [];
  for (let host = 1; ; host++) {
    const key = randomKey(random);
    const preshared = host % 50 !== 0; // a hub always has a few that were never given one
    const roaming = host % 5 === 0;
    const peer = ['', `# ${hostName(host)}`, '[Peer]', `PublicKey = ${key}`, `AllowedIPs = ${ipv4(host)}/32`];
    if (roaming) peer.push('PersistentKeepalive = 25');
    if (head.length + postUps.length + peers.length + peer.length + Number(preshared) > lines) break;
    if (preshared) postUps.push(`PostUp = wg set %i peer ${key} preshared-key /etc/wireguard/psk/${hostName(host)}.psk`);
    peers.push(...peer);
  }
  const text = [...head, ...postUps, ...peers];
  while (text.length < lines) text.push('# end of the peers');
  return `${text.join('\n')}\n`;
}

/** A hub of so many peers, whose preshared keys a loop loads, as nobody writes a line for each of thousands. */
export function wireguardHubText(peers: number, seed = 2): string {
  const random = seeded(seed);
  const lines = [
    '# The mesh hub. Keys are read from files when the interface is up.',
    '[Interface]',
    `Address = ${ipv4(0)}/16, ${ipv6(0)}/64`,
    'ListenPort = 51820',
    'PostUp = wg set %i private-key /etc/wireguard/hub.key',
    'PostUp = for f in /etc/wireguard/psk/*; do wg set %i peer "$(cat $f.pub)" preshared-key "$f"; done',
  ];
  for (let host = 1; host <= peers; host++) {
    lines.push('', `# ${hostName(host)}`, '[Peer]', `PublicKey = ${randomKey(random)}`, `AllowedIPs = ${ipv4(host)}/32`);
  }
  return `${lines.join('\n')}\n`;
}

export function wireguardDocument(lines: number, edits: number): BenchDocument {
  const text = wireguardText(lines);
  return {
    name: `wireguard ${lines}`,
    file: `wireguard-${lines}/wg0.conf`,
    languageId: 'wireguard',
    text,
    // 10.10.0.2/32 becomes 10.10.0.2/322
    places: places(text, edits / 2, '2', (line) => (/^AllowedIPs = .*\/32$/.test(line) ? line.length : -1)),
  };
}
