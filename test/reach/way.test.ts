// Whether a host reaches an address: cryptokey routing at both ends, rulesets between; honest, and taken by somebody.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TextFiles } from '../support/mesh-files.ts';
import { ask, config, hubRules, hubWith, keys, last, toHub } from '../support/small-mesh.ts';

describe('access', () => {
  test('through a hub without a ruleset, and back', () => {
    const { answer, oneWay, hops } = ask({});
    assert.deepEqual({ answer, oneWay }, { answer: 'yes', oneWay: false });
    assert.ok(hops.some(({ says }) => says === 'hub has no ruleset here: it is assumed to accept'));
    assert.ok(hops.some(({ says }) => says === 'hub is assumed to forward, since others are behind it'));
  });

  test('as far as the hub’s rules go', () => {
    const rules = hubRules(
      'ct state established accept\niifname "wg0" oifname "wg0" ip saddr 10.0.0.2 ip daddr 10.0.0.3 tcp dport 443 accept',
    );
    assert.equal(ask(rules).answer, 'yes');
    assert.equal(ask(rules).oneWay, false);
    const other = ask(rules, { port: 22 });
    assert.equal(other.answer, 'no');
    assert.equal(last(other), 'hub does not let it through');
    assert.equal(ask(rules, { from: 'app', to: '10.0.0.2' }).answer, 'no');
  });

  test('one-way where answers are dropped', () => {
    assert.deepEqual(ask(hubRules('ip saddr 10.0.0.2 accept')).oneWay, true);
  });

  test('is not known where a rule hangs on what passed before', () => {
    assert.equal(ask(hubRules('limit rate 5/second accept')).answer, 'unknown');
  });

  test('is not known where two files make one table', () => {
    const second = 'table inet f {\n chain forward {\n tcp dport 22 accept\n }\n}\n';
    assert.equal(ask({ ...hubRules('tcp dport 443 accept'), 'hub/etc/nftables.d/more.nft': second }).answer, 'unknown');
  });

  test('is not known where a hook changes the firewall in a way that is not followed', () => {
    for (const hook of ['nft add rule inet f forward drop', 'iptables -A FORWARD -j DROP', 'nft -f /etc/elsewhere.nft', '/etc/up.sh'])
      assert.equal(ask(hubWith(`PostUp = ${hook}`)).answer, 'unknown', hook);
    for (const hook of ['iptables -A FORWARD -i %i -j ACCEPT', 'iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE', 'echo up'])
      assert.equal(ask(hubWith(`PostUp = ${hook}`)).answer, 'yes', hook);
  });

  test('counts the rules that hooks bring, behind those of the ruleset', () => {
    const own = "PostUp = nft add table inet g\nPostUp = nft add chain inet g f '{ type filter hook forward priority 1; policy drop; }'";
    assert.equal(last(ask(hubWith(own))), 'hub does not let it through');
    const opened = hubWith(
      `${own}\nPostUp = nft add rule inet g f iifname %i tcp dport 443 accept\nPostUp = nft add rule inet g f ct state established accept`,
    );
    const { answer, oneWay, hops } = ask(opened);
    assert.deepEqual([answer, oneWay, ask(opened, { port: 22 }).answer], ['yes', false, 'no']);
    assert.ok(hops.some(({ at, says }) => says === 'hub, chain f: accept' && at?.uri.endsWith('hub/etc/wireguard/wg0.conf')));
    const added = {
      ...hubRules('ct state established accept'),
      ...hubWith('PostUp = nft insert rule inet f forward tcp dport 443 accept'),
    };
    assert.deepEqual([ask(added).answer, ask(added, { port: 22 }).answer], ['yes', 'no']);
  });

  test('needs a route and the next hop’s AllowedIPs', () => {
    const narrow = { 'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/32', toHub('10.0.0.1/32')) };
    assert.equal(last(ask(narrow)), 'laptop has no route to 10.0.0.3 through WireGuard');
    const connected = { 'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/24', toHub('10.0.0.1/32')) };
    assert.equal(last(ask(connected)), 'no peer of laptop wg0 has 10.0.0.3');
    const table = (lines: string) => ({
      'laptop/etc/wireguard/wg0.conf': config('laptop', `Address = 10.0.0.2/32\n${lines}`, toHub('10.0.0.0/24')),
    });
    assert.equal(ask(table('Table = off')).answer, 'no');
    assert.equal(ask(table('Table = off\nPostUp = ip route add 10.0.0.0/24 dev %i')).answer, 'yes');
    assert.equal(ask(table('Table = 123')).answer, 'no');
    assert.equal(ask(table('Table = 123\nPostUp = ip rule add to 10.0.0.0/24 table 123')).answer, 'yes');
    assert.equal(ask(table('Table = 123\nPostUp = ip rule add from 10.0.0.9 table 123')).answer, 'no');
    assert.equal(last(ask(table('PostUp = ip route add blackhole 10.0.0.3'))), 'laptop throws away what is for 10.0.0.3');
    // what is there already is refused, and the interface with it
    assert.equal(ask(table('PostUp = ip route add 10.0.0.0/24 dev %i')).answer, 'unknown');
    for (const hook of [
      'ip route add $NET dev %i',
      'ip addr add 10.0.0.9/32 dev %i',
      'route add -net 10.0.0.0/24 wg0',
      'test -e /x && ip route del 10.0.0.0/24',
    ])
      assert.equal(ask(table(`PostUp = ${hook}`)).answer, 'unknown', hook);
    for (const hook of ['ip link set %i mtu 1380', 'ip route show']) assert.equal(ask(table(`PostUp = ${hook}`)).answer, 'yes', hook);
  });

  test('needs a hub that forwards', () => {
    for (const [lines, answer] of [
      ['PostUp = sysctl -w net.ipv4.ip_forward=0', 'no'],
      ['PostUp = echo 0 > /proc/sys/net/ipv4/ip_forward', 'no'],
      ['PreUp = sysctl -w net.ipv4.ip_forward=0', 'no'],
      ['PostUp = sysctl -w net.ipv4.conf.%i.forwarding=0', 'no'],
      ['PostUp = sysctl -w net.ipv4.ip_forward=0 net.ipv4.conf.all.forwarding=1', 'yes'],
      ['PostUp = sysctl -w net.ipv6.conf.all.forwarding=0', 'yes'],
      ['# meshwarden: role = mesh-node', 'no'],
    ] as const) {
      const found = ask(hubWith(lines));
      assert.equal(found.answer, answer, lines);
      if (answer === 'no') assert.equal(last(found), 'hub does not forward');
    }
  });
});

