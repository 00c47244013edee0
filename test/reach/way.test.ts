// Whether a host reaches an address: cryptokey routing at both ends, rulesets between, and the way back.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressOf } from '../../scripts/kernel/network.ts';
import { type Answer, type View, why } from '../../server/src/reach/way/why.ts';
import { keyPair } from '../support/keys.ts';
import { analysed, type TextFiles } from '../support/mesh-files.ts';

const keys = { hub: keyPair(), laptop: keyPair(), app: keyPair(), db: keyPair() };
type Name = keyof typeof keys;

interface PeerLines {
  readonly of: Name;
  readonly lines: string;
}

function config(own: Name, lines: string, ...peers: readonly PeerLines[]): string {
  const parts = peers.map(({ of, lines: more }) => `[Peer]\nPublicKey = ${keys[of].publicKey}\n${more}\n`);
  return `[Interface]\nPrivateKey = ${keys[own].privateKey}\n${lines}\n\n${parts.join('\n')}`;
}

const toHub = (allowed: string): PeerLines => ({ of: 'hub', lines: `Endpoint = 192.0.2.1:51820\nAllowedIPs = ${allowed}` });

/** A hub with three spokes. */
function files(changes: TextFiles = {}): TextFiles {
  return {
    'hub/etc/wireguard/wg0.conf': config(
      'hub',
      'Address = 10.0.0.1/24\nListenPort = 51820',
      { of: 'laptop', lines: 'AllowedIPs = 10.0.0.2/32' },
      { of: 'app', lines: 'AllowedIPs = 10.0.0.3/32' },
      { of: 'db', lines: 'AllowedIPs = 10.0.0.4/32' },
    ),
    'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/24', toHub('10.0.0.0/24')),
    'app/etc/wireguard/wg0.conf': config('app', 'Address = 10.0.0.3/24', toHub('10.0.0.0/24')),
    'db/etc/wireguard/wg0.conf': config('db', 'Address = 10.0.0.4/24', toHub('10.0.0.0/24')),
    ...changes,
  };
}

interface Asked {
  readonly from?: Name;
  readonly source?: string;
  readonly to?: string;
  readonly port?: number;
  readonly view?: View;
}

function ask(changes: TextFiles, { from = 'laptop', source, to = '10.0.0.3', port = 443, view = 'access' }: Asked = {}): Answer {
  const { model } = analysed(files(changes)).mesh;
  const host = model.links.hosts.find(({ name }) => name === from) ?? assert.fail(from);
  return why(model, { from: host, source: source ? addressOf(source) : null, to: addressOf(to), protocol: 6, port, view });
}

const last = ({ hops }: Answer): string => hops.at(-1)?.says ?? '';
/** The hub with more lines in its [Interface]. */
const hubWith = (lines: string): TextFiles => ({
  'hub/etc/wireguard/wg0.conf': config(
    'hub',
    `Address = 10.0.0.1/24\nListenPort = 51820\n${lines}`,
    { of: 'laptop', lines: 'AllowedIPs = 10.0.0.2/32' },
    { of: 'app', lines: 'AllowedIPs = 10.0.0.3/32' },
    { of: 'db', lines: 'AllowedIPs = 10.0.0.4/32' },
  ),
});
const hubRules = (forward: string): TextFiles => ({
  'hub/etc/nftables.conf': `flush ruleset\ntable inet f {\n chain forward {\n type filter hook forward priority 0; policy drop;\n${forward}\n }\n}\n`,
});

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

  test('needs a link that can live', () => {
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

  test('needs rules that let WireGuard’s own packets through', () => {
    const input = (rules: string) => ({
      'hub/etc/nftables.conf': `table inet f {\n chain input {\n type filter hook input priority 0; policy drop;\n${rules}\n }\n}\n`,
    });
    assert.equal(last(ask(input('tcp dport 22 accept'))), 'hub does not let in WireGuard’s own packets');
    assert.equal(ask(input('udp dport 51820 accept')).answer, 'yes');
    // by which device they come no file says: by the one that a rule opens for them, or by the only one there is
    assert.equal(ask(input('iifname "eth0" udp dport 51820 accept\niifname "lan0" accept')).answer, 'yes');
    assert.equal(ask(input('iifname "eth0" accept')).answer, 'yes');
    assert.equal(ask(input('iifname "lo" accept')).answer, 'no');
    assert.equal(ask(input('iifname { "eth0", "lan0" } accept')).answer, 'unknown');
    assert.equal(ask(input('iifname "eth0" ip saddr 172.16.0.0/12 drop\nudp dport 51820 accept')).answer, 'yes');
    assert.equal(ask(input('ip saddr 192.0.2.7 udp dport 51820 accept')).answer, 'unknown');
    const spoke = (rules: string) => ({
      'laptop/etc/nftables.conf': `table inet f {\n chain output {\n type filter hook output priority 0; policy drop;\n oifname "wg0" accept\n${rules}\n }\n}\n`,
    });
    assert.equal(last(ask(spoke(''))), 'laptop does not let out WireGuard’s own packets');
    assert.equal(ask(spoke('udp dport 51820 accept')).answer, 'yes');
  });
});

