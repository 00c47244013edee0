// A mesh as the server would tell it: a hub, an app server, and three laptops of which two fare alike.
import type { Mesh } from '../../client/webview/data.ts';

/** Names of attributes. */
export const CLASS = 'class';
export const ROLE = 'role';
export const TABINDEX = 'tabindex';

export function sampleMesh(): Mesh<null> {
  const member = (name: string, role: string, addresses: string) =>
    ({ id: `id-${name}`, name, kind: 'host', role, addresses, place: null }) as const;
  return {
    name: 'hub',
    members: [
      member('app', 'spoke', '10.0.0.3'),
      member('hub', 'hub', '10.0.0.1'),
      member('ana', 'spoke', '10.0.0.11'),
      member('ben', 'spoke', '10.0.0.12'),
      member('eve', 'spoke', '10.0.0.13'),
      { id: 'id-lan', name: 'behind app', kind: 'beyond', role: 'network', addresses: '192.168.1.0/24', place: null },
    ],
    classes: [[0], [1], [2, 3], [4], [5]],
    cells: [
      { from: 2, to: 0, state: 'allowed', allowed: 'tcp/443', oneWay: '', unknown: 'udp/53' },
      { from: 2, to: 2, state: 'one-way', allowed: 'udp/5353', oneWay: 'udp/5353', unknown: '' },
      { from: 3, to: 0, state: 'maybe', allowed: '', oneWay: '', unknown: 'tcp/22' },
      { from: 1, to: 2, state: 'allowed', allowed: 'any service', oneWay: '', unknown: '' },
    ],
    links: [
      { a: 0, b: 1, both: true },
      { a: 1, b: 2, both: true },
      { a: 1, b: 3, both: false },
      { a: 1, b: 4, both: true },
      { a: 0, b: 5, both: false },
    ],
  };
}
