// The hub of the rules' examples: a laptop and an app server behind one tunnel, with a ruleset that is sound but for what an example changes.

const config = `[Interface]
Address = 10.10.0.1/24
ListenPort = 51820
PostUp = wg set %i private-key /etc/wireguard/wg0.key
PostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /etc/wireguard/laptop.psk
PostUp = wg set %i peer Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c= preshared-key /etc/wireguard/app.psk

# laptop
[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.7/32

# app
[Peer]
PublicKey = Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c=
AllowedIPs = 10.10.0.20/32
`;

function chain(hook: 'input' | 'forward', rules: readonly string[], policy: string): string {
  const lines = [`type filter hook ${hook} priority filter;${policy}`, ...rules];
  return `	chain ${hook} {\n${lines.map((line) => `		${line}\n`).join('')}	}\n`;
}

export const soundInput: readonly string[] = [
  'ct state established,related accept',
  'iifname "lo" accept',
  'udp dport 51820 accept',
  'limit rate 10/minute log prefix "input: "',
];

export const soundForward: readonly string[] = [
  'ct state established,related accept',
  'iifname "wg0" oifname "wg0" ip saddr 10.10.0.7 ip daddr 10.10.0.20 tcp dport 443 accept',
  'limit rate 10/minute log prefix "forward: "',
];

export interface ExampleRules {
  /** Null leaves the chain out. */
  readonly input?: readonly string[] | null;
  readonly forward?: readonly string[] | null;
  readonly family?: string;
  /** Behind the chains' types. */
  readonly inputPolicy?: string;
  readonly forwardPolicy?: string;
  readonly config?: string;
}

/** The files of the hub with these rules. */
export function exampleHub({
  input = soundInput,
  forward = soundForward,
  family = 'inet',
  inputPolicy = ' policy drop;',
  forwardPolicy = ' policy drop;',
  config: own = config,
}: ExampleRules): string {
  const chains = [...(input ? [chain('input', input, inputPolicy)] : []), ...(forward ? [chain('forward', forward, forwardPolicy)] : [])];
  return `-- hub/etc/wireguard/wg0.conf --\n${own}-- hub/etc/nftables.conf --\ntable ${family} filter {\n${chains.join('\n')}}\n`;
}

export const exampleConfig = config;

/** `rules` with one before the last, which is the log. */
export function withRule(rules: readonly string[], rule: string): readonly string[] {
  return [...rules.slice(0, -1), rule, ...rules.slice(-1)];
}
