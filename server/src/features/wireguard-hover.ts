// Hovers in WireGuard configs: sections, keys, what an AllowedIPs entry grants, whose key or address it is.
import type { Analysis } from '../analysis/analysis.ts';
import { type ParsedFile, statementOffset } from '../analysis/parsed-file.ts';
import { insideOwnNetwork, isHubSide } from '../mesh/addresses.ts';
import type { MeshInterface, Peer } from '../mesh/model.ts';
import { type KnownRole, peerRoles, rolesOf } from '../mesh/roles.ts';
import {
  addressText,
  firstOf,
  hasHostBits,
  isHost,
  lastOf,
  masked,
  prefixHolds,
  prefixText,
  sizeText,
  type WrittenPrefix,
} from '../net/address.ts';
import { type Span, shifted, touches } from '../text/span.ts';
import { statementsAt } from '../text/statement.ts';
import { listed } from '../text/words.ts';
import type { LineFacts, WireguardTree } from '../wireguard/tree.ts';
import { type KeyRow, sections } from '../wireguard/vocabulary.ts';
import { code, type Hover } from './hover.ts';

export function wireguardHover(analysis: Analysis, file: ParsedFile, tree: WireguardTree, offset: number): Hover | null {
  const located = statementsAt(tree.root, offset).at(-1);
  if (!located) return null;
  const { statement, offset: start } = located;
  const { syntax } = statement;
  const at = offset - start;
  const node = analysis.mesh.model.links.interfaceOf.get(file.source.uri);
  if (syntax.kind === 'section' && (syntax.section ?? syntax.header) && touches(syntax.name, at)) {
    const row = syntax.header ?? sections.find(({ name }) => name === syntax.section);
    const paragraphs = [row?.says ?? ''];
    const peer = syntax.section === 'Peer' ? node?.peers.find(({ facts }) => isLine(file, facts.at.statement, start)) : undefined;
    if (node && peer) paragraphs.push(peerText(peer), rolesText('It', peerRoles(node, peer)));
    else if (node && syntax.section === 'Interface') paragraphs.push(rolesText('This host', rolesOf(node)));
    return {
      span: shifted(syntax.name, start),
      title: `[${syntax.header ? `${syntax.header.name}${syntax.header.keyed ? '…' : ''}` : syntax.section}]`,
      kind: 'section',
      paragraphs: paragraphs.filter(Boolean),
    };
  }
  if (syntax.kind !== 'entry' || !syntax.row) return null;
  if (touches(syntax.key, at)) return keyHover(syntax.row, shifted(syntax.key, start));
  if (!touches(syntax.value, at)) return null;
  return valueHover(syntax.row, statement.facts, at, start, file, node) ?? keyHover(syntax.row, shifted(syntax.value, start));
}

/** What a host is in the mesh, and why we think so. */
function rolesText(who: string, known: readonly KnownRole[]): string {
  return known.map(({ role, why }) => `${who} is a ${code(role)}: ${why}.`).join(' ');
}

/** Whether the fact-bearing statement of that number begins at `offset`. */
function isLine(file: ParsedFile, statement: number, offset: number): boolean {
  return statementOffset(file, statement) === offset;
}

function keyHover(row: KeyRow, span: Hover['span']): Hover {
  const repeated = row.repeated === 'adds' ? 'Further lines add to it.' : 'Of several lines the last one counts.';
  return {
    span,
    title: row.name,
    kind: `${row.tool}, [${row.header ?? row.section}]`,
    paragraphs: [row.says, repeated],
    example: row.example,
  };
}

function peerText(peer: Peer): string {
  const where = peer.remote ? `This is ${code(peer.label)}, whose own file is here.` : `The file of ${code(peer.label)} is not here.`;
  return peer.remote && !peer.back ? `${where} It has no entry for this host, so there will be no handshake.` : where;
}

