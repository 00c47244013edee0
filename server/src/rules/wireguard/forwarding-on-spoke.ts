// A host that has no business forwarding switches it on.
import { insideOwnNetwork, isHubSide } from '../../mesh/addresses.ts';
import { hookRuns, iptablesRule, isUp, mayDoAnything, nftText } from '../../mesh/hooks.ts';
import { isHost, masked, type WrittenPrefix } from '../../net/address.ts';
import type { Fix } from '../../text/edit.ts';
import { laptop } from '../example-mesh.ts';
import { wholeLine } from '../lines.ts';
import type { InterfaceRule } from '../rule.ts';

export const FORWARDING = /^net[./](ipv4[./]ip_forward|ipv4[./]conf[./]all[./]forwarding|ipv6[./]conf[./]all[./]forwarding)=1$/;

export const forwardingOnSpoke: InterfaceRule = {
  id: 'wireguard/forwarding-on-spoke',
  severity: 'warning',
  scope: 'interface',
  docs: {
    summary: 'A spoke switches packet forwarding on.',
    why: 'A host with one peer, which it dials, forwards nothing for the mesh. With `ip_forward` on it becomes a router between the tunnel and whatever network it is in: a way in that nobody planned. Only hubs, exit gateways and subnet routers forward. Nothing is said where its hooks also filter or translate forwarded packets, where one end reaches a network through the other, or where its role is stated.',
    examples: [
      {
        bad: laptop({ more: 'PostUp = sysctl -w net.ipv4.ip_forward=1\nPostDown = sysctl -w net.ipv4.ip_forward=0\n' }),
        good: laptop({ more: 'PostDown = sysctl -w net.ipv4.ip_forward=0\n' }),
      },
    ],
  },

  check(node, _model, report) {
    const [peer] = node.peers;
    if (node.peers.length !== 1 || !peer?.facts.endpoint || node.statedRole || isHubSide(node)) return;
    const outside = ({ value }: { readonly value: WrittenPrefix }): boolean =>
      value.length > 0 && !isHost(masked(value)) && !insideOwnNetwork(masked(value), node);
    // site to site: a network there is spoken to by one here
    const routed = peer.back?.allowedIps.some(outside) || peer.facts.allowedIps.some(outside);
    const runs = hookRuns(node);
    // who also filters or translates what is forwarded means it
    const meant = runs.some(
      ({ command }) =>
        mayDoAnything(command) || iptablesRule(command) !== null || /\b(forward|masquerade|nat)\b/.test(nftText(command) ?? ''),
    );
    if (routed || meant) return;
    for (const { event, command, at } of runs) {
      if (!isUp(event) || command.does !== 'sysctl' || !command.assignments.some((one) => FORWARDING.test(one))) continue;
      report({
        uri: node.uri,
        at,
        message: `This host has one peer, which it dials, and forwards nothing for the mesh; with forwarding on it is a router between the tunnel and the network it is in. Leave it off, or state its role (“# meshwarden: role = subnet-router”).`,
      });
    }
  },

  fix(finding, context): readonly Fix[] {
    const node = context.model.links.interfaceOf.get(finding.uri);
    const run = node && hookRuns(node).find(({ at }) => at.statement === finding.statement && at.item === finding.item);
    if (!run?.alone || (run.command.does === 'sysctl' && run.command.assignments.length > 1)) return [];
    const edits = [{ uri: finding.uri, span: wholeLine(context.text(finding.uri), finding.span.start), text: '' }];
    return [{ title: 'Leave forwarding off: remove this hook', safety: 'review', preferred: true, edits }];
  },
};
