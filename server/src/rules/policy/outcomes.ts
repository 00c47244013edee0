// What comes of a policy test: for each of its targets whether it holds, and if not the first packet that shows it.
import { mayPassOn } from '../../generate/ways.ts';
import type { PolicyFile } from '../../mesh/known-hosts.ts';
import { type Parties, partiesOf } from '../../mesh/parties.ts';
import { prefixText } from '../../net/address.ts';
import type { AddressSet } from '../../net/address-set.ts';
import type { PolicyTarget, PolicyTest } from '../../policy/facts.ts';
import type { View } from '../../policy/views.ts';
import { cellOf, type Flow } from '../../reach/matrix/cell.ts';
import { hasNoServices, type ServiceSet } from '../../reach/matrix/service-set.ts';
import { serviceSetText } from '../../reach/matrix/service-text.ts';
import { witness } from '../../reach/matrix/witness.ts';
import { listed } from '../../text/words.ts';
import type { AccessContext } from '../rule.ts';
import { type Allowance, serviceSetOf } from './expected.ts';
import { type Explained, explained, packetText } from './explain.ts';
import { demanded, isBehind, packetFor, whyNot } from './missing-access.ts';
import { beyond, shortfalls } from './must.ts';
import { type Covered, type NamedMember, spokenOf } from './spoken-of.ts';

/** `unclear`: a name stands for nobody, or for several. None but `pass` passes. */
export type Result = 'pass' | 'fail' | 'unknown' | 'unclear';

export interface Outcome {
  readonly test: PolicyTest;
  readonly target: PolicyTarget;
  readonly expected: 'accept' | 'deny';
  readonly result: Result;
  /** What was found, in a sentence or two; '' of one that passes. */
  readonly says: string;
  /** The way of the packet that it tells of. */
  readonly way: Explained | null;
}

/** One pair for which a target does not hold. */
interface Miss {
  readonly from: NamedMember;
  readonly to: NamedMember;
  readonly sure: boolean;
  readonly services: ServiceSet;
  /** Where the packets come from and go to. */
  readonly flows: readonly Flow[];
  readonly destinations: AddressSet;
}

/** All outcomes of a test. Yields between pairs of hosts. */
export function* outcomesOf(context: AccessContext, policy: PolicyFile, test: PolicyTest): Generator<void, readonly Outcome[], void> {
  const src = partiesOf(test.src, context.model, policy);
  const outcomes: Outcome[] = [];
  for (const target of test.accept) {
    const view = test.view ?? 'access';
    const dst = partiesOf([target.party], context.model, policy);
    outcomes.push(yield* outcome(context, policy, { test, target, expected: 'accept', view, src, dst, accepted: [] }));
  }
  const view = test.view ?? 'blast-radius';
  const accepted = test.deny.length === 0 ? [] : acceptedBy(context, policy, test, view);
  for (const target of test.deny) {
    const dst = partiesOf([target.party], context.model, policy);
    outcomes.push(yield* outcome(context, policy, { test, target, expected: 'deny', view, src, dst, accepted }));
  }
  return outcomes;
}

function acceptedBy({ model, matrix }: AccessContext, policy: PolicyFile, test: PolicyTest, view: View): Question['accepted'] {
  const spoken = spokenOf(model, policy, matrix(view).members);
  return test.accept.map(({ party, service }) => ({
    services: serviceSetOf(service),
    places: new Map(spoken.named(partiesOf([party], model, policy)).map(({ place, covered }) => [place, covered])),
  }));
}

interface Question {
  readonly test: PolicyTest;
  readonly target: PolicyTarget;
  readonly expected: 'accept' | 'deny';
  readonly view: View;
  readonly src: Parties;
  readonly dst: Parties;
  /** What the test accepts, which its deny does not mean. */
  readonly accepted: readonly { readonly services: ServiceSet; readonly places: ReadonlyMap<number, Covered> }[];
}

function* outcome(context: AccessContext, policy: PolicyFile, question: Question): Generator<void, Outcome, void> {
  const { test, target, expected, view, src, dst } = question;
  const base = { test, target, expected, way: null };
  const unclear = [...src.unclear, ...dst.unclear].map(({ name }) => `“${name}”`);
  if (unclear.length > 0) return { ...base, result: 'unclear', says: `It is not known who ${listed([...new Set(unclear)], 'and')} is.` };
  const { members } = context.matrix(view);
  const spoken = spokenOf(context.model, policy, members);
  const placesOf = (parties: Parties, all: boolean): readonly NamedMember[] =>
    spoken.named(parties).filter(({ member }) => all || demanded(parties.any, member));
  const sources = placesOf(src, false);
  const targets = placesOf(dst, expected === 'deny');
  const nobody = nobodyHas(src, sources) ?? nobodyHas(dst, targets);
  if (nobody) return { ...base, result: 'fail', says: `Nobody here is known to have ${nobody}, so the test says nothing.` };
  let first: Miss | null = null;
  const others: string[] = [];
  for (const from of sources) {
    for (const to of targets) {
      if (from.place === to.place || isBehind(from.member, to.member)) continue;
      yield;
      for (const miss of missesOf(context, question, from, to)) {
        // what is sure says more than what is not known
        if (first && (first.sure || !miss.sure)) others.push(pairText(miss, view));
        else {
          if (first) others.push(pairText(first, view));
          first = miss;
        }
      }
    }
  }
  if (!first) return { ...base, result: 'pass', says: '' };
  const told = first.sure ? sureText(context, question, first) : doubtText(context, question, first);
  const rest =
    others.length > 0
      ? ` And ${others.length === 1 ? others[0] : `${others.slice(0, 3).join('; ')}${others.length > 3 ? `; and ${others.length - 3} more` : ''}`}.`
      : '';
  return { ...base, result: first.sure ? 'fail' : 'unknown', says: told.says + rest, way: told.way };
}