describe('translations', () => {
  const nat = (chain: string, rules: string): TextFiles => ({
    'hub/etc/nftables.conf': `table ip n {\n chain c {\n type nat hook ${chain};\n${rules}\n }\n}\n`,
  });

  test('are followed, and undone in answers', () => {
    const masked = ask(nat('postrouting priority srcnat', 'oifname "wg0" masquerade'));
    assert.deepEqual([masked.answer, masked.oneWay], ['yes', false]);
    assert.ok(masked.hops.some(({ says }) => says === 'hub makes it 10.0.0.1 → 10.0.0.3 port 443'));
    assert.ok(masked.hops.some(({ says }) => says === 'answer: hub makes it 10.0.0.3 → 10.0.0.2 port 49152'));
    const led = ask(nat('prerouting priority dstnat', 'ip daddr 10.0.0.1 tcp dport 443 dnat to 10.0.0.4:80'), { to: '10.0.0.1' });
    assert.deepEqual([led.answer, led.oneWay, led.end?.host.name, led.end?.sent.destinationPort], ['yes', false, 'db', 80]);
    const turned = ask(nat('prerouting priority dstnat', 'ip daddr 10.0.0.3 redirect to :80'));
    assert.deepEqual([turned.answer, turned.end?.host.name, turned.end?.sent.destinationPort], ['yes', 'hub', 80]);
  });

  test('that are not undone leave no answer', () => {
    // app answers laptop at another address than laptop asked
    const direct = {
      ...nat('prerouting priority dstnat', 'ip daddr 10.0.0.1 tcp dport 443 dnat to 10.0.0.3'),
      'app/etc/wireguard/wg0.conf': config('app', 'Address = 10.0.0.3/24', toHub('10.0.0.1/32'), {
        of: 'laptop',
        lines: 'Endpoint = 192.0.2.2:51900\nAllowedIPs = 10.0.0.2/32',
      }),
      'hub/etc/wireguard/wg0.conf': config(
        'hub',
        'Address = 10.0.0.1/24\nListenPort = 51820',
        { of: 'laptop', lines: 'AllowedIPs = 10.0.0.2/32' },
        { of: 'app', lines: 'AllowedIPs = 10.0.0.3/32' },
      ),
    };
    assert.equal(ask(direct, { to: '10.0.0.1' }).answer, 'no');
    const taken = {
      ...direct,
      'app/etc/wireguard/wg0.conf': config('app', 'Address = 10.0.0.3/24', toHub('10.0.0.2/32, 10.0.0.1/32')),
    };
    assert.deepEqual([ask(taken, { to: '10.0.0.1' }).answer, ask(taken, { to: '10.0.0.1' }).oneWay], ['yes', false]);
  });
});

