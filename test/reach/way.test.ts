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
const hubRules = (forward: string): TextFiles => ({
  'hub/etc/nftables.conf': `flush ruleset\ntable inet f {\n chain forward {\n type filter hook forward priority 0; policy drop;\n${forward}\n }\n}\n`,
});

describe('access', () => {
  test('through a hub without a ruleset, and back', () => {
    const { answer, oneWay, hops } = ask({});
    assert.deepEqual({ answer, oneWay }, { answer: 'yes', oneWay: false });
    assert.ok(hops.some(({ says }) => says === 'hub has no ruleset here: it is assumed to accept'));
    assert.ok(hops.some(({ says }) => says === 'hub is assumed to forward, since it has several peers'));
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

  test('is not known where a hook changes the firewall', () => {
    for (const hook of ['nft add rule inet f forward drop', 'iptables -A FORWARD -j DROP', 'nft -f /etc/elsewhere.nft']) {
      const lines = `Address = 10.0.0.1/24\nListenPort = 51820\nPostUp = ${hook}`;
      const hub = config(
        'hub',
        lines,
        { of: 'laptop', lines: 'AllowedIPs = 10.0.0.2/32' },
        { of: 'app', lines: 'AllowedIPs = 10.0.0.3/32' },
      );
      assert.equal(ask({ 'hub/etc/wireguard/wg0.conf': hub }).answer, 'unknown', hook);
    }
  });

  test('needs a route and the next hop’s AllowedIPs', () => {
    const narrow = { 'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/32', toHub('10.0.0.1/32')) };
    assert.equal(last(ask(narrow)), 'laptop has no route to 10.0.0.3 through WireGuard');
    const connected = { 'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/24', toHub('10.0.0.1/32')) };
    assert.equal(last(ask(connected)), 'no peer of laptop wg0 has 10.0.0.3');
    const byHand = {
      'laptop/etc/wireguard/wg0.conf': config(
        'laptop',
        'Address = 10.0.0.2/32\nTable = off\nPostUp = ip route add 10.0.0.0/24 dev %i',
        toHub('10.0.0.0/24'),
      ),
    };
    assert.equal(ask(byHand).answer, 'unknown');
  });

  test('needs a hub that forwards', () => {
    const off = 'Address = 10.0.0.1/24\nListenPort = 51820\nPostUp = sysctl -w net.ipv4.ip_forward=0';
    const hub = config('hub', off, { of: 'laptop', lines: 'AllowedIPs = 10.0.0.2/32' }, { of: 'app', lines: 'AllowedIPs = 10.0.0.3/32' });
    const answer = ask({ 'hub/etc/wireguard/wg0.conf': hub });
    assert.deepEqual([answer.answer, last(answer)], ['no', 'hub does not forward']);
  });

  test('needs a link that can live', () => {
    const silent = { of: 'hub', lines: 'AllowedIPs = 10.0.0.0/24' } as const;
    const answer = ask({ 'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/24', silent) });
    assert.deepEqual([answer.answer, last(answer)], ['no', 'neither laptop nor hub has an Endpoint of the other']);
    const shared = { of: 'hub', lines: `PresharedKey = ${Buffer.alloc(32, 9).toString('base64')}\n${toHub('10.0.0.0/24').lines}` } as const;
    assert.equal(ask({ 'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/24', shared) }).answer, 'no');
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

  test('asks the rules of all others', () => {
    assert.equal(ask(hubRules('tcp dport 443 accept'), { view: 'blast-radius' }).answer, 'yes');
    assert.equal(ask(hubRules('tcp dport 443 accept'), { view: 'blast-radius', port: 22 }).answer, 'no');
  });
});
