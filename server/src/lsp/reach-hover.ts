// A hover on an address, with what the host that has it reaches: that is computed while the editor waits, and left out where it was given up.
import { reachParagraphs } from '../features/access/reach-hover.ts';
import { placeOfHost } from '../features/access/who.ts';
import type { Hover } from '../features/hover.ts';
import { hostsWith, meshesOf } from '../mesh/addresses.ts';
import type { Host, MeshModel } from '../mesh/model.ts';
import type { Address } from '../net/address.ts';
import { crossOf, type GivenUp, ofMatrix } from './matrix-work.ts';
import type { Workspace } from './workspace.ts';

export async function withReach(workspace: () => Workspace, uri: string, hover: Hover, givenUp: GivenUp): Promise<Hover> {
  const { address } = hover;
  if (!address) return hover;
  const { matrices } = workspace();
  const added = await ofMatrix(workspace, 'access', givenUp, function* (access) {
    const host = hostWith(access.model, uri, address);
    const place = host && placeOfHost(access.members, host);
    if (place === null) return [];
    const taken = matrices.of(access.model, 'blast-radius');
    yield* crossOf(access, place);
    yield* crossOf(taken, place);
    return reachParagraphs(access, taken, place);
  });
  return { ...hover, paragraphs: [...hover.paragraphs, ...(added ?? [])] };
}

/** The one host of the file's meshes that has the address. */
function hostWith({ hostOf }: MeshModel, uri: string, address: Address): Host | null {
  const own = hostOf.get(uri);
  const hosts = new Set((own ? meshesOf(own) : []).flatMap((mesh) => hostsWith(mesh, address)).map(({ host }) => host));
  const [only] = hosts;
  return only && hosts.size === 1 ? only : null;
}
