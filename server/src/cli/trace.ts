// meshwarden trace: what one ruleset makes of packets, a packet a line. The JSON is a promise to whoever reads it.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { resolver } from '../mesh/includes.ts';
import type { Ruleset } from '../mesh/model.ts';
import { type Address, parseAddress } from '../net/address.ts';
import { rulesetState } from '../nftables/ruleset/ruleset.ts';
import type { RulesetState } from '../nftables/ruleset/state.ts';
import { protocols } from '../reach/numbers.ts';
import { openingState } from '../reach/walk/conntrack.ts';
import { constantOf } from '../reach/walk/constants.ts';
import { type ConnectionState, ctStates, type Packet } from '../reach/walk/packet.ts';
import { type Verdict, type Way, walk } from '../reach/walk/walk.ts';
import type { Origin } from '../text/origin.ts';
import { type Command, isWrong, parsedArgs, type Surroundings, toldWrong } from './command.ts';
import { gather } from './gather.ts';
import { type Files, type PrintedPlace, printedPlace } from './places.ts';

interface Printed {
  readonly verdict: Verdict;
  /** What decided, in order; a statement once. */
  readonly rules: readonly PrintedPlace[];
  /** Of an unknown verdict: what it hangs on. */
  readonly why?: string;
}

interface Traced {
  readonly way: Way;
  readonly packet: Packet;
}

export const traceCommand: Command = {
  name: 'trace',
  usage: `  meshwarden trace RULESET --batch -
                             what a ruleset makes of packets, which are JSON lines from standard input: {"hook","iif","oif","src","dst",
                             "proto","sport","dport","ct","tcpFlags"?,"icmpType"?}, where hook is the way: forward, input or output
      ends with 0
`,
  run(args, around) {
    const text = { type: 'string' } as const;
    const parsed = parsedArgs({ args: [...args], allowPositionals: true, options: { batch: text, format: text } });
    if (isWrong(parsed)) return toldWrong(around, parsed.wrong);
    const { values, positionals } = parsed;
    const [ruleset, ...more] = positionals;
    if (ruleset === undefined || more.length > 0 || values.batch !== '-')
      return toldWrong(around, 'trace takes a ruleset, and packets from standard input: trace RULESET --batch -');
    const { format = 'json' } = values;
    if (format !== 'json') return toldWrong(around, `trace prints JSON lines; --format takes json, not “${format}”`);
    return traceBatch(ruleset, around);
  },
};

/** A packet a line, and for each a line in the same order; `{"error"}` for one that is no packet. Returns the exit status. */
async function traceBatch(ruleset: string, { input, folder, out, err }: Surroundings): Promise<number> {
  const info = await stat(path.resolve(folder, ruleset)).catch(() => null);
  if (info?.isDirectory()) {
    err.write(`meshwarden: ${ruleset} is a folder; trace takes the ruleset’s file\n`);
    return 2;
  }
  const { files: found, included, troubles } = await gather([ruleset], folder, {});
  const files: Files = new Map([...found, ...included]);
  const rulesets = [...files.values()].flatMap(({ source: { uri }, facts }): Ruleset[] =>
    facts.language === 'nftables' ? [{ uri, facts }] : [],
  );
  const first = rulesets.find(({ uri }) => found.has(uri));
  for (const trouble of troubles) err.write(`meshwarden: ${trouble}\n`);
  if (!first && troubles.length === 0) err.write(`meshwarden: ${ruleset} is no nftables ruleset\n`);
  if (!first || troubles.length > 0) return 2;
  const state = rulesetState(first, resolver(rulesets));
  const places = new Map<string, PrintedPlace | null>();
  const place = (origin: Origin): PrintedPlace | null => {
    const key = `${origin.statement} ${origin.item} ${origin.uri}`;
    let known = places.get(key);
    if (known === undefined) {
      known = printedPlace(files, folder, origin);
      places.set(key, known);
    }
    return known;
  };
  for await (const line of createInterface({ input })) {
    if (line.trim() === '') continue;
    const read = packetIn(line);
    out.write(`${JSON.stringify(typeof read === 'string' ? { error: read } : printed(state, read, place))}\n`);
  }
  return 0;
}

function printed(state: RulesetState, { way, packet }: Traced, place: (origin: Origin) => PrintedPlace | null): Printed {
  const { verdict, trace, reasons } = walk(way, state, packet, { routeStands: true });
  const rules = placesOf(trace, place);
  if (verdict !== 'unknown') return { verdict, rules };
  const at = placesOf(reasons, place).map((one) => `${one.path}:${one.line}`);
  const why = at.length === 0 ? 'the files do not tell' : `what the files do not tell counts at ${at.slice(0, 8).join(', ')}`;
  return { verdict, rules, why: at.length > 8 ? `${why} and ${at.length - 8} more` : why };
}

