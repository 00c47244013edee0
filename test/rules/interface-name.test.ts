// Which file names wg-quick takes: an error where it would read them from, information elsewhere.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analysed, findingsIn } from '../support/mesh-files.ts';

const text = '[Interface]\nAddress = 10.0.0.7/32\n';

function told(path: string, content = text): readonly string[] {
  return findingsIn(analysed({ [path]: content })).map(
    ({ rule, severity, refusedBy, message, span }) =>
      `${severity} ${rule} ${refusedBy} ${content.slice(span.start, span.end)} ${/for its name: (.*?)\. Rename/.exec(message)?.[1]}`,
  );
}

describe('a name that wg-quick takes', () => {
  for (const path of [
    'etc/wireguard/wg0.conf',
    'etc/wireguard/a_b=c+d.e-f.conf',
    'etc/wireguard/abcdefghijklmno.conf',
    'wg0-hub-template.conf.j2',
  ])
    test(path, () => assert.deepEqual(told(path), []));
});

describe('a name that it refuses', () => {
  const cases: readonly (readonly [path: string, said: string])[] = [
    [
      'etc/wireguard/abcdefghijklmnop.conf',
      'error wireguard/interface-name wg-quick [Interface] it has 16 characters before .conf, and an interface’s name has 15 at the most',
    ],
    ['etc/wireguard/my vpn.conf', 'error wireguard/interface-name wg-quick [Interface] a space may not stand in an interface’s name'],
    ['etc/wireguard/büro.conf', 'error wireguard/interface-name wg-quick [Interface] “ü” may not stand in an interface’s name'],
    ['etc/wireguard/wg0.CONF', 'error wireguard/interface-name wg-quick [Interface] its suffix must be .conf, in small letters'],
    [
      'clients/laptop-of-ana-full-tunnel.conf',
      'info wireguard/interface-name wg-quick [Interface] it has 25 characters before .conf, and an interface’s name has 15 at the most',
    ],
  ];
  for (const [path, said] of cases) test(path, () => assert.deepEqual(told(path), [said]));
});

test('without any section there is nothing to speak of', () => {
  assert.deepEqual(told('etc/wireguard/abcdefghijklmnop.conf', '# nothing\n'), []);
});