function nobodyHas({ any, prefixes }: Parties, found: readonly NamedMember[]): string | null {
  if (any || found.length > 0) return null;
  return prefixes.length > 0 ? listed(prefixes.map(prefixText), 'or') : 'these names';
}

function pairText({ from, to, services }: Miss, view: View): string {
  return `${from.member.name} → ${to.member.name} ${serviceSetText(services, view)}`;
}

function missesOf(context: AccessContext, question: Question, from: NamedMember, to: NamedMember): readonly Miss[] {
  const { target, expected, view, accepted } = question;
  const services = serviceSetOf(target.service);
  const cell = context.matrix(view).cell(from.place, to.place);
  if (expected === 'accept') {
    return shortfalls(cell, from.member, to.member, to.covered, services, view).map(({ missing, doubtful, destinations }) => {
      const sure = !hasNoServices(missing);
      return { from, to, sure, services: sure ? missing : doubtful, flows: [], destinations };
    });
  }
  const allowances = accepted.flatMap(({ services: other, places }): readonly Allowance[] => {
    const covered = places.get(to.place);
    return covered ? [{ from: 'all', to: covered, services: other }] : [];
  });
  const flows = beyond(cell.flows, to.covered, services, allowances, true);
  const all = cellOf(flows);
  const sure = !hasNoServices(all.allowed);
  const found = sure ? all.allowed : all.unknown;
  return hasNoServices(found) ? [] : [{ from, to, sure, services: found, flows, destinations: to.member.addresses }];
}

interface Told {
  readonly says: string;
  readonly way: Explained | null;
}

function sureText(context: AccessContext, question: Question, miss: Miss): Told {
  const { from, to, services, destinations } = miss;
  const { expected, view } = question;
  const what = `${to.member.name} ${serviceSetText(services, view)}, expected ${expected === 'accept' ? 'accepted' : 'denied'}.`;
  if (expected === 'accept') {
    const sent = packetFor(from.member, destinations, services);
    const way = sent && explained(context.model, view, from.member, sent);
    const why = whyNot(way);
    return {
      way,
      says: `${from.member.name} does not reach ${what} ${sent ? `Packet ${packetText(sent)}: ${why}.` : `They have ${why}.`}`,
    };
  }
  // what it does while it is honest says more than what it could do
  const honest =
    view === 'blast-radius' ? missesOf(context, { ...question, view: 'access' }, from, to).find(({ sure }) => sure) : undefined;
  const shown = honest ?? miss;
  const asked = honest ? 'access' : view;
  const sent = witness(cellOf(shown.flows), shown.services);
  const way = sent && explained(context.model, asked, from.member, sent);
  const who = asked === 'blast-radius' ? `Once it is taken over, ${from.member.name} reaches` : `${from.member.name} reaches`;
  const { member } = from;
  const hint =
    asked === 'blast-radius' && member.kind === 'host' && mayPassOn(member.host)
      ? ` It passes on packets of others and so may pose as them; "view": "access" asks of honest hosts.`
      : '';
  return { way, says: `${who} ${what}${sent ? ` Packet ${packetText(sent)}.` : ''}${hint}` };
}

function doubtText(context: AccessContext, { expected, view }: Question, { from, to, services, flows, destinations }: Miss): Told {
  const sent = expected === 'accept' ? packetFor(from.member, destinations, services) : witness(cellOf(flows), services, 'unknown');
  const way = sent && explained(context.model, view, from.member, sent);
  const what = `${from.member.name} reaches ${to.member.name} ${serviceSetText(services, view)}, expected ${expected === 'accept' ? 'accepted' : 'denied'}`;
  const why =
    way?.answer === 'unknown'
      ? way.hops.at(-1)?.says
      : from.member.kind === 'host'
        ? undefined
        : `no config of ${from.member.name} is here`;
  return { way, says: `It is not known whether ${what}${why ? `: ${why}` : ''}. What is not known does not pass.` };
}