function placesOf(origins: readonly Origin[], place: (origin: Origin) => PrintedPlace | null): readonly PrintedPlace[] {
  return [...new Set(origins.map(place))].filter((one) => one !== null);
}

const ways: Readonly<Record<string, Way>> = { forward: 'forward', input: 'input', output: 'output' };

/** A line's packet, or what is wrong with it. */
function packetIn(line: string): Traced | string {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    return 'this line is no JSON';
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return 'this line is no packet: write an object';
  const { hook, iif, oif, src, dst, proto, sport, dport, ct, tcpFlags, icmpType } = read as Readonly<Record<string, unknown>>;
  const way = typeof hook === 'string' && Object.hasOwn(ways, hook) ? ways[hook] : undefined;
  if (!way) return '“hook” is forward, input or output';
  const source = addressIn(src);
  const destination = addressIn(dst);
  if (!source) return '“src” is an IPv4 or IPv6 address';
  if (!destination) return '“dst” is an IPv4 or IPv6 address';
  if (source.version !== destination.version) return '“src” and “dst” are of two versions of IP';
  const protocol = protocolIn(proto, source.version);
  if (protocol === null) return '“proto” is a name such as tcp, udp or icmp, or a number';
  const [incoming, outgoing] = [nameIn(iif), nameIn(oif)];
  if (incoming === undefined) return '“iif” is an interface’s name';
  if (outgoing === undefined) return '“oif” is an interface’s name';
  const hasPorts = withPorts.has(protocol);
  const [sourcePort, destinationPort] = [portIn(sport), portIn(dport)];
  if (sourcePort === undefined) return '“sport” is a port';
  if (destinationPort === undefined) return '“dport” is a port';
  const state = ct === undefined || ct === null ? undefined : stateIn(ct);
  if (state === null) return `“ct” is one of ${Object.keys(ctStates).join(', ')}`;
  const opens = state === undefined || state === 'new';
  const flags = flagsIn(tcpFlags);
  if (flags === undefined) return '“tcpFlags” is a list of fin, syn, rst, psh, ack, urg, ecn and cwr';
  const type = byteIn(icmpType);
  if (type === undefined) return '“icmpType” is a number from 0 to 255';
  const isIcmp = protocol === 1 || protocol === 58;
  // what opens a connection is a SYN, or asks for an echo
  const packet: Packet = {
    source,
    destination,
    protocol,
    sourcePort: hasPorts ? sourcePort : null,
    destinationPort: hasPorts ? destinationPort : null,
    tcpFlags: protocol !== 6 ? null : (flags ?? (opens ? 2 : null)),
    icmpType: !isIcmp ? null : (type ?? (opens ? (protocol === 1 ? 8 : 128) : null)),
    icmpCode: isIcmp ? 0 : null,
    iif: way === 'output' ? null : incoming,
    oif: way === 'input' ? null : outgoing,
    mark: 0,
    state: null,
    // as Linux sends it
    ttl: 64,
    dscp: 0,
    ...(way === 'output' || isTunnel(incoming) ? { linkLayer: false } : {}),
  };
  return { way, packet: { ...packet, state: state ?? openingState(packet) } };
}

const withPorts: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

function addressIn(value: unknown): Address | null {
  return typeof value === 'string' ? parseAddress(value) : null;
}

function protocolIn(value: unknown, version: 4 | 6): number | null {
  if (typeof value !== 'string') return byteIn(value) ?? null;
  const name = value.toLowerCase();
  if (name === 'icmp' && version === 6) return 58;
  return protocols.get(name) ?? (/^\d{1,3}$/.test(name) ? (byteIn(Number(name)) ?? null) : null);
}

/** null where there is none; undefined is a mistake. */
function nameIn(value: unknown): string | null | undefined {
  if (value === undefined || value === null || value === '') return null;
  return typeof value === 'string' && constantOf(value, 'ifname') ? value : undefined;
}

/** null where it is left out; undefined is a mistake. */
function portIn(value: unknown): number | null | undefined {
  if (value === undefined || value === null) return null;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff ? value : undefined;
}

function byteIn(value: unknown): number | null | undefined {
  if (value === undefined || value === null) return null;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255 ? value : undefined;
}

function stateIn(value: unknown): ConnectionState | null {
  return typeof value === 'string' && Object.hasOwn(ctStates, value) ? (value as ConnectionState) : null;
}

function flagsIn(value: unknown): number | null | undefined {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value)) return undefined;
  let flags = 0;
  for (const name of value) {
    const flag = typeof name === 'string' && /^[a-z]+$/i.test(name) ? constantOf(name.toLowerCase(), 'tcp_flag') : null;
    if (!flag) return undefined;
    flags |= Number(flag.from);
  }
  return flags;
}

/** What comes in by WireGuard's interfaces and TUN devices has no link-layer header; of others it is not known here. */
function isTunnel(name: string | null): boolean {
  return name !== null && /^(?:wg|tun)/.test(name);
}
