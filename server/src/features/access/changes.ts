// What an edit changes: who reaches whom with what that was not so before, and as whom somebody may send all of a sudden.
import type { MeshModel } from '../../mesh/model.ts';
import { prefixText } from '../../net/address.ts';
import type { AddressSet } from '../../net/address-set.ts';
import { prefixesOf } from '../../net/ranges.ts';
import type { View } from '../../policy/views.ts';
import type { Difference, Differences } from '../../reach/matrix/differences.ts';
import type { Member } from '../../reach/matrix/members.ts';
import { countAddresses } from '../../reach/matrix/sends-as.ts';
import { hasNoServices } from '../../reach/matrix/service-set.ts';
import { serviceSetText } from '../../reach/matrix/service-text.ts';
import { counted, listed } from '../../text/words.ts';
import { countText } from './sender-text.ts';
import { memberId } from './who.ts';

export type ChangeSign = 'gained' | 'lost' | 'may-gain' | 'may-lose';

/** One line of what changes: the same for all of `from` and `to`. */
export interface ShownChange {
  readonly sign: ChangeSign;
  /** Whether it is so for honest hosts, for one that is taken over, or for both. */
  readonly of: 'both' | View;
  readonly from: readonly { readonly id: string; readonly name: string }[];
  readonly to: readonly { readonly id: string; readonly name: string }[];
  readonly services: string;
}

export interface ShownSender {
  readonly id: string;
  readonly name: string;
  /** In words; '' where there are none. */
  readonly gained: string;
  readonly lost: string;
}

export interface ShownChanges {
  readonly changes: readonly ShownChange[];
  readonly senders: readonly ShownSender[];
}

/** Of what honest hosts do, and of what taken ones do. `model` is the one after the edit. */
export function shownChanges(model: MeshModel, access: Differences, taken: Differences): ShownChanges {
  const lines = new Map<string, { sign: ChangeSign; of: ShownChange['of']; from: Member; to: Member; services: string }>();
  for (const [view, { cells }] of [['access', access] as const, ['blast-radius', taken] as const]) {
    for (const cell of cells) {
      for (const [sign, services] of signed(cell, view)) {
        const key = `${sign} ${memberId(cell.from)} ${memberId(cell.to)} ${services}`;
        lines.set(key, { sign, of: lines.has(key) ? 'both' : view, from: cell.from, to: cell.to, services });
      }
    }
  }
  const senders = taken.senders.map(({ member, gained, lost }) => ({
    id: memberId(member),
    name: member.name,
    gained: addressesText(model, gained),
    lost: addressesText(model, lost),
  }));
  return { changes: grouped([...lines.values()]), senders };
}

const order: readonly ChangeSign[] = ['gained', 'may-gain', 'lost', 'may-lose'];

function signed({ gained, lost, mayGain, mayLose }: Difference, view: View): readonly (readonly [ChangeSign, string])[] {
  const all = [
    ['gained', gained],
    ['may-gain', mayGain],
    ['lost', lost],
    ['may-lose', mayLose],
  ] as const;
  return all.flatMap(([sign, services]) => (hasNoServices(services) ? [] : [[sign, serviceSetText(services, view)] as const]));
}

type Line = {
  readonly sign: ChangeSign;
  readonly of: ShownChange['of'];
  readonly from: Member;
  readonly to: Member;
  readonly services: string;
};

/** Those to one host with the same services as one, and then those from the same hosts. */
function grouped(lines: readonly Line[]): readonly ShownChange[] {
  const byTarget = new Map<string, { line: Line; from: Member[] }>();
  for (const line of lines) {
    const key = `${line.sign} ${line.of} ${memberId(line.to)} ${line.services}`;
    const group = byTarget.get(key);
    if (group) group.from.push(line.from);
    else byTarget.set(key, { line, from: [line.from] });
  }
  const bySource = new Map<string, { line: Line; from: readonly Member[]; to: Member[] }>();
  for (const { line, from } of byTarget.values()) {
    const key = `${line.sign} ${line.of} ${from.map(memberId).join(' ')} ${line.services}`;
    const group = bySource.get(key);
    if (group) group.to.push(line.to);
    else bySource.set(key, { line, from, to: [line.to] });
  }
  const ends = (members: readonly Member[]) => members.map((member) => ({ id: memberId(member), name: member.name }));
  return [...bySource.values()]
    .map(({ line: { sign, of, services }, from, to }): ShownChange => ({ sign, of, from: ends(from), to: ends(to), services }))
    .sort((a, b) => order.indexOf(a.sign) - order.indexOf(b.sign));
}

/** Addresses one by one where they are few. */
const FEW = 2;

function addressesText(model: MeshModel, addresses: AddressSet): string {
  const { count, inUse } = countAddresses(model, addresses);
  if (count === 0n) return '';
  const texts = prefixesOf(addresses).map((prefix) => prefixText(prefix).replace(/\/(?:32|128)$/, ''));
  if (count <= FEW) return listed(texts, 'and');
  return `${countText(count)} more addresses${inUse > 0 ? `, ${inUse} in use` : ''}`;
}

const FIRST = 2;
const MOST_NAMED = 2;

/** `+ laptop → db tcp/22 · − nothing`, and who may send as whom; '' where nothing changes. */
export function changesText({ changes, senders }: ShownChanges): string {
  const some = changes.length + senders.length > 0;
  if (!some) return '';
  const parts = [`+ ${signText(changes, 'gained')}`, `− ${signText(changes, 'lost')}`];
  const perhaps = changes.filter(({ sign }) => sign === 'may-gain' || sign === 'may-lose');
  if (perhaps.length > 0) parts.push(`? ${few(perhaps.map((one) => `${one.sign === 'may-gain' ? '+' : '−'} ${changeText(one)}`))}`);
  const now = senders.flatMap(({ name, gained }) => (gained ? [`${name} may now send as ${gained}`] : []));
  const nomore = senders.flatMap(({ name, gained, lost }) =>
    lost && !gained ? [`${name} may no longer send as ${lost.replace(' more ', ' ')}`] : [],
  );
  if (now.length + nomore.length > 0) parts.push(few([...now, ...nomore]));
  return parts.join(' · ');
}

function signText(changes: readonly ShownChange[], sign: ChangeSign): string {
  const own = changes.filter((one) => one.sign === sign);
  return own.length === 0 ? 'nothing' : few(own.map(changeText));
}

function few(texts: readonly string[]): string {
  return texts.length <= FIRST ? texts.join(', ') : `${texts.slice(0, FIRST).join(', ')} and ${texts.length - FIRST} more`;
}

/** `laptop → db tcp/22`, `3 hosts → db tcp/22 (once taken over)`. */
export function changeText({ from, to, services, of }: ShownChange): string {
  const ends = (names: readonly { readonly name: string }[]): string =>
    names.length <= MOST_NAMED
      ? listed(
          names.map(({ name }) => name),
          'and',
        )
      : counted(names.length, 'host');
  const when = of === 'both' ? '' : of === 'access' ? ' (as long as it is honest)' : ' (once taken over)';
  return `${ends(from)} → ${ends(to)} ${services}${when}`;
}
