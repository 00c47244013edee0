// Whether the link between two hosts can live.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keyPair } from '../support/keys.ts';
import { ask, config, hubWith, keys, last, toHub } from '../support/small-mesh.ts';

describe('links', () => {
  test('need keys at both ends, and one that calls the other where it listens', () => {
    const laptop = (lines: string, own = '') => ({
      'laptop/etc/wireguard/wg0.conf': config('laptop', `Address = 10.0.0.2/24\n${own}`, { of: 'hub', lines }),
    });
    const silent = ask(laptop('AllowedIPs = 10.0.0.0/24'));
    assert.deepEqual([silent.answer, last(silent)], ['no', 'neither laptop nor hub has an Endpoint of the other']);
    const wrong = ask(laptop('Endpoint = 192.0.2.1:51821\nAllowedIPs = 10.0.0.0/24'));
    assert.deepEqual([wrong.answer, last(wrong)], ['no', 'laptop calls hub at port 51821, where it does not listen']);
    const shared = `PresharedKey = ${Buffer.alloc(32, 9).toString('base64')}\n${toHub('10.0.0.0/24').lines}`;
    assert.equal(ask(laptop(shared)).answer, 'no');
    // one end that calls is enough
    const hub =
      Object.values(hubWith(''))[0]?.replace('AllowedIPs = 10.0.0.2/32', 'Endpoint = 192.0.2.2:51900\nAllowedIPs = 10.0.0.2/32') ?? '';
    const calls = { 'hub/etc/wireguard/wg0.conf': hub };
    assert.equal(ask({ ...laptop('AllowedIPs = 10.0.0.0/24', 'ListenPort = 51900'), ...calls }).answer, 'yes');
    assert.equal(ask({ ...laptop('AllowedIPs = 10.0.0.0/24', 'ListenPort = 51901'), ...calls }).answer, 'no');
  });

  test('need rules that let WireGuard’s own packets through', () => {
    const input = (rules: string) => ({
      'hub/etc/nftables.conf': `table inet f {\n chain input {\n type filter hook input priority 0; policy drop;\n${rules}\n }\n}\n`,
    });
    assert.equal(last(ask(input('tcp dport 22 accept'))), 'hub does not let in WireGuard’s own packets');
    assert.equal(ask(input('udp dport 51820 accept')).answer, 'yes');
    // by which device they come no file says: by the one that a rule opens for them, or by one that is called as uplinks are
    assert.equal(ask(input('iifname "eth0" udp dport 51820 accept\niifname "lan0" accept')).answer, 'yes');
    const only = ask(input('iifname "eth0" accept'));
    assert.equal(only.answer, 'yes');
    assert.ok(only.hops.some(({ says }) => says === 'WireGuard’s own packets are taken to come to hub by eth0'));
    assert.equal(ask(input('iifname "lo" accept')).answer, 'no');
    assert.equal(ask(input('iifname { "eth0", "lan0" } accept')).answer, 'yes');
    assert.equal(ask(input('iifname "lan0" accept')).answer, 'unknown');
    assert.equal(ask(input('iifname "eth1" drop\niifname "eth0" accept')).answer, 'unknown');
    assert.equal(ask(input('iifname "eth0" ip saddr 172.16.0.0/12 drop\nudp dport 51820 accept')).answer, 'yes');
    assert.equal(ask(input('ip saddr 192.0.2.7 udp dport 51820 accept')).answer, 'unknown');
    // who is called at no port of its own has any
    const answers = (rules: string) => ({
      'laptop/etc/nftables.conf': `table inet f {\n chain input {\n type filter hook input priority 0; policy drop;\n iifname "wg0" accept\n${rules}\n }\n}\n`,
    });
    assert.equal(ask(answers('ct state established accept')).answer, 'yes');
    assert.equal(ask(answers('udp sport 51820 accept')).answer, 'yes');
    assert.equal(ask(answers('udp dport 51820 accept')).answer, 'no');
    assert.equal(ask(answers('udp dport 40000-50000 accept')).answer, 'unknown');
    const spoke = (rules: string) => ({
      'laptop/etc/nftables.conf': `table inet f {\n chain output {\n type filter hook output priority 0; policy drop;\n oifname "wg0" accept\n${rules}\n }\n}\n`,
    });
    assert.equal(last(ask(spoke(''))), 'laptop does not let out WireGuard’s own packets');
    assert.equal(ask(spoke('udp dport 51820 accept')).answer, 'yes');
  });

  test('a taken host calls from a port and by an IP version of its choice', () => {
    const hub = (rules: string) => ({
      'hub/etc/nftables.conf': `table inet f {\n chain output {\n type filter hook output priority 0; policy drop;\n oifname "wg0" accept\n${rules}\n }\n}\n`,
    });
    const taken = (rules: string) => ask(hub(rules), { view: 'blast-radius', to: '10.0.0.1' });
    assert.equal(ask(hub('udp dport 51820 accept'), { to: '10.0.0.1' }).answer, 'no');
    assert.equal(taken('udp dport 51820 accept').answer, 'yes');
    // one that nothing here names may serve as well
    assert.equal(taken('udp dport 4500 accept').answer, 'unknown');
    assert.equal(taken('udp sport 51820 accept').answer, 'yes');
    const shut = taken('tcp dport 51820 accept');
    assert.deepEqual([shut.answer, last(shut)], ['no', 'hub does not let out WireGuard’s own packets']);
    const other = taken('meta nfproto ipv6 udp sport 51820 accept');
    assert.deepEqual([other.answer, last(other)], ['unknown', 'whether laptop could call hub by IPv6 is not known here']);
  });

  test('need routes that lead WireGuard’s own packets out of the tunnel', () => {
    const laptop = (allowed: string, lines = '') => ({
      'laptop/etc/wireguard/wg0.conf': config('laptop', `Address = 10.0.0.2/24\n${lines}`, toHub(allowed)),
    });
    const told = (answer: ReturnType<typeof ask>): readonly string[] => [answer.answer, last(answer)];
    const packets = 'WireGuard’s own packets of laptop wg0 for 192.0.2.1';
    // wg-quick marks them where it makes a default route, and where a table has it only those whom rules send there follow it
    assert.equal(ask(laptop('0.0.0.0/0, ::/0')).answer, 'yes');
    assert.deepEqual(told(ask(laptop('0.0.0.0/0', 'Table = 123\nPostUp = ip rule add to 10.0.0.0/24 table 123'))).slice(0, 1), ['yes']);
    const all = ask(laptop('0.0.0.0/0', 'Table = 123\nPostUp = ip rule add table 123'));
    assert.deepEqual(told(all), ['unknown', `${packets} are routed into wg0 itself`]);
    assert.equal(ask(laptop('0.0.0.0/0', 'Table = 123\nFwMark = 7\nPostUp = ip rule add not fwmark 7 table 123')).answer, 'yes');
    assert.equal(ask(laptop('0.0.0.0/0', 'Table = 123\nFwMark = 7\nPostUp = ip rule add not fwmark 8 table 123')).answer, 'unknown');
    assert.deepEqual(told(ask(laptop('10.0.0.0/24, 192.0.2.1/32'))), ['unknown', `${packets} are routed into wg0 itself`]);
    // a network that the host is in may be nearer than half of all addresses
    assert.deepEqual(told(ask(laptop('0.0.0.0/1, 128.0.0.0/1'))), ['unknown', `${packets} are routed into wg0 itself`]);
    const thrown = ask(laptop('10.0.0.0/24', 'PostUp = ip route add blackhole 192.0.2.1/32'));
    assert.deepEqual(told(thrown), ['unknown', `${packets} are thrown away by a route`]);
    // whoever has taken the host leads them elsewhere
    assert.equal(ask(laptop('10.0.0.0/24, 192.0.2.1/32'), { view: 'blast-radius' }).answer, 'yes');
    // the answers of who is called go to an address that is not known
    const wide = Object.values(hubWith('Table = 123\nPostUp = ip rule add table 123'))[0]?.replace('10.0.0.2/32', '10.0.0.2/32, 0.0.0.0/0');
    const called = { 'hub/etc/wireguard/wg0.conf': wide ?? '', ...laptop('10.0.0.0/24') };
    assert.deepEqual(told(ask(called, { to: '10.0.0.1' })), [
      'unknown',
      'WireGuard’s own packets of hub wg0 for an address that no file tells are routed into wg0 itself',
    ]);
    // who is called by the other version as well calls through the tunnel once that is up
    const other = {
      'hub/etc/wireguard/wg0.conf': (Object.values(hubWith(''))[0] ?? '').replace(
        '10.0.0.2/32',
        '10.0.0.2/32, 192.0.2.9/32\nEndpoint = 192.0.2.9:51820',
      ),
      'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/24\nListenPort = 51820', {
        of: 'hub',
        lines: 'Endpoint = [2001:db8::1]:51820\nAllowedIPs = 10.0.0.0/24',
      }),
    };
    assert.deepEqual(told(ask(other, { to: '10.0.0.1' })), [
      'unknown',
      'WireGuard’s own packets of hub wg0 for 192.0.2.9 are routed into wg0 itself',
    ]);
  });

  test('may go by another tunnel, which carries them where no file says who is behind it', () => {
    const [second, provider] = [keyPair(), keyPair()];
    const tunnel = (peer: string) => ({
      'laptop/etc/wireguard/vpn.conf': `[Interface]\nPrivateKey = ${second.privateKey}\nAddress = 10.64.0.2/32\n\n[Peer]\nPublicKey = ${peer}\nEndpoint = 198.51.100.9:51820\nAllowedIPs = 0.0.0.0/0\n`,
    });
    const outside = ask(tunnel(provider.publicKey));
    assert.equal(outside.answer, 'yes');
    const carried = 'WireGuard’s own packets of laptop wg0 for 192.0.2.1 go by vpn, which is assumed to carry them';
    assert.equal(outside.hops.filter(({ says }) => says === carried).length, 1);
    const inside = ask(tunnel(keys.app.publicKey));
    assert.deepEqual(
      [inside.answer, last(inside)],
      ['unknown', 'WireGuard’s own packets of laptop wg0 for 192.0.2.1 go by vpn: whether that carries them is not known'],
    );
    // both have marks of their own
    const marked = { 'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/24\nFwMark = 51820', toHub('10.0.0.0/24')) };
    const apart = ask({ ...tunnel(keys.app.publicKey), ...marked });
    assert.equal(apart.hops.filter(({ says }) => says.includes('own packets')).length, 0);
  });

  test('are not known to come up with a device too narrow for the IPv6 that it is given', () => {
    const narrow = (allowed: string): string => config('laptop', 'Address = 10.0.0.2/24\nMTU = 1200', toHub(allowed));
    assert.equal(ask({ 'laptop/etc/wireguard/wg0.conf': narrow('10.0.0.0/24') }).answer, 'yes');
    assert.equal(ask({ 'laptop/etc/wireguard/wg0.conf': narrow('10.0.0.0/24, fd00::/64') }).answer, 'unknown');
  });
});