describe('cryptokey routing', () => {
  const hub = (laptop: string, app: string): TextFiles => ({
    'hub/etc/wireguard/wg0.conf': config(
      'hub',
      'Address = 10.0.0.1/24\nListenPort = 51820',
      { of: 'laptop', lines: `AllowedIPs = ${laptop}` },
      { of: 'app', lines: `AllowedIPs = ${app}` },
    ),
  });

  test('gives the longest prefix the packet, and of equal ones the last written', () => {
    assert.equal(ask(hub('10.0.0.0/24', '10.0.0.3/32')).answer, 'yes');
    const both = ask(hub('10.0.0.2/32, 10.0.0.3/32', '10.0.0.3/32'));
    assert.equal(both.answer, 'yes');
    assert.equal(ask(hub('10.0.0.2/32', '10.0.0.3/32, 10.0.0.2/32')).answer, 'no');
  });

  test('has one peer a key: a second block gives it other AllowedIPs, and leaves the rest', () => {
    const twice = (again: string): TextFiles => {
      const first = Object.values(hub('10.0.0.2/32', '10.0.0.3/32'))[0] ?? '';
      return { 'hub/etc/wireguard/wg0.conf': `${first}\n[Peer]\nPublicKey = ${keys.app.publicKey}\n${again}\n` };
    };
    assert.equal(ask(twice('AllowedIPs = 10.0.0.3/32')).answer, 'yes');
    assert.equal(ask(twice('AllowedIPs = 10.0.0.4/32')).answer, 'no');
    assert.equal(ask(twice('PersistentKeepalive = 25')).answer, 'no');
  });

  test('is not known where a hook changes it', () => {
    assert.equal(ask(hubWith(`PostUp = wg set %i peer ${keys.app.publicKey} allowed-ips 10.0.0.9/32`)).answer, 'unknown');
  });

  test('takes a source only from the peer that has it', () => {
    const spoofed = ask(hub('10.0.0.0/24', '10.0.0.3/32'), { view: 'blast-radius', source: '10.0.0.9' });
    assert.equal(spoofed.answer, 'yes');
    const anothers = ask(hub('10.0.0.0/24', '10.0.0.3/32'), { view: 'blast-radius', source: '10.0.0.3' });
    assert.deepEqual([anothers.answer, last(anothers)], ['no', 'hub takes 10.0.0.3 from app alone']);
  });
});

