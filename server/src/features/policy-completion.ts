// Hosts, groups and services in a workspace file. What else may stand in it, VS Code's own JSON support offers by the schema.
import type { Analysis } from '../analysis/analysis.ts';
import type { ParsedFile } from '../analysis/parsed-file.ts';
import { knownHosts } from '../mesh/known-hosts.ts';
import { addressText } from '../net/address.ts';
import { policyPlaceAt } from '../policy/place.ts';
import { counted, listed } from '../text/words.ts';
import type { Offer } from './offer.ts';
import { policyFileOf } from './policy-names.ts';

const services: readonly (readonly [string, string])[] = [
  ['tcp:443', 'https'],
  ['tcp:80', 'http'],
  ['tcp:22', 'ssh'],
  ['tcp:5432', 'PostgreSQL'],
  ['udp:53', 'names'],
  ['icmp', 'ping, of IPv4 and IPv6'],
  ['*', 'Every service'],
];

export function policyCompletions(analysis: Analysis, file: ParsedFile, offset: number): readonly Offer[] {
  const place = policyPlaceAt(file.source.text, offset);
  const policy = policyFileOf(analysis, file.source.uri);
  if (!place || !policy) return [];
  const { wants, span, before } = place;
  const colon = before.indexOf(':');
  if (wants === 'service' || (wants === 'target' && colon >= 0)) {
    const from = wants === 'service' ? span.start : span.start + colon + 1;
    return services.map(([text, says]) => ({ label: text, kind: 'value', says, text, span: { start: from, end: span.end } }));
  }
  const tail = wants === 'target' ? ':' : '';
  const at = wants === 'target' ? { start: span.start, end: span.start + before.length } : span;
  const offer = (name: string, says: string): Offer => ({
    label: name,
    kind: 'reference',
    says,
    text: `${JSON.stringify(name).slice(1, -1)}${tail}`,
    span: at,
  });
  const hosts = [...knownHosts(analysis.mesh.model, policy)].map(([name, known]) => {
    const addresses = known.flatMap((one) => one.addresses.map(addressText));
    return offer(name, addresses.length > 0 ? listed(addresses, 'and', 3) : 'A host');
  });
  const groups = policy.facts.groups.map(({ name, members }) => offer(name, `A group of ${counted(members.length, 'member')}`));
  const any: Offer = { label: '*', kind: 'value', says: 'Everybody', text: '*', span };
  return [...groups, ...hosts, any];
}
