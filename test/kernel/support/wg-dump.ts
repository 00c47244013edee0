// What `wg show IFACE dump` says, with every secret replaced on reading.

export interface WgState {
  /** null where the device has no private key */
  readonly publicKey: string | null;
  readonly privateKey: 'present' | 'absent';
  readonly listenPort: number;
  readonly fwmark: number | null;
  /** in the order of their public keys: wg's own order is not stable */
  readonly peers: readonly WgPeerState[];
}

export interface WgPeerState {
  readonly publicKey: string;
  readonly presharedKey: 'present' | 'absent';
  readonly endpoint: string | null;
  /** as wg prints them: masked, with their prefix length; sorted */
  readonly allowedIps: readonly string[];
  /** seconds */
  readonly persistentKeepalive: number | null;
}

/**
 * Reads a dump of one interface: tab separated, private-key public-key port fwmark, then for each peer public-key preshared-key endpoint
 * allowed-ips handshake rx tx keepalive; `(none)` and `off` for absent (wg(8), show). Throws on anything else, without quoting it.
 */
export function readDump(dump: string): WgState {
  const [device, ...peers] = dump.trimEnd().split('\n');
  const [privateKey, publicKey, port, fwmark, ...rest] = (device ?? '').split('\t');
  if (privateKey === undefined || publicKey === undefined || port === undefined || fwmark === undefined || rest.length > 0) {
    throw new Error('not a dump of one WireGuard interface');
  }
  return {
    publicKey: unlessNone(publicKey),
    privateKey: presence(privateKey),
    listenPort: Number(port),
    fwmark: fwmark === 'off' ? null : Number(fwmark),
    peers: peers.map(readPeer).sort((a, b) => compare(a.publicKey, b.publicKey)),
  };
}

function readPeer(line: string): WgPeerState {
  const [publicKey, presharedKey, endpoint, allowedIps, , , , keepalive, ...rest] = line.split('\t');
  if (!publicKey || !presharedKey || !endpoint || !allowedIps || !keepalive || rest.length > 0)
    throw new Error('not a peer of a WireGuard dump');
  return {
    publicKey,
    presharedKey: presence(presharedKey),
    endpoint: unlessNone(endpoint),
    allowedIps: allowedIps === '(none)' ? [] : allowedIps.split(',').sort(compare),
    persistentKeepalive: keepalive === 'off' ? null : Number(keepalive),
  };
}

const unlessNone = (field: string): string | null => (field === '(none)' ? null : field);
const presence = (field: string): 'present' | 'absent' => (field === '(none)' ? 'absent' : 'present');
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * A message of wg or wg-quick about a config, with no secret of that config in it: wg quotes the value it could not read, which may be a
 * private key with one wrong letter. Each value of PrivateKey and PresharedKey goes, as written and as wg reads it, with no white space
 * (config.c, config_read_line).
 */
export function redact(message: string, config: string): string {
  const secrets = config
    .split(/\r\n|\r|\n/)
    .map(
      (line) =>
        /^\s*(?:p\s*r\s*i\s*v\s*a\s*t\s*e|p\s*r\s*e\s*s\s*h\s*a\s*r\s*e\s*d)\s*k\s*e\s*y[^=]*=\s*([^#]*)/i.exec(line)?.[1]?.trim() ?? '',
    )
    .flatMap((value) => [value, value.replace(/\s/g, '')])
    .filter((value) => value !== '');
  return secrets
    .reduce((text, secret) => text.replaceAll(secret, '(redacted)'), message)
    .replace(/((?:private|preshared)key[^=]*=)[^']*/gi, '$1(redacted)');
}