describe('answers', () => {
  const [other, laptop1, app1] = [keyPair(), keyPair(), keyPair()];
  const second = (
    own: { readonly privateKey: string },
    lines: string,
    ...peers: readonly (readonly [{ readonly publicKey: string }, string])[]
  ): string =>
    `[Interface]\nPrivateKey = ${own.privateKey}\n${lines}\n${peers.map(([{ publicKey }, more]) => `\n[Peer]\nPublicKey = ${publicKey}\n${more}\n`).join('')}`;
  const toOther = 'Endpoint = 192.0.2.9:51820\nAllowedIPs =';

  /** There by the hub, back by another host. */
  const roundabout = (rules: string): TextFiles => ({
    'laptop/etc/wireguard/wg1.conf': second(laptop1, 'Address = 10.1.0.2/32\nTable = off', [other, `${toOther} 10.0.0.3/32`]),
    'app/etc/wireguard/wg1.conf': second(app1, 'Address = 10.1.0.3/32', [other, `${toOther} 10.0.0.2/32`]),
    'other/etc/wireguard/wg0.conf': second(
      other,
      'Address = 10.1.0.1/24\nListenPort = 51820',
      [laptop1, 'AllowedIPs = 10.0.0.2/32'],
      [app1, 'AllowedIPs = 10.0.0.3/32'],
    ),
    'other/etc/nftables.conf': `table inet f {\n chain forward {\n type filter hook forward priority 0; policy drop;\n${rules}\n }\n}\n`,
  });

  test('that come another way are established nowhere on it', () => {
    for (const [rules, oneWay] of [
      ['accept', false],
      ['ct state established accept', true],
      // SYN and ACK without a SYN before
      ['ct state invalid drop\naccept', true],
      ['tcp sport 443 accept', false],
    ] as const) {
      const found = ask(roundabout(rules));
      assert.deepEqual([found.answer, found.oneWay], ['yes', oneWay], rules);
    }
  });

  test('must come by the way that leads to their source where a hook asks for it', () => {
    const strict = (setting: string): TextFiles => ({
      ...roundabout('accept'),
      'laptop/etc/wireguard/wg0.conf': config('laptop', `Address = 10.0.0.2/24\nPostUp = sysctl -w ${setting}`, toHub('10.0.0.0/24')),
    });
    assert.equal(ask(strict('net.ipv4.conf.all.rp_filter=1')).oneWay, true);
    assert.equal(ask(strict('net.ipv4.conf.all.rp_filter=2')).oneWay, false);
    assert.equal(ask(strict('net.ipv4.conf.wg0.rp_filter=1')).oneWay, false);
  });

  test('are none where they come to somebody else', () => {
    assert.deepEqual(ask({}, { source: '10.0.0.4' }).answer, 'no');
    const spoofed = {
      'hub/etc/wireguard/wg0.conf': Object.values(hubWith(''))[0]?.replace('10.0.0.2/32', '10.0.0.2/32, 10.0.0.77/32') ?? '',
    };
    const found = ask(spoofed, { source: '10.0.0.77' });
    assert.deepEqual([found.answer, found.oneWay], ['yes', true]);
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

describe('networks behind hosts', () => {
  const mesh = (routes: string, more: TextFiles = {}): TextFiles => ({
    'hub/etc/wireguard/wg0.conf': config(
      'hub',
      'Address = 10.0.0.1/24\nListenPort = 51820',
      { of: 'laptop', lines: 'AllowedIPs = 10.0.0.2/32' },
      { of: 'app', lines: 'AllowedIPs = 10.0.0.3/32, 192.168.7.0/24' },
    ),
    'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/24', toHub('10.0.0.0/24, 192.168.7.0/24')),
    'meshwarden.jsonc': `{ "hosts": { "app": { "folder": "app", "routes": [${routes}] } } }`,
    ...more,
  });
  const to = '192.168.7.9';

  test('are reached where they are stated', () => {
    const found = ask(mesh('"192.168.7.0/24"'), { to });
    assert.deepEqual([found.answer, found.oneWay, found.end?.beyond], ['yes', null, true]);
    assert.equal(last(found), 'app hands it on to the network behind it, which is stated to hold 192.168.7.9');
    assert.equal(ask(mesh(''), { to }).answer, 'unknown');
    const off = config('app', 'Address = 10.0.0.3/24\nPostUp = sysctl -w net.ipv4.ip_forward=0', toHub('10.0.0.0/24'));
    assert.equal(ask(mesh('"192.168.7.0/24"', { 'app/etc/wireguard/wg0.conf': off }), { to }).answer, 'no');
  });

  test('by whatever device', () => {
    const rules = (rule: string) => ({ 'app/etc/nftables.conf': hubRules(rule)['hub/etc/nftables.conf'] ?? '' });
    const answer = (rule: string) => ask(mesh('"192.168.7.0/24"', rules(rule)), { to }).answer;
    assert.equal(answer('iifname "wg0" accept'), 'yes');
    assert.equal(answer('iifname "wg0" oifname "wg0" accept'), 'no');
    assert.equal(answer('iifname "wg0" oifname "lan0" accept'), 'unknown');
    assert.equal(answer('iifname "wg0" oifname "lan0" tcp dport 22 accept'), 'no');
  });

  test('are nobody’s to say where a host may have them itself', () => {
    assert.equal(ask({}, { to: '172.16.0.1' }).answer, 'unknown');
    assert.equal(ask({}, { to: '10.0.0.99' }).answer, 'no');
  });
});

describe('several interfaces', () => {
  const second = keyPair();
  const withTwo = (first: string, other: string): TextFiles => ({
    'app/etc/wireguard/wg0.conf': config('app', 'Address = 10.0.0.3/32', toHub(first)),
    'app/etc/wireguard/wg1.conf': `[Interface]\nPrivateKey = ${second.privateKey}\nAddress = 10.9.0.3/24\nListenPort = 51830\n\n[Peer]\nPublicKey = ${keys.db.publicKey}\nAllowedIPs = ${other}\n`,
    'db/etc/wireguard/wg0.conf': `${config('db', 'Address = 10.9.0.4/24', { of: 'hub', lines: 'AllowedIPs = 10.0.0.0/25' })}\n[Peer]\nPublicKey = ${second.publicKey}\nEndpoint = 192.0.2.3:51830\nAllowedIPs = 10.9.0.0/24, 10.0.0.3/32\n`,
  });

  test('of one host have the address that the way out has', () => {
    const found = ask(withTwo('10.0.0.0/24', '10.9.0.4/32'), { from: 'app', to: '10.9.0.4' });
    assert.equal(found.answer, 'yes');
    assert.deepEqual(found.witness?.source, addressOf('10.9.0.3'));
  });

  test('leave it open which comes up first', () => {
    assert.equal(ask(withTwo('10.0.0.0/24', '10.9.0.4/32, 10.0.0.0/24'), { from: 'app', to: '10.0.0.1' }).answer, 'unknown');
    // a longer one wins whenever it comes
    assert.equal(ask(withTwo('10.0.0.0/24', '10.9.0.4/32, 10.0.0.0/16'), { from: 'app', to: '10.0.0.1' }).answer, 'yes');
  });

  test('keep what comes by another one from the address of a default route', () => {
    const files = withTwo('0.0.0.0/0', '10.9.0.4/32');
    const found = ask(files, { from: 'db', to: '10.0.0.3' });
    assert.deepEqual([found.answer, last(found)], ['no', 'wg-quick lets nothing come to 10.0.0.3 by another interface than wg0']);
    assert.equal(ask(withTwo('10.0.0.0/8', '10.9.0.4/32'), { from: 'db', to: '10.0.0.3' }).answer, 'yes');
  });
});
