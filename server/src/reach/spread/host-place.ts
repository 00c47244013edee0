// One host as packets meet it, asked for classes of addresses and not for single ones: addresses that its files do not tell apart fare
// alike, so what is said of one holds for all.

import type { Host, MeshInterface } from '../../mesh/model.ts';
import { type Address, firstOf, lastOf, type Prefix } from '../../net/address.ts';
import { atomOf } from '../filter/program.ts';
import type { AddressNumber } from '../filter/ranges.ts';
import { deviceOf } from '../way/cryptokey.ts';
import { isTaken } from '../way/martians.ts';
import { asksForSender, eachRouted, type WayOut, wayOut } from '../way/routes.ts';
import { isStrict } from '../way/settings.ts';

export type Answer = 'yes' | 'no' | 'unknown';

/** Cuts of a version of IP. */
export type CutsOf = (version: 4 | 6) => readonly AddressNumber[];

export interface HostPlace {
  readonly host: Host;
  /** Whether its rulesets are loaded anew, and take away what wg-quick has put there. */
  readonly flushes: boolean;
  /** Whether its routes hang on who asks. */
  readonly asksForSender: boolean;
  /** Whether it may take packets only by the way that leads to their source. */
  readonly isStrict: boolean;
  /** Each is the first address that goes another way, or to another peer, than the one before it; ascending. */
  readonly routeCuts: CutsOf;
  /** The same of sources: how they are taken. */
  readonly sourceCuts: CutsOf;
  /** Where packets for an address go; `iif` is null for those it sends itself. */
  way(destination: Address, source: Address | null, iif: string | null): WayOut;
  /** Whether it takes packets from `source` that come in by the interface `name`: to its own `target`, or to somebody else. Not for loopback. */
  takes(name: string, source: Address, destination: Address, target: string | null): Answer;
}

export function hostPlace(host: Host, flushes: boolean): HostPlace {
  const bySender = asksForSender(host);
  const routeCuts = lazily((version) => cutsOf(host, version, true));
  const isLoose = host.interfaces.every((node) => isStrict(host, node).is === false);
  const isStrictBySender = bySender && !isLoose;
  const sourceCuts = isLoose ? lazily((version) => cutsOf(host, version, false)) : routeCuts;
  const ways: Readonly<Record<4 | 6, (WayOut | undefined)[]>> = { 4: [], 6: [] };
  const waysByAsker = new Map<string, WayOut>();
  const doors = host.interfaces.map((node): Door => ({ node, name: node.name, relayed: noAnswers(), own: noAnswers(), others: null }));
  const atom = ({ version, value }: Address): number => atomOf(routeCuts(version), value);
  return {
    host,
    flushes,
    asksForSender: bySender,
    isStrict: !isLoose,
    routeCuts,
    sourceCuts,
    way(destination, source, iif) {
      const { version } = destination;
      const to = atom(destination);
      if (!bySender) {
        const plain = ways[version];
        plain[to] ??= wayOut(host, destination, { source, iif });
        return plain[to];
      }
      const key = `${version} ${to} ${source ? atom(source) : ''}|${iif ?? ''}`;
      let way = waysByAsker.get(key);
      if (!way) {
        way = wayOut(host, destination, { source, iif });
        waysByAsker.set(key, way);
      }
      return way;
    },
    takes(name, source, destination, target) {
      const door = doorIn(doors, name);
      if (!door) return 'no';
      // a strict way back is looked up as an answer's, and so hangs on both ends
      if (isStrictBySender) return isTaken(door.node, source, destination, flushes).is;
      const answers = answersTo(door, target)[source.version];
      const at = atomOf(sourceCuts(source.version), source.value);
      answers[at] ??= isTaken(door.node, source, destination, flushes).is;
      return answers[at];
    },
  };
}

/** What is known of packets that come in by one interface, by their sources. */
interface Door {
  readonly node: MeshInterface;
  readonly name: string;
  /** Of those for somebody else. */
  readonly relayed: Answers;
  /** Of those for an address of this interface. */
  readonly own: Answers;
  /** Of those for an address of another one, by its name. */
  others: Map<string, Answers> | null;
}

/** By atom. */
type Answers = Readonly<Record<4 | 6, (Answer | undefined)[]>>;

const noAnswers = (): Answers => ({ 4: [], 6: [] });

function doorIn(doors: readonly Door[], name: string): Door | null {
  for (let i = 0; i < doors.length; i++) if (doors[i]?.name === name) return doors[i] as Door;
  return null;
}

function answersTo(door: Door, target: string | null): Answers {
  if (target === null) return door.relayed;
  if (target === door.name) return door.own;
  door.others ??= new Map();
  let answers = door.others.get(target);
  if (!answers) {
    answers = noAnswers();
    door.others.set(target, answers);
  }
  return answers;
}

/** Read when somebody asks: many meshes have addresses of one version alone. */
function lazily(read: CutsOf): CutsOf {
  let v4: readonly AddressNumber[] | null = null;
  let v6: readonly AddressNumber[] | null = null;
  return (version) => {
    if (version === 4) {
      v4 ??= read(4);
      return v4;
    }
    v6 ??= read(6);
    return v6;
  };
}

/** Where multicast, loopback and addresses that stand for none begin and end. */
const special: Readonly<Record<4 | 6, readonly AddressNumber[]>> = {
  4: [0x01000000, 0x7f000000, 0x80000000, 0xe0000000],
  6: [1n, 2n, 0xffn << 120n],
};

function cutsOf(host: Host, version: 4 | 6, withRoutes: boolean): readonly AddressNumber[] {
  const cuts: AddressNumber[] = special[version].slice();
  const around = (from: Address, to: Address): void => {
    if (from.version === version) cuts.push(from.value, to.version === 4 ? to.value + 1 : to.value + 1n);
  };
  const prefix = (one: Prefix): void => around(firstOf(one), lastOf(one));
  for (const { addresses, networks } of host.interfaces) {
    for (const address of addresses) around(address, address);
    for (const network of networks) {
      // the first and the last of a network are nobody's, and may be everybody's
      for (const end of [firstOf(network), lastOf(network)]) around(end, end);
      prefix(network);
    }
  }
  if (withRoutes) {
    eachRouted(host, prefix);
    // within a network that is connected AllowedIPs make no routes
    for (const node of host.interfaces) for (const entry of deviceOf(node).entries.values()) prefix(entry.prefix);
  }
  return sortedOnce(cuts);
}

/** More than this are put in order by the engine, which takes longer to be asked than so few take. */
const FEW = 48;

/** Each of the numbers once, ascending; the list itself. */
function sortedOnce(numbers: AddressNumber[]): readonly AddressNumber[] {
  if (numbers.length > FEW) numbers.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  else insertionSort(numbers);
  let length = 0;
  for (const number of numbers) if (length === 0 || numbers[length - 1] !== number) numbers[length++] = number;
  numbers.length = length;
  return numbers;
}

function insertionSort(numbers: AddressNumber[]): void {
  for (let i = 1; i < numbers.length; i++) {
    const one = numbers[i] as AddressNumber;
    let at = i;
    for (; at > 0 && (numbers[at - 1] as AddressNumber) > one; at--) numbers[at] = numbers[at - 1] as AddressNumber;
    numbers[at] = one;
  }
}
