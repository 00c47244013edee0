// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so are shell variables written
// Templates: one thing is told for the file, nothing on each placeholder, and the rest is read as ever.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse, shownFindings } from '../../../server/src/analysis/analysis.ts';
import { parsedFile } from '../../../server/src/analysis/parsed-file.ts';
import { sourceFile } from '../../../server/src/text/source-file.ts';
import { expectSameAfterEdits, factsOf, opened } from './told.ts';

function told(uri: string, text: string): readonly string[] {
  const analysis = analyse(new Map([[uri, parsedFile(sourceFile(uri, 1, 'wireguard', text))]]));
  return shownFindings(analysis, uri).map(
    ({ rule, severity, span, refusedBy }) =>
      `${severity} ${rule} ${JSON.stringify(text.slice(span.start, span.end))}${refusedBy ? ` refused by ${refusedBy}` : ''}`,
  );
}

const named = 'file:///roles/vpn/templates/wg0.conf.j2';
const plain = 'file:///roles/vpn/templates/wg0.conf';

const jinja = `{# what the hub
 # needs #}
# {{ ansible_managed }}
[Interface]
Address = {{ address }}
PrivateKey = {{ lookup('file', path + '/private/' + item) }}
{% if mtu | int > 0 %}MTU = {{ mtu }}
{% endif %}
{% if (
     a is defined and
     b == 'c'
   )
%}
ListenPort = {{ port }}
{% endif %}
PostUp = logger {{ iface }} is up
{% for peer in peers %}

[Peer]
PublicKey = {{ peer.key }}
AllowedIPs = {{ peer.ip }}/32{{ ',' + peer.ip6 if six else '' }}
{{ 'PersistentKeepalive = ' + keepalive if keepalive else '' }}
{% endfor %}
`;

describe('a file named as a template', () => {
  test('has one hint', () => assert.deepEqual(told(named, jinja), ['hint wireguard/placeholders "{{ address }}"']));
  test('has none where nothing is to be filled in', () => assert.deepEqual(told(named, '[Interface]\nListenPort = 51820\n'), []));
  test('is checked where it can be', () =>
    assert.deepEqual(told(named, '[Interface]\nAddress = {{ a }}\nListnPort = 51820\n'), [
      'hint wireguard/placeholders "{{ a }}"',
      'error wireguard/unknown-key "ListnPort" refused by wg',
    ]));
  test('is read as what comes of it', () => {
    const { interface: own, peers } = factsOf(opened('wireguard', jinja, named));
    assert.equal(peers.length, 1);
    assert.equal(own.hooks.length, 1);
  });
});

describe('a plain config with placeholders', () => {
  test('has one piece of information, with who refuses it', () =>
    assert.deepEqual(
      told(plain, '[Interface]\nPrivateKey = <private key>\nListenPort = $PORT\n[Peer]\nPublicKey = ${KEY}\nEndpoint = {{ host }}:1\n'),
      ['info wireguard/placeholders "<private key>" refused by wg'],
    ));
  test('has it also where nothing is refused before the interface comes up', () =>
    assert.deepEqual(told(plain, '[Interface]\nAddress = {{ address }}\n'), ['info wireguard/placeholders "{{ address }}"']));
  test('keeps every other finding', () =>
    assert.deepEqual(told(plain, '[Interface]\nListenPort = {{ port }}\nMTU = many\n'), [
      'info wireguard/placeholders "{{ port }}" refused by wg',
      'error wireguard/invalid-value "many"',
    ]));
  test('a hook is the shell’s: $x and <x are no placeholders there', () => {
    assert.deepEqual(told(plain, '[Interface]\nPostUp = ip route add $NET dev %i\n'), []);
    assert.deepEqual(
      told(plain, '[Interface]\nPostUp = echo "$NET\n').map((line) => line.replace(/ ".*/, '')),
      ['error wireguard/invalid-value'],
    );
  });
  test('a config without any has none', () => assert.deepEqual(told(plain, '[Interface]\nListenPort = 51820\nDNS = a<b\n'), []));
});

test('after any edit it is read as afresh, also where control begins or ends by it', () => {
  expectSameAfterEdits('wireguard', '[Interface]\n{% if a %}\nMTU = 1\n{% endif %}\n[Peer]\n', ['{%', '%}', '{#', '\n', '{{ x']);
  expectSameAfterEdits('wireguard', '[Interface]\nMTU = 1 %}\n[Peer]\n', ['{%', '{# #}']);
});
