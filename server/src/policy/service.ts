// Services as grants and tests name them, in Tailscale's notation: `tcp:443`, `udp:53`, `tcp:8000-8100`, `icmp`, `*`.
import { type Intervals, joined, portDomain } from '../net/intervals.ts';
import { portProtocols, protocols } from '../net/protocols.ts';
import { listed, nearest, quoted } from '../text/words.ts';
import type { PolicyService } from './facts.ts';

/** What is wrong with a text, and the mend. */
export interface Fault {
  readonly problem: string;
}

const NOTATION = 'write one like tcp:443, udp:53, tcp:8000-8100, icmp or *';

/** ICMP is meant for both versions of IP: what is ping for the one is ping for the other. */
function protocolsNamed(name: string): readonly number[] | null {
  if (name === 'icmp') return [1, 58];
  const number = protocols.get(name);
  return number === undefined ? null : [number];
}

export function isProtocol(name: string): boolean {
  return protocolsNamed(name.toLowerCase()) !== null;
}

/** `protocol` is what a text with ports alone is about; without one it must say so itself. */
export function serviceOf(text: string, protocol: string | null = null): PolicyService | Fault {
  const said = text.trim().toLowerCase();
  if (said === '*') return { text: '*', protocols: null, ports: null };
  if (said === '') return { problem: `A service is missing: ${NOTATION}.` };
  const slash = /^([a-z]+)\/([\d,-]+)$/.exec(said);
  if (slash) return { problem: `Protocol and port stand with a colon between: write ${slash[1]}:${slash[2]}.` };
  const colon = said.indexOf(':');
  const portsAlone = colon < 0 && /^[\d,-]+$/.test(said);
  if (portsAlone && protocol === null) return { problem: `${quoted(said)} of which protocol? Write tcp:${said} or udp:${said}.` };
  const name = portsAlone ? (protocol ?? '') : colon < 0 ? said : said.slice(0, colon);
  const numbers = protocolsNamed(name);
  if (!numbers) {
    const near = nearest(name, protocols.keys());
    return { problem: `There is no protocol ${quoted(name)}${near.length > 0 ? `: did you mean ${listed(near)}?` : `; ${NOTATION}.`}` };
  }
  const portsText = portsAlone ? said : colon < 0 ? null : said.slice(colon + 1);
  const hasPorts = numbers.every((number) => portProtocols.includes(number));
  const shown = portsAlone ? `${name}:${said}` : said;
  if (portsText === '*') return { text: shown, protocols: numbers, ports: null };
  if (!hasPorts)
    return portsText === null ? { text: shown, protocols: numbers, ports: null } : { problem: `${name} has no ports: write ${name}.` };
  if (portsText === null) return { problem: `Which port? Write one like ${name}:443, or ${name}:* for all of them.` };
  const ports = portsOf(portsText);
  return 'problem' in ports ? ports : { text: shown, protocols: numbers, ports: ports.ports };
}

function portsOf(text: string): { readonly ports: Intervals<number> } | Fault {
  const ranges: { from: number; to: number }[] = [];
  for (const part of text.split(',')) {
    const found = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!found) return { problem: `${quoted(part)} is no port: write one like 443, or a range like 8000-8100.` };
    const from = Number(found[1]);
    const to = Number(found[2] ?? found[1]);
    const wrong = [from, to].find((port) => port < 1 || port > 65535);
    if (wrong !== undefined) return { problem: `There is no port ${wrong}: ports are 1 to 65535.` };
    if (to < from) return { problem: `This range ends before it begins: write ${to}-${from}.` };
    ranges.push({ from, to });
  }
  return { ports: joined(ranges, portDomain) };
}

/** Where a destination ends and its service begins in `app:tcp:443`, `[fd00::2]:tcp:443`, `app:*`. */
export interface SplitTarget {
  /** Of the destination, without brackets. */
  readonly start: number;
  readonly end: number;
  readonly service: string;
}

/** Splits a test's target. `protocol` is the test's own, for targets like `app:443`. */
export function splitTarget(text: string, protocol: string | null): SplitTarget | Fault {
  const all = { start: 0, end: text.length, service: '*' };
  if (text.trim() === '*') return all;
  if (text.startsWith('[')) {
    const close = text.indexOf(']');
    if (close < 0 || text[close + 1] !== ':')
      return { problem: 'An address in brackets is followed by its service: write [fd00::2]:tcp:443.' };
    return { start: 1, end: close, service: text.slice(close + 2) };
  }
  const last = text.lastIndexOf(':');
  if (last < 0) return { problem: `With which service? Write ${text || 'HOST'}:tcp:443, or ${text || 'HOST'}:* for all of them.` };
  const before = text.lastIndexOf(':', last - 1);
  const middle = before < 0 ? '' : text.slice(before + 1, last);
  const isPorts = /^[\d,*-]+$/.test(text.slice(last + 1));
  // behind a protocol's name it cannot be an address any more; a name of ours may have colons as well
  const cut =
    isPorts && before >= 0 && (isProtocol(middle) || (protocol === null && /^[a-z][a-z0-9-]*$/i.test(middle) && text[last + 1] !== '*'))
      ? before
      : last;
  if (cut === 0) return { problem: `For whom? Write HOST${text}.` };
  if (cut === last && /^[\da-f]*:[\da-f]*:[\da-f:.]*$/i.test(text))
    return {
      problem: `Where does this address end? Put it in brackets: [${text.slice(0, last)}]:${protocol ?? 'tcp'}:${text.slice(last + 1) || '443'}.`,
    };
  return { start: 0, end: cut, service: text.slice(cut + 1) };
}
