// Where there are grants, nobody may reach more than they say.
import { networksBehind } from '../../generate/flows.ts';
import { mayPassOn } from '../../generate/ways.ts';
import type { KnownHost, PolicyFile } from '../../mesh/known-hosts.ts';
import { type Address, addressText, sameAddress } from '../../net/address.ts';
import { setHolds } from '../../net/address-set.ts';
import type { View } from '../../policy/views.ts';
import { cellOf, type Flow } from '../../reach/matrix/cell.ts';
import type { Member } from '../../reach/matrix/members.ts';
import { hasNoServices, type ServiceSet } from '../../reach/matrix/service-set.ts';
import { serviceSetText } from '../../reach/matrix/service-text.ts';
import { witness } from '../../reach/matrix/witness.ts';
import type { Place } from '../../text/origin.ts';
import { counted } from '../../text/words.ts';
import type { AccessContext, AccessRule, RelatedPlace, Report } from '../rule.ts';
import { GRANTED_TABLE, grantedMesh } from './example.ts';
import { type Allowance, expectedAccess } from './expected.ts';
import { explained, packetText, relatedHops } from './explain.ts';
import { distinctPlaces, groups, MOST_EXPLAINED } from './grouped.ts';
import { closingFixes } from './mend.ts';
import { beyond } from './must.ts';
import { spokenOf } from './spoken-of.ts';

const WIDER = 'ip saddr 10.10.0.7 ip daddr 10.10.0.2 tcp dport { 22, 5432 } accept';

export const unexpectedAccess: AccessRule = {
  id: 'policy/unexpected-access',
  severity: 'warning',
  scope: 'access',
  docs: {
    summary: 'A host reaches what no grant allows.',
    why: [
      'Where `meshwarden.jsonc` has `grants`, access must be exactly they. The finding stands on the line that lets the packet through, says one packet that anybody can try, and lists every line on its way.',
      '',
      'It asks what a host can do once somebody has taken it over (its *blast radius*): its own AllowedIPs and its own rules do not hold it back then, and it may send as every address that the next hop takes from it. A host that passes on packets of others, such as a hub, could pose as all of them; of it, honest access is asked.',
      '',
      'Nothing is told of what is not known, of hosts outside the workspace file’s folder, and while something of the grants cannot be read. To see both: `meshwarden access --view blast-radius`.',
    ].join('\n'),
    examples: [
      {
        bad: grantedMesh({ forward: WIDER }),
        good: grantedMesh({ forward: WIDER, more: GRANTED_TABLE }),
      },
    ],
  },

  *check(context, report) {
    const policies = context.policies.filter(({ facts }) => facts.grants !== null).sort((a, b) => b.uri.length - a.uri.length);
    if (policies.length === 0) return;
    const { members } = context.matrix('access');
    const expected = expectedAccess(context.model, policies, members);
    const speaking = policies.map((policy) => ({ policy, spoken: spokenOf(context.model, policy, members) }));
    const [access, blast] = [context.matrix('access'), context.matrix('blast-radius')];
    const found = groups();
    const unexplained = new Map<PolicyFile, number>();
    let explains = 0;
    for (const [row, from] of members.entries()) {
      const own = speaking.filter(({ spoken }) => spoken.holds(row));
      const view: View = own.some(({ spoken }) => standsForOthers(from, spoken.knownAs(row))) ? 'access' : 'blast-radius';
      const matrix = view === 'access' ? access : blast;
      for (const [column, to] of members.entries()) {
        // the file nearest to both
        const policy = own.find(({ spoken }) => spoken.holds(column))?.policy;
        if (!policy || policy.facts.unread || row === column) continue;
        const { allowed, flows } = matrix.cell(row, column);
        yield;
        if (hasNoServices(allowed)) continue;
        const allowances = expected.between(row, column);
        const { services, flows: ungranted } = beyondGrants(flows, allowances, view);
        if (hasNoServices(services)) continue;
        if (explains >= MOST_EXPLAINED) unexplained.set(policy, (unexplained.get(policy) ?? 0) + 1);
        else {
          explains++;
          const pair = { row, column, from, to, view, services, flows: ungranted, allowances, policy };
          found.add(reportOf(context, pair), `${from.name} → ${to.name} ${serviceSetText(services, view)}`);
        }
      }
    }
    for (const finding of found.reports()) report(finding);
    for (const [policy, count] of unexplained) {
      report({
        uri: policy.uri,
        at: grantsOf(policy),
        message: `${counted(count, 'more pair')} of hosts reach each other without a grant; “meshwarden access” lists them.`,
      });
    }
  },

  fix: closingFixes,
};

/** Of it, honest access is asked: once it is taken it may pose as all that it passes on for. */
function standsForOthers(from: Member, known: KnownHost | null): boolean {
  return from.kind === 'host' && (mayPassOn(from.host) || (known !== null && networksBehind(known).length > 0));
}

interface Beyond {
  readonly services: ServiceSet;
  /** The flows that are not granted, each with what of it is not. */
  readonly flows: readonly Flow[];
}

function beyondGrants(flows: readonly Flow[], allowances: readonly Allowance[], view: View): Beyond {
  const rest = beyond(flows, 'all', null, allowances, view === 'blast-radius').filter(({ allowed }) => !hasNoServices(allowed));
  return { flows: rest, services: cellOf(rest).allowed };
}

interface Pair {
  readonly row: number;
  readonly column: number;
  readonly from: Member;
  readonly to: Member;
  readonly view: View;
  readonly services: ServiceSet;
  readonly flows: readonly Flow[];
  readonly allowances: readonly Allowance[];
  readonly policy: PolicyFile;
}

function reportOf(context: AccessContext, { row, column, from, to, view, services, flows, allowances, policy }: Pair): Report {
  // what it does while it is honest says more than what it could do
  const honest = beyondGrants(context.matrix('access').cell(row, column).flows, allowances, 'access');
  const asked = hasNoServices(honest.services) ? view : 'access';
  const shown = asked === view ? { services, flows } : honest;
  const sent = witness(cellOf(shown.flows), shown.services);
  const way = sent && explained(context.model, asked, from, sent);
  const as =
    sent && !setHolds(from.addresses, sent.source) ? `, sending as ${addressText(sent.source)}${ownerText(context, sent.source)}` : '';
  const once = asked === 'blast-radius' ? `Once it is taken over, ${from.name}` : from.name;
  const packet = sent ? ` Packet ${packetText(sent)}.` : '';
  const message = `${once} reaches ${to.name} ${serviceSetText(services, view)}${as}, and no grant says so.${packet}`;
  const grants: RelatedPlace = { uri: policy.uri, ...grantsOf(policy), message: 'what is granted' };
  const { uri, ...at } = way?.answer === 'yes' && way.decides ? way.decides : { uri: policy.uri, ...grantsOf(policy) };
  return { uri, at, message, related: distinctPlaces([...(way ? relatedHops(way) : []), grants]) };
}

function ownerText({ model }: AccessContext, address: Address): string {
  const owner = model.links.interfaces.find(({ addresses }) => addresses.some((own) => sameAddress(own, address)));
  return owner ? ` (${owner.host.name})` : '';
}

function grantsOf({ facts }: PolicyFile): Place {
  return facts.grantsAt ?? { statement: 0, item: 0 };
}
