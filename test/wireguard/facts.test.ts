// What a WireGuard config says as a whole: how lines add up, which one counts, what comments and hooks add.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { type ParsedFile, parsedFile, placeSpan } from '../../server/src/analysis/parsed-file.ts';
import { prefixOf, prefixText } from '../../server/src/net/address.ts';
import { type Change, changed, sourceFile } from '../../server/src/text/source-file.ts';
import type { WireguardFacts } from '../../server/src/wireguard/facts.ts';
import type { At } from '../../server/src/wireguard/peer-facts.ts';

const key = () => randomBytes(32).toString('base64');
const [a, b] = [key(), key()];

function opened(text: string): ParsedFile {
  return parsedFile(sourceFile('file:///wg0.conf', 1, 'wireguard', text));
}

function factsOf(file: ParsedFile): WireguardFacts {
  assert.equal(file.facts.language, 'wireguard');
  return file.facts as WireguardFacts;
}

const facts = (text: string) => factsOf(opened(text));

/** What the file has at a fact's place. */
function shown(file: ParsedFile, at: At<unknown> | null | undefined): string | null {
  const span = at && placeSpan(file, at.at);
  return span ? file.source.text.slice(span.start, span.end) : null;
}

const written = ({ value }: WireguardFacts['peers'][number]['allowedIps'][number]) => prefixText(prefixOf(value.address, value.length));

describe('lines add up', () => {
  test('lists grow; of everything else the last counts', () => {
    const file = opened(
      `[Interface]\nListenPort = 1\nAddress = 10.0.0.1/24\nAddress = fd00::1/64 10.0.1.1\nListenPort = 2\n[Peer]\nPublicKey = ${a}\nAllowedIPs = 10.0.0.2/32\nPublicKey = ${b}\nAllowedIPs = 10.0.0.3/32, 10.0.9.7/24\nEndpoint = a:1\nEndpoint = b:2\nPersistentKeepalive = 25\nPersistentKeepalive = off\n`,
    );
    const { interface: own, peers } = factsOf(file);
    assert.equal(own.listenPort?.value, 2);
    assert.equal(shown(file, own.listenPort), 'ListenPort = 2');
    assert.deepEqual(
      own.addresses.map((at) => shown(file, at)),
      ['10.0.0.1/24', 'fd00::1/64', '10.0.1.1'],
    );
    assert.equal(peers.length, 1);
    const [peer] = peers;
    assert.equal(peer?.publicKey?.value, b);
    assert.equal(shown(file, peer?.publicKey), b);
    assert.deepEqual(peer?.allowedIps.map(written), ['10.0.0.2/32', '10.0.0.3/32', '10.0.9.0/24']);
    assert.deepEqual(
      peer?.allowedIps.map((at) => shown(file, at)),
      ['10.0.0.2/32', '10.0.0.3/32', '10.0.9.7/24'],
    );
    assert.deepEqual(peer?.endpoint?.value, { host: 'b', port: 2 });
    assert.equal(peer?.keepalive?.value, 0);
  });

  test('a second [Interface] goes on with the first, and peers may stand before it', () => {
    const { interface: own, peers } = facts(
      '[Peer]\nAllowedIPs = 10.0.0.2\n[Interface]\nListenPort = 1\n[Peer]\n[Interface]\nAddress = 10.0.0.1/24\n',
    );
    assert.equal(own.listenPort?.value, 1);
    assert.equal(own.addresses.length, 1);
    assert.deepEqual(
      peers.map(({ allowedIps }) => allowedIps.length),
      [1, 0],
    );
  });

  test('what cannot be read says nothing', () => {
    const { peers } = facts(`[Interface]\n[Peer]\nPublicKey = no\nAllowedIPs = 10.0.0.1/33, 10.0.0.2/32\nEndpoint = x\n`);
    assert.equal(peers[0]?.publicKey?.value, null);
    assert.deepEqual(peers[0]?.allowedIps.map(written), ['10.0.0.2/32']);
    assert.equal(peers[0]?.endpoint, null);
  });

  test('keys of an unknown section belong to nobody', () => {
    const { interface: own, peers } = facts('[Interface]\n[Peer]\n[Socks5]\nListenPort = 5\nAllowedIPs = 10.0.0.1\n');
    assert.deepEqual(
      peers.map(({ allowedIps }) => allowedIps.length),
      [0],
    );
    assert.equal(own.addresses.length, 0);
  });

  test('a private key gives the public one; a preshared key only that it is there', () => {
    const { interface: own, peers } = facts(
      `[Interface]\nPrivateKey = ${a}\n[Peer]\nPresharedKey = ${b}\n[Peer]\nPresharedKey = ${b}\n[Peer]\nPresharedKey = ${a}\n`,
    );
    assert.equal(own.privateKey?.value.sound, true);
    assert.match(own.privateKey?.value.publicKey ?? '', /^[A-Za-z0-9+/]{43}=$/);
    const prints = peers.map(({ presharedKey }) => presharedKey?.value.fingerprint);
    assert.equal(prints[0], prints[1]);
    assert.notEqual(prints[0], prints[2]);
    assert.equal(prints[2], own.privateKey?.value.fingerprint);
    assert.equal(peers[0]?.presharedKey?.value.publicKey, null);
  });

  test('a public key that is a secret of the same file is known as that', () => {
    const { peers } = facts(`[Interface]\nPrivateKey = ${a}\n[Peer]\nPublicKey = ${a}\n[Peer]\nPublicKey = ${b}\n`);
    assert.deepEqual(
      peers.map(({ publicKeyIsSecret }) => publicKeyIsSecret),
      [true, false],
    );
  });
});

