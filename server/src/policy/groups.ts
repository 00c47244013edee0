// `groups`: names for several hosts, each by the names of hosts and of other groups, or by addresses.
import { parseAddress } from '../net/address.ts';
import { quoted } from '../text/words.ts';
import type { Party, PolicyGroup } from './facts.ts';
import { type Notes, type Property, propertiesOf, spanOf, statementAt, tell, textOf, textsOf } from './json.ts';
import { partyOf } from './parties.ts';

export function readGroups({ key, value }: Property, hosts: ReadonlySet<string>, notes: Notes): readonly PolicyGroup[] {
  if (value?.type !== 'object') {
    tell(notes, spanOf(value ?? key), '“groups” must be an object: { "servers": ["app", "database"] }.');
    return [];
  }
  const groups: PolicyGroup[] = [];
  for (const property of propertiesOf(value)) {
    const group = readGroup(property, notes);
    const { name } = group;
    const at = spanOf(property.key);
    if (name.trim() === '' || name === '*' || parseAddress(name))
      tell(notes, at, 'A group needs a name of its own: letters, digits and -.');
    else if (hosts.has(name))
      tell(notes, at, `${quoted(name)} is a host as well: give the group another name, or nobody knows who is meant.`);
    else if (groups.some((other) => other.name === name))
      tell(notes, at, `There is a group ${quoted(name)} already: this one takes its place.`);
    groups.push(group);
  }
  tellCircles(groups, notes);
  return groups;
}

function readGroup({ name, key, value }: Property, notes: Notes): PolicyGroup {
  const text = textOf(key);
  const at = statementAt(notes, text?.inside ?? spanOf(key));
  if (text?.inside) notes.names.push({ name, span: text.inside, makes: 'group' });
  const members: Party[] = [];
  if (!value || (value.type !== 'array' && value.type !== 'string'))
    tell(notes, spanOf(value ?? key), 'A group lists hosts and groups: ["app", "database"].');
  else {
    for (const one of textsOf(value, false, notes)) {
      const party = partyOf(one, notes);
      if (party?.kind === 'any') tell(notes, one.span, 'Everybody is no group: write * in the grant or test itself.');
      else if (party) members.push(party);
    }
    if (members.length === 0 && value.children?.length === 0)
      tell(notes, spanOf(value), `Nobody is in ${quoted(name)}: name a host, or remove the group.`);
  }
  return { name, at, members };
}

/** A group that holds itself, by way of others. Told at the member that closes the circle. */
function tellCircles(groups: readonly PolicyGroup[], notes: Notes): void {
  const byName = new Map(groups.map((group) => [group.name, group]));
  const done = new Set<string>();
  const visit = (group: PolicyGroup, way: readonly string[]): void => {
    for (const member of group.members) {
      const next = member.kind === 'name' ? byName.get(member.name) : undefined;
      if (!next) continue;
      const from = way.indexOf(next.name);
      if (from >= 0) {
        const circle = [...way.slice(from), next.name].join(' → ');
        const span = notes.places[member.at.statement]?.[member.at.item];
        if (span) tell(notes, span, `Groups go round in a circle: ${circle}. Take one of them out.`);
      } else if (!done.has(next.name)) visit(next, [...way, next.name]);
    }
    done.add(group.name);
  };
  for (const group of byName.values()) if (!done.has(group.name)) visit(group, [group.name]);
}
