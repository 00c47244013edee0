// Whom the groups, grants and tests of a workspace file mean, once it is known who is who.
import type { Prefix } from '../net/address.ts';
import type { Party, PolicyGroup } from '../policy/facts.ts';
import type { Place } from '../text/origin.ts';
import { type KnownHost, knownHosts, type PolicyFile } from './known-hosts.ts';
import type { MeshModel } from './model.ts';

/** What a name in a workspace file stands for. */
export type NameMeaning =
  | { readonly is: 'host'; readonly host: KnownHost }
  | { readonly is: 'group'; readonly group: PolicyGroup }
  /** Several hosts, or a host and a group. */
  | { readonly is: 'several'; readonly hosts: readonly KnownHost[] }
  /** A host, of which no address is known. */
  | { readonly is: 'nowhere'; readonly host: KnownHost }
  | { readonly is: 'nobody' };

export function meaningOf(name: string, model: MeshModel, policy: PolicyFile): NameMeaning {
  const hosts = knownHosts(model, policy).get(name) ?? [];
  const group = policy.facts.groups.findLast((one) => one.name === name);
  const [host] = hosts;
  if (hosts.length + (group ? 1 : 0) > 1) return { is: 'several', hosts };
  if (group) return { is: 'group', group };
  if (!host) return { is: 'nobody' };
  return host.addresses.length > 0 ? { is: 'host', host } : { is: 'nowhere', host };
}

/** Those that are meant by several parties together. */
export interface Parties {
  /** Everybody, and every address besides. */
  readonly any: boolean;
  readonly hosts: readonly KnownHost[];
  readonly prefixes: readonly Prefix[];
  /** Names of which nobody knows who is meant. */
  readonly unclear: readonly { readonly name: string; readonly at: Place; readonly meaning: NameMeaning }[];
}

/** Groups are taken apart, however they are nested; what goes round in a circle is taken once. */
export function partiesOf(parties: readonly Party[], model: MeshModel, policy: PolicyFile): Parties {
  let any = false;
  const hosts = new Set<KnownHost>();
  const prefixes: Prefix[] = [];
  const unclear: { name: string; at: Place; meaning: NameMeaning }[] = [];
  const seen = new Set<PolicyGroup>();
  const take = (party: Party): void => {
    if (party.kind === 'any') any = true;
    else if (party.kind === 'prefix') prefixes.push(party.prefix);
    else {
      const meaning = meaningOf(party.name, model, policy);
      if (meaning.is === 'host') hosts.add(meaning.host);
      else if (meaning.is !== 'group') unclear.push({ name: party.name, at: party.at, meaning });
      else if (!seen.has(meaning.group)) {
        seen.add(meaning.group);
        for (const member of meaning.group.members) take(member);
      }
    }
  };
  for (const party of parties) take(party);
  return { any, hosts: [...hosts], prefixes, unclear };
}
