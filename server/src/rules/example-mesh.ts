// The hosts of the rules' examples: a hub and two peers, whole and sound but for the lines that an example puts in their place.

/** Public keys, made by wg. */
export const HUB = 'Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c=';
export const LAPTOP = '7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=';
export const DATABASE = '4uyhRwZrKJD5VIs47XCqCXtDoUckFCshSzptxhnSl28=';
export const OTHER = '9kFSyvWC2hcI20//jIe5GTbhuF3m6zy54WZjgZ+MQCQ=';

export interface ExampleHost {
  /** The lines of [Interface] in place of the usual ones. */
  readonly own?: string;
  /** Lines that come behind them. */
  readonly more?: string;
  readonly peers?: string;
}

function text(publicKey: string, own: string, more: string, peers: string): string {
  const known = [...peers.matchAll(/^PublicKey = (\S+)$/gm)].map((match) => match[1] as string);
  const loads = known.map((key) => ` peer ${key} preshared-key /etc/wireguard/${key.slice(0, 3).toLowerCase()}.psk`).join('');
  return `[Interface]\n# PublicKey = ${publicKey}\n${own}PostUp = wg set %i private-key /etc/wireguard/wg0.key${loads}\n${more}\n${peers}`;
}

export const laptopPeer = `# laptop\n[Peer]\nPublicKey = ${LAPTOP}\nAllowedIPs = 10.10.0.7/32\n`;
export const databasePeer = `# database\n[Peer]\nPublicKey = ${DATABASE}\nAllowedIPs = 10.10.0.2/32\n`;

export function hub({ own = 'Address = 10.10.0.1/24\nListenPort = 51820\n', more = '', peers = laptopPeer }: ExampleHost = {}): string {
  return text(HUB, own, more, peers);
}

export const hubPeer = `# hub\n[Peer]\nPublicKey = ${HUB}\nEndpoint = 203.0.113.1:51820\nAllowedIPs = 10.10.0.2/32\nPersistentKeepalive = 25\n`;

export function laptop({ own = 'Address = 10.10.0.7/32\n', more = '', peers = hubPeer }: ExampleHost = {}): string {
  return text(LAPTOP, own, more, peers);
}

export const hubPeerOfDatabase = hubPeer.replace('10.10.0.2/32', '10.10.0.7/32');

export function database({ own = 'Address = 10.10.0.2/32\n', more = '', peers = hubPeerOfDatabase }: ExampleHost = {}): string {
  return text(DATABASE, own, more, peers);
}

/** Files of an example, by host: `hub/wg0.conf` and so on; a name with a slash or a dot is a path. */
export function files(hosts: Readonly<Record<string, string>>): string {
  return Object.entries(hosts)
    .map(([name, content]) => `-- ${/[/.]/.test(name) ? name : `${name}/wg0.conf`} --\n${content}`)
    .join('');
}