describe('names', () => {
  const names = (text: string) => facts(text).names;
  test('come from a comment above, beside, below, or an entry anywhere in the section', () => {
    assert.deepEqual(names('# laptop\n[Peer]\n'), ['laptop']);
    assert.deepEqual(names('[Peer] # laptop of Ana\n'), ['laptop of Ana']);
    assert.deepEqual(names('[Peer]\n# laptop\n'), ['laptop']);
    assert.deepEqual(names(`[Peer]\nPublicKey = ${a}\n# Name = phone\n`), ['phone']);
    assert.deepEqual(names('### begin laptop ###\n[Peer]\n### end laptop ###\n'), ['laptop']);
    assert.deepEqual(names('# friendly_name: Ana’s phone\n[Peer]\n'), ['Ana’s phone']);
  });
  test('a comment further off, or that is no name, gives none', () => {
    assert.deepEqual(names('# laptop\n\n[Peer]\nAllowedIPs = 10.0.0.1\n# rate: 5 Mbit/s, see https://x.example/\n'), ['laptop']);
    assert.deepEqual(names('# laptop\n[Interface]\n[Peer]\n'), [null]);
    assert.deepEqual(names('# PublicKey = x\n[Peer]\n'), [null]);
  });
  test('never a key', () => {
    assert.deepEqual(names(`# ${a}\n[Peer] # ${b.slice(0, 40)}\n# Name = ${a}\n`), [null]);
  });
});

describe('hooks', () => {
  test('that load keys are recognised', () => {
    const { interface: own, peers } = facts(
      `[Interface]\nPostUp = ip link; sudo wg set %i private-key "/etc/wireguard/%i.key" listen-port 51820 peer ${a} preshared-key /k allowed-ips 10.0.0.1/32 peer '${b}' remove\nPostUp = wg set %i peer ${b} preshared-key /dev/null\n[Peer]\nPublicKey = ${a}\n[Peer]\nPublicKey = ${b}\n`,
    );
    assert.equal(own.privateKeyFile?.value, '/etc/wireguard/%i.key');
    assert.deepEqual(
      peers.map(({ presharedKeyFile }) => presharedKeyFile !== null),
      [true, false],
    );
    assert.deepEqual(
      own.hooks.map(({ value }) => value.commands.map(({ does }) => does)),
      [['other', 'wg-set'], ['wg-set']],
    );
  });
  test('only where they run at start', () => {
    assert.equal(facts('[Interface]\nPostDown = wg set %i private-key /k\n').interface.privateKeyFile, null);
    assert.equal(facts('[Interface]\nPreUp = wg set %i private-key /k\n').interface.privateKeyFile?.value, '/k');
    assert.equal(facts('[Peer]\nPostUp = wg set %i private-key /k\n').interface.privateKeyFile, null);
  });
  test('a key that comes by a pipe or substitution has no path', () => {
    assert.equal(facts('[Interface]\nPostUp = wg set %i private-key <(pass wg)\n').interface.privateKeyFile?.value, '');
  });
  test('programs are kept with their words, nft with its text, keys never', () => {
    const said = (hook: string) => facts(`[Interface]\nPostUp = ${hook}\n`).interface.hooks[0]?.value.commands;
    assert.deepEqual(said('iptables -A FORWARD -i %i -j ACCEPT; /sbin/ip -4 route add 10.9.0.0/16 via $GW dev %i'), [
      { does: 'other', program: 'iptables', words: ['-A', 'FORWARD', '-i', '%i', '-j', 'ACCEPT'] },
      { does: 'other', program: 'ip', words: ['-4', 'route', 'add', '10.9.0.0/16', 'via', '$GW', 'dev', '%i'] },
    ]);
    assert.deepEqual(said(`nft delete table inet ks; nft add element ip t s ${a}`), [
      { does: 'nft', text: 'delete table inet ks', dynamic: false },
      { does: 'other', program: 'nft', words: ['add', 'element', 'ip', 't', 's', ''] },
    ]);
    assert.deepEqual(said('echo 1 > /proc/sys/net/ipv4/ip_forward; sysctl -w net/ipv6/conf/all/forwarding=1'), [
      { does: 'sysctl', assignments: ['net.ipv4.ip_forward=1'] },
      { does: 'sysctl', assignments: ['net.ipv6.conf.all.forwarding=1'] },
    ]);
  });
  test('sysctl is kept with what it sets', () => {
    const [hook] = facts('[Interface]\nPreUp = /sbin/sysctl -q -w net.ipv4.ip_forward=1 $x=2; echo done\n').interface.hooks;
    assert.deepEqual(hook?.value.commands, [
      { does: 'sysctl', assignments: ['net.ipv4.ip_forward=1'] },
      { does: 'other', program: 'echo', words: ['done'] },
    ]);
  });
});

