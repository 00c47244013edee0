// Others dial a host that has no port of its own.
import { listed } from '../../text/words.ts';
import { files, hub, laptop } from '../example-mesh.ts';
import type { InterfaceRule } from '../rule.ts';
import { addToInterface } from '../wireguard/edits.ts';
import { dialled } from './endpoint-port-mismatch.ts';

export const listenPortMissing: InterfaceRule = {
  id: 'mesh/listen-port-missing',
  severity: 'warning',
  scope: 'interface',
  docs: {
    summary: 'Other hosts dial this one, and it has no ListenPort.',
    why: 'Without a ListenPort a free port is chosen at each start, so that the Endpoint that others have for this host leads nowhere after the next one. Write the port that they dial. Nothing is said where a hook sets it (`wg set %i listen-port …`).',
    examples: [
      {
        bad: files({ hub: hub({ own: 'Address = 10.10.0.2/24\n' }), laptop: laptop() }),
        good: files({
          hub: hub({ own: 'Address = 10.10.0.2/24\n' }).replace(/(PostUp = .*\n)/, '$1ListenPort = 51820\n'),
          laptop: laptop(),
        }),
      },
    ],
  },

  check(node, _model, report) {
    const { own } = node;
    if (
      own.listenPort ||
      !own.at ||
      own.hooks.some(({ value }) => value.commands.some(({ does }) => does === 'wg-set') && mayListen(value))
    )
      return;
    const dialling = node.peers.filter(({ back }) => back?.endpoint?.value.port);
    if (dialling.length === 0) return;
    const names = dialling.map(({ label }) => label);
    report({
      uri: node.uri,
      at: own.at,
      message: `${listed(names, 'and', 3)} ${names.length === 1 ? 'dials' : 'dial'} this host, which has no ListenPort: it takes a free port at each start, and their Endpoint leads nowhere. Write ListenPort = ${dialled(node)[0]}.`,
      related: dialling
        .slice(0, 4)
        .flatMap(({ remote, back, label }) =>
          remote && back?.endpoint ? [{ uri: remote.uri, ...back.endpoint.at, message: `${label} dials here` }] : [],
        ),
    });
  },

  fix(finding, context) {
    const node = context.model.links.interfaceOf.get(finding.uri);
    const ports = [...new Set(node ? dialled(node) : [])];
    const edit = ports.length === 1 ? addToInterface(context, finding.uri, [`ListenPort = ${ports[0]}`]) : null;
    return edit ? [{ title: `Listen on ${ports[0]}, where others dial`, safety: 'review', preferred: true, edits: [edit] }] : [];
  },
};

/** A `wg set` that names neither keys nor peers sets something else: the port, perhaps. */
function mayListen({ commands }: { readonly commands: readonly { readonly does: string }[] }): boolean {
  return commands.some(
    (command) =>
      'privateKeyFile' in command &&
      command.privateKeyFile === null &&
      'peers' in command &&
      (command.peers as readonly unknown[]).length === 0,
  );
}
