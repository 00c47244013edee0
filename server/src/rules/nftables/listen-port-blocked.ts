// The host's own firewall drops the packets of its tunnel.
import type { MeshInterface } from '../../mesh/model.ts';
import { meet } from '../../net/intervals.ts';
import { State } from '../../reach/box.ts';
import { chainsBehind, readChains } from '../../reach/chains.ts';
import { interfacesHold } from '../../reach/interfaces.ts';
import type { Reading } from '../../reach/reading.ts';
import { UDP } from '../../reach/services.ts';
import type { RulesetRule } from '../rule.ts';
import { chainOf, rulesFirst } from './chain-edits.ts';
import { exampleHub, soundInput } from './example-hub.ts';
import { isClosed, isFilterAt } from './host-filter.ts';
import { ESTABLISHED } from './missing-established.ts';

export const listenPortBlocked: RulesetRule = {
  id: 'nftables/listen-port-blocked',
  severity: 'warning',
  scope: 'ruleset',
  reads: 'files',
  docs: {
    summary: 'The input chain drops what peers send to the tunnel’s own UDP port.',
    why: [
      'WireGuard’s packets arrive as UDP on ListenPort, and pass the input hook before the tunnel sees them. Where the input chain is closed and no rule accepts that port, no peer can begin a handshake; only what this host began itself comes back, and only while conntrack remembers it.',
      '',
      'Accept the port: `udp dport 51820 accept`. WireGuard answers nobody whose key it does not know, so the port need not be narrowed.',
      '',
      'Told where a peer has no Endpoint here, so that it must begin.',
    ].join('\n'),
    examples: [
      {
        bad: exampleHub({ input: [ESTABLISHED, ...soundInput.slice(1).filter((rule) => !rule.startsWith('udp'))] }),
        good: exampleHub({
          input: ['udp dport 51820 accept', ESTABLISHED, ...soundInput.slice(1).filter((rule) => !rule.startsWith('udp'))],
        }),
      },
    ],
  },

  check({ uri, facts }, host, _model, report) {
    // an included file may accept it, or its chains may
    if (facts.statements.some(({ kind }) => kind === 'include')) return;
    const chains = readChains(facts);
    for (const read of chains) {
      const { chain } = read;
      if (!chain.base || !isFilterAt(chain, 'input') || !isClosed(read)) continue;
      const behind = chainsBehind(read, chains);
      if (!behind) continue;
      for (const node of host.interfaces) {
        const port = node.own.listenPort?.value;
        if (port == null || node.facts.peers.every(({ endpoint }) => endpoint !== null)) continue;
        if (behind.some(({ readings }) => readings.some((reading) => letsIn(reading, port, node)))) continue;
        report({
          uri,
          at: { ...(chain.base.policyAt ?? chain.base.at), item: 1 },
          message: `Chain ${chain.name} drops udp/${port}, the port of ${node.name}: no peer can begin a handshake. Accept udp dport ${port}.`,
          related: node.own.listenPort ? [{ uri: node.uri, ...node.own.listenPort.at, message: `${node.name} listens here` }] : [],
        });
      }
    }
  },

  fix(finding, context) {
    const read = chainOf(finding, context);
    const port = /udp dport (\d+)/.exec(finding.message)?.[1];
    const edit = read && port && rulesFirst(read, finding.uri, [`udp dport ${port} accept`], context);
    return edit ? [{ title: `Accept udp dport ${port}`, safety: 'review', preferred: true, edits: [edit] }] : [];
  },
};

/** Whether a new packet to the port may pass by a rule: one that may match it, from outside the tunnel. */
export function letsIn({ arms }: Reading, port: number, node: MeshInterface): boolean {
  const wanted = [{ from: port, to: port }];
  return arms.some(
    ({ outcome, may }) =>
      outcome === 'accept' &&
      may.some(
        ({ states, services, iif }) =>
          (states & State.new) !== 0 &&
          services.some(({ from, to, targets }) => from <= UDP && UDP <= to && meet(targets, wanted)) &&
          (iif.only === null || iif.only.some((name) => name !== 'lo' && name !== node.name)) &&
          !(iif.only !== null && interfacesHold(iif, 'lo') && iif.only.length === 1),
      ),
  );
}