describe('blast radius', () => {
  test('does not ask the taken host’s own routes and rules', () => {
    const own = {
      'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/32', toHub('10.0.0.1/32')),
      'laptop/etc/nftables.conf': 'table inet f {\n chain output {\n type filter hook output priority 0; policy drop;\n }\n}\n',
    };
    assert.equal(ask(own).answer, 'no');
    assert.equal(ask(own, { view: 'blast-radius' }).answer, 'yes');
  });

  test('has what is its own, and gains nothing by what comes back to it', () => {
    assert.equal(ask({}, { view: 'blast-radius', to: '10.0.0.2' }).answer, 'yes');
    const nobody = ask({}, { view: 'blast-radius', to: '10.0.0.99' });
    assert.deepEqual([nobody.answer, last(nobody)], ['no', 'no peer of hub wg0 has 10.0.0.99']);
    const wide = { 'hub/etc/wireguard/wg0.conf': Object.values(hubWith(''))[0]?.replace('10.0.0.2/32', '10.0.0.2/32, 10.0.0.96/28') ?? '' };
    assert.equal(last(ask(wide, { view: 'blast-radius', to: '10.0.0.99' })), 'it comes back to laptop, which is taken');
  });

  test('may mend what keeps its own links down, but not the other end’s', () => {
    const laptop = (lines: string): TextFiles => ({
      'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/24', {
        of: 'hub',
        lines: `${lines}\nAllowedIPs = 10.0.0.0/24`,
      }),
    });
    const taken = { view: 'blast-radius' } as const;
    assert.equal(ask(laptop('Endpoint = 192.0.2.1:1'), taken).answer, 'unknown');
    assert.equal(ask(laptop(''), taken).answer, 'unknown');
    const key = `PresharedKey = ${Buffer.alloc(32, 9).toString('base64')}`;
    assert.equal(ask(laptop(`${key}\nEndpoint = 192.0.2.1:51820`), taken).answer, 'unknown');
    const asked = Object.values(hubWith(''))[0]?.replace('AllowedIPs = 10.0.0.2/32', `${key}\nAllowedIPs = 10.0.0.2/32`) ?? '';
    assert.equal(ask({ 'hub/etc/wireguard/wg0.conf': asked }, taken).answer, 'no');
    const blocked = { 'hub/etc/nftables.conf': 'table inet f {\n chain i {\n type filter hook input priority 0; policy drop;\n }\n}\n' };
    assert.equal(ask({ ...laptop('Endpoint = 192.0.2.1:1'), ...blocked }, taken).answer, 'no');
    const own = { 'laptop/etc/nftables.conf': 'table inet f {\n chain o {\n type filter hook output priority 0; policy drop;\n }\n}\n' };
    assert.equal(ask(own, taken).answer, 'yes');
  });

  test('does not pass for who it sends to, of IPv4', () => {
    const found = ask({}, { view: 'blast-radius', source: '10.0.0.3' });
    assert.equal(found.answer, 'no');
    const wide = { 'hub/etc/wireguard/wg0.conf': Object.values(hubWith(''))[0]?.replace('10.0.0.2/32', '10.0.0.0/24') ?? '' };
    const asHub = ask(wide, { view: 'blast-radius', source: '10.0.0.1', to: '10.0.0.4' });
    assert.deepEqual([asHub.answer, last(asHub)], ['no', 'hub takes none that come from 10.0.0.1, which it has itself']);
    assert.equal(ask(wide, { view: 'blast-radius', source: '10.0.0.1', to: '10.0.0.1' }).answer, 'no');
  });

  test('asks the rules of all others', () => {
    assert.equal(ask(hubRules('tcp dport 443 accept'), { view: 'blast-radius' }).answer, 'yes');
    assert.equal(ask(hubRules('tcp dport 443 accept'), { view: 'blast-radius', port: 22 }).answer, 'no');
  });
});