function valueHover(
  row: KeyRow,
  facts: LineFacts | null | undefined,
  at: number,
  start: number,
  file: ParsedFile,
  node: MeshInterface | undefined,
): Hover | null {
  if (!facts) return null;
  const { fact, places } = facts;
  switch (fact.kind) {
    case 'allowed-ips':
    case 'addresses': {
      const item = places.findIndex((span, i) => i > 0 && touches(span, at));
      const written = fact.items[item - 1];
      if (!written) return null;
      const span = shifted(places[item] as Span, start);
      if (fact.kind === 'addresses') return addressHover(written, span, node);
      const peer = node?.peers.find(({ facts }) => facts.allowedIps.some(({ at: place }) => isLine(file, place.statement, start)));
      return entryHover(fact.signs[item - 1], written, span, node, peer);
    }
    case 'public-key': {
      const peer = node?.peers.find(({ facts }) => facts.publicKey !== null && isLine(file, facts.publicKey.at.statement, start));
      return peer
        ? { span: shifted({ start: at, end: at }, start), title: row.name, kind: 'public key', paragraphs: [peerText(peer), row.says] }
        : null;
    }
    case 'private-key':
    case 'preshared-key': {
      const { publicKey, sound, zero } = fact.key;
      if (!sound) return null;
      const paragraphs = zero
        ? ['All its bits are 0: wg takes it as no key.']
        : publicKey
          ? [`Its public key, which peers need: ${code(publicKey)}`]
          : [];
      return {
        span: shifted(places[1] as Span, start),
        title: row.name,
        kind: 'secret, not shown',
        paragraphs: [...paragraphs, row.says],
      };
    }
    default:
      return null;
  }
}

function addressHover(written: WrittenPrefix, span: Hover['span'], node: MeshInterface | undefined): Hover {
  const network = masked(written);
  const paragraphs = [
    isHost(network)
      ? 'This host’s address; no network comes with it.'
      : `This host’s address, in the network ${code(prefixText(network))} (${sizeText(network)}), for which the interface becomes the route.`,
  ];
  if (node) paragraphs.push(node.peers.length > 1 ? `${node.peers.length} peers.` : '');
  return { span, title: addressText(written.address), kind: 'Address', paragraphs: paragraphs.filter(Boolean), address: written.address };
}

/** What an AllowedIPs entry grants, to whom, and how many addresses it holds. */
function entryHover(
  sign: string | undefined,
  written: WrittenPrefix,
  span: Hover['span'],
  node: MeshInterface | undefined,
  peer: Peer | undefined,
): Hover {
  const prefix = masked(written);
  const who = peer ? code(peer.label) : 'this peer';
  const paragraphs: string[] = [];
  if (isHost(prefix))
    paragraphs.push(`${who} may be this one address: packets from it are taken only from ${who}, packets to it go only to ${who}.`);
  else {
    paragraphs.push(
      `${who} may be any of ${sizeText(prefix)}, ${code(addressText(firstOf(prefix)))} to ${code(addressText(lastOf(prefix)))}: packets from there are taken from ${who}, and packets to there are sent to ${who}, but for longer entries of other peers.`,
    );
  }
  if (hasHostBits(written))
    paragraphs.push(
      `Written as ${code(`${addressText(written.address)}/${written.length}`)}: wg cuts off the host bits and takes ${code(prefixText(prefix))}.`,
    );
  if (sign === '+' || sign === '-') paragraphs.push(sign === '+' ? 'Adds to what is loaded.' : 'Takes away from what is loaded.');
  if (node && !isHost(prefix)) paragraphs.push(...insideText(node, peer, prefix, isHubSide(node)));
  const address = isHost(prefix) ? { address: written.address } : {};
  return { span, title: prefixText(prefix), kind: `AllowedIPs, ${sizeText(prefix)}`, paragraphs, ...address };
}

function insideText(node: MeshInterface, peer: Peer | undefined, prefix: ReturnType<typeof masked>, hub: boolean): string[] {
  const others = new Set<string>();
  for (const one of node.mesh.interfaces) {
    if (one === node || one.host === peer?.remote?.host) continue;
    for (const address of one.addresses) if (prefixHolds(prefix, address)) others.add(`${one.host.name} (${addressText(address)})`);
  }
  const text: string[] = [];
  if (others.size > 0) text.push(`Other hosts in it: ${code(listed([...others], 'and', 6))}.`);
  if (prefix.length > 0 && !insideOwnNetwork(prefix, node))
    text.push('It lies outside the tunnel’s own network: a network behind the peer.');
  else if (!hub && prefix.length === 0) text.push('Everything goes through this peer: a full tunnel.');
  return text;
}
