// Where a host or an interface stands, for what no line of its files says by itself.
import type { Host, MeshInterface } from '../../mesh/model.ts';
import type { Origin } from '../../text/origin.ts';

/** The [Interface] of a config. */
export function originOf(node: MeshInterface): Origin {
  return { uri: node.uri, ...(node.own.at ?? { statement: 0, item: 0 }) };
}

export function hostOrigin({ interfaces }: Host): Origin | null {
  const [first] = interfaces;
  return first ? originOf(first) : null;
}