describe('facts are kept', () => {
  const text = `[Interface]\nListenPort = 51820 # usual\n# laptop\n[Peer]\nPublicKey = ${a}\nAllowedIPs = 10.0.0.2/32\n[Peer]\nAllowedIPs = 10.0.0.3/32\n`;
  const edit = (file: ParsedFile, from: string, to: string) => {
    const start = file.source.text.indexOf(from);
    assert.ok(start >= 0);
    const line = file.source.text.slice(0, start).split('\n').length - 1;
    const character = start - (file.source.lines[line] as number);
    const changes: readonly Change[] = [
      { range: { start: { line, character }, end: { line, character: character + from.length } }, text: to },
    ];
    const { file: source, damage } = changed(file.source, 2, changes);
    return parsedFile(source, file, damage);
  };
  const before = opened(text);

  test('typing in a comment keeps the very same object', () => {
    const after = edit(before, 'usual', 'usual one\n# and a line');
    assert.equal(after.facts, before.facts);
    assert.notEqual(after.source.text, text);
    assert.equal(shown(after, factsOf(after).peers[1]?.allowedIps[0]), '10.0.0.3/32', 'and places are those of the new text');
  });
  test('spaces, case and spelling that mean the same keep it too', () => {
    assert.equal(edit(before, 'ListenPort = 51820', 'listenport=  051820').facts, before.facts);
  });
  test('a name changes it, a line’s value only its own facts', () => {
    assert.notEqual(edit(before, '# laptop', '# phone').facts, before.facts);
    const after = factsOf(edit(before, '10.0.0.3/32', '10.0.0.4/32'));
    const old = factsOf(before);
    assert.notEqual(after, old);
    assert.deepEqual(
      after.lines.map((line, i) => line === old.lines[i]),
      [true, true, true, true, true, true, false],
    );
  });
  const kept = (from: string, to: string, old = before) => {
    const after = factsOf(edit(old, from, to));
    return {
      interface: after.interface === factsOf(old).interface,
      peers: after.peers.map((peer, i) => peer === factsOf(old).peers[i]),
    };
  };
  test('a peer’s line leaves the other peers and the interface as they are', () => {
    assert.deepEqual(kept('10.0.0.2/32', '10.0.0.9/32'), { interface: true, peers: [false, true] });
    assert.deepEqual(kept(`PublicKey = ${a}`, `PublicKey = ${b}`), { interface: true, peers: [false, true] });
    assert.deepEqual(kept('# laptop', '# phone'), { interface: true, peers: [false, true] });
    assert.deepEqual(kept('ListenPort = 51820', 'ListenPort = 51821'), { interface: false, peers: [true, true] });
    assert.deepEqual(kept('\nAllowedIPs = 10.0.0.3/32', '\nAllowedIPs = 10.0.0.3/32\nAllowedIPs = 10.0.0.4/32'), {
      interface: true,
      peers: [true, false],
    });
  });
  test('a line that one peer begins with moves the peers behind it', () => {
    assert.deepEqual(kept('[Peer]\nPublicKey', '[Peer]\nEndpoint = a:1\nPublicKey'), { interface: true, peers: [false, false] });
    assert.deepEqual(kept('[Peer]\nAllowedIPs', 'AllowedIPs').peers, [false]);
  });
  test('a hook that loads a key, and a secret, are about every peer', () => {
    const hook = `[Interface]\nPostUp = wg set %i peer ${b} preshared-key /k\n[Peer]\nPublicKey = ${a}\n[Peer]\nPublicKey = ${b}\n`;
    const hooked = edit(opened(hook), `peer ${b}`, `peer ${a}`);
    assert.deepEqual(
      factsOf(hooked).peers.map(({ presharedKeyFile }) => presharedKeyFile !== null),
      [true, false],
    );
    const pasted = edit(opened(`[Peer]\nPublicKey = ${a}\n[Peer]\nPresharedKey = ${b}\n`), `PresharedKey = ${b}`, `PresharedKey = ${a}`);
    assert.deepEqual(
      factsOf(pasted).peers.map(({ publicKeyIsSecret }) => publicKeyIsSecret),
      [true, false],
    );
  });
});
