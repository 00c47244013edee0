// A grant that the configs and rulesets do not give.
import type { PolicyFile } from '../../mesh/known-hosts.ts';
import { partiesOf } from '../../mesh/parties.ts';
import type { Address } from '../../net/address.ts';
import type { AddressSet } from '../../net/address-set.ts';
import type { Grant } from '../../policy/facts.ts';
import { cellOf } from '../../reach/matrix/cell.ts';
import type { Member } from '../../reach/matrix/members.ts';
import { hasNoServices, noServices, type ServiceSet } from '../../reach/matrix/service-set.ts';
import { serviceSetText } from '../../reach/matrix/service-text.ts';
import { witness } from '../../reach/matrix/witness.ts';
import type { Sent } from '../../reach/way/progress.ts';
import { sourceOf } from '../../reach/way/why.ts';
import type { AccessContext, AccessRule, Holds, RelatedPlace, Report } from '../rule.ts';
import { grantedMesh, soundGrant, withGrants } from './example.ts';
import { serviceSetOf } from './expected.ts';
import { type Explained, explained, packetText, relatedHops } from './explain.ts';
import { distinctPlaces, groups, MOST_EXPLAINED } from './grouped.ts';
import { openingFixes } from './mend.ts';
import { shortfalls } from './must.ts';
import { spokenOf } from './spoken-of.ts';

const OTHER = 'ip saddr 10.10.0.7 ip daddr 10.10.0.2 tcp dport 22 accept';
const BOTH = withGrants([soundGrant, '{ "src": "laptop", "dst": "database", "ip": "tcp:22" }']);

export const missingAccess: AccessRule = {
  id: 'policy/missing-access',
  severity: 'warning',
  scope: 'access',
  docs: {
    summary: 'A grant allows what does not get through.',
    why: [
      'Where `meshwarden.jsonc` has `grants`, access must be exactly they: each source gets through to each address of each destination, and an answer comes back. The finding stands on the line that stops the packet, or on the grant where no line does (no address of the same version of IP), and lists the lines before it.',
      '',
      'Nothing is told of what is not known, such as what a peer without a config here lets in; the grant’s hover tells it.',
    ].join('\n'),
    examples: [
      {
        bad: grantedMesh({ forward: OTHER, policy: BOTH }),
        good: grantedMesh({
          forward: `${OTHER}
		iifname "wg0" oifname "wg0" ip saddr 10.10.0.7 ip daddr 10.10.0.2 tcp dport 5432 accept comment "laptop -> database tcp:5432"`,
          policy: BOTH,
        }),
      },
    ],
  },

  *check(context, report) {
    const found = groups();
    let explains = 0;
    for (const policy of context.policies) {
      for (const grant of policy.facts.grants ?? []) {
        let result: Holds = 'yes';
        for (const gap of gapsOf(context, policy, grant)) {
          yield;
          if (!hasNoServices(gap.missing)) result = 'no';
          else if (result === 'yes') result = 'unknown';
          if (!hasNoServices(gap.missing) && explains++ < MOST_EXPLAINED) found.add(reportOf(context, policy, grant, gap), gapText(gap));
        }
        context.holds({ uri: policy.uri, ...grant.at }, result);
        yield;
      }
    }
    for (const finding of found.reports()) report(finding);
  },

  fix: openingFixes,
};

/** A pair of hosts that a grant names and that has not all of it. */
export interface Gap {
  readonly from: Member;
  readonly to: Member;
  /** The grant’s services, of which something is missing. */
  readonly ip: Grant['ip'][number];
  readonly destinations: AddressSet;
  readonly missing: ServiceSet;
  readonly doubtful: ServiceSet;
}

/** What of a grant does not get through, the sure and the doubtful. */
export function* gapsOf({ model, matrix }: AccessContext, policy: PolicyFile, grant: Grant): Generator<Gap, void, void> {
  const access = matrix('access');
  const spoken = spokenOf(model, policy, access.members);
  const src = partiesOf(grant.src, model, policy);
  const dst = partiesOf(grant.dst, model, policy);
  const targets = spoken.named(dst).filter(({ member }) => demanded(dst.any, member));
  const services = grant.ip.map((ip) => ({ ip, set: serviceSetOf(ip) }));
  for (const { member: from, place } of spoken.named(src)) {
    if (!demanded(src.any, from)) continue;
    for (const { member: to, place: column, covered } of targets) {
      if (place === column || isBehind(from, to)) continue;
      const cell = access.cell(place, column);
      for (const { ip, set } of services)
        for (const shortfall of shortfalls(cell, from, to, covered, set, 'access')) yield { from, to, ip, ...shortfall };
    }
  }
}

/** Everybody is every host; what lies behind hosts, and peers of which no config is here, are meant by name or address alone. */
export function demanded(any: boolean, member: Member): boolean {
  return !any || member.kind === 'host';
}

/** Whether one is a network behind the other: between them nothing is filtered by what is written here. */
export function isBehind(a: Member, b: Member): boolean {
  return a.kind !== 'peer' && b.kind !== 'peer' && a.host === b.host;
}

/** A packet of these services to these addresses, from the address that an honest host takes. */
export function packetFor(from: Member, destinations: AddressSet, services: ServiceSet): Sent | null {
  const flow = {
    sources: from.addresses,
    destinations,
    allowed: services,
    unknown: noServices,
    oneWay: noServices,
    answerUnknown: noServices,
  };
  const sent = witness(cellOf([flow]), services);
  const own: Address | null = sent && from.kind === 'host' ? sourceOf(from.host, sent.destination) : null;
  return sent && own ? { ...sent, source: own } : sent;
}

function reportOf({ model }: AccessContext, policy: PolicyFile, grant: Grant, gap: Gap): Report {
  const { from, to, ip, destinations, missing } = gap;
  const granted: RelatedPlace = { uri: policy.uri, ...grant.at, message: 'the grant' };
  const sent = packetFor(from, destinations, missing);
  const way = sent && explained(model, 'access', from, sent);
  const why = whyNot(way);
  const packet = sent ? ` Packet ${packetText(sent)}: ${why}.` : ` They have ${why}.`;
  const { uri, ...at } = way?.answer === 'no' && way.decides ? way.decides : { uri: policy.uri, ...ip.at };
  return {
    uri,
    at,
    message: `${from.name} does not reach ${to.name} ${serviceSetText(missing, 'access')}, which is granted.${packet}`,
    related: distinctPlaces([granted, ...(way ? relatedHops(way) : [])]),
  };
}

function gapText({ from, to, missing }: Gap): string {
  return `${from.name} → ${to.name} ${serviceSetText(missing, 'access')}`;
}

/** The reason in a few words, behind a colon. */
export function whyNot(way: Explained | null): string {
  return way?.hops.at(-1)?.says ?? 'no address of the same version of IP';
}
