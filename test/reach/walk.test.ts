// The walker's answers beside a verdict: what decided, what is not known, and what a packet has become.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressOf, routeOf } from '../../scripts/kernel/network.ts';
import { stateOf } from '../../scripts/kernel/ruleset.ts';
import { numberIn } from '../../server/src/reach/walk/bits.ts';
import type { Packet } from '../../server/src/reach/walk/packet.ts';
import { type Walk, walk } from '../../server/src/reach/walk/walk.ts';

const ssh: Packet = {
  source: addressOf('10.0.0.2'),
  destination: addressOf('192.168.1.10'),
  protocol: 6,
  sourcePort: 40000,
  destinationPort: 22,
  tcpFlags: 2,
  icmpType: null,
  icmpCode: null,
  iif: 'wg0',
  oif: 'lan0',
  mark: 0,
  state: 'new',
};

function chain(hook: string, rules: string, policy = 'accept', type = 'filter'): string {
  return `chain ${hook}_${type} {\n type ${type} hook ${hook} priority 0; policy ${policy};\n${rules}\n}\n`;
}

function forward(rules: string, packet: Partial<Packet> = {}, before = ''): Walk {
  return walk('forward', stateOf(`table inet t {\n${before}\n${chain('forward', rules)}}\n`), { ...ssh, ...packet }, { routeOf });
}

const decisions = ({ trace }: Walk): readonly string[] =>
  trace.map(({ chain: name, verdict, sure }) => `${name} ${verdict}${sure ? '' : '?'}`);

describe('what decided', () => {
  test('a host without a ruleset accepts', () => {
    assert.deepEqual(walk('forward', stateOf(''), ssh), {
      ...walk('forward', stateOf(''), ssh),
      verdict: 'accept',
      trace: [],
      reasons: [],
    });
  });

  test('each chain that the packet was sent to, up to the verdict', () => {
    const walked = forward('jump a\ndrop', {}, 'chain b {\n tcp dport 22 return\n}\nchain a {\n tcp dport 23 drop\n goto b\n accept\n}');
    assert.equal(walked.verdict, 'drop');
    assert.deepEqual(decisions(walked), ['forward_filter jump', 'a goto', 'b return', 'forward_filter drop']);
  });

  test('no part of a rule whose reject is for other packets', () => {
    assert.equal(forward('meta mark set 1 reject with icmpv6 no-route\nmeta mark 1 drop').verdict, 'accept');
  });

  test('the policy where no rule does, at each hook on the way', () => {
    const state = stateOf(`table ip t {\n${chain('prerouting', '')}${chain('forward', '')}${chain('postrouting', '', 'drop')}}\n`);
    const walked = walk('forward', state, ssh);
    assert.equal(walked.verdict, 'drop');
    assert.deepEqual(decisions(walked), [
      'prerouting_filter policy accept',
      'forward_filter policy accept',
      'postrouting_filter policy drop',
    ]);
  });

  test('a dormant table and another family decide nothing', () => {
    const off = `table ip a {\n flags dormant\n${chain('forward', 'drop')}}\ntable ip6 b {\n${chain('forward', 'drop')}}\n`;
    assert.equal(walk('forward', stateOf(off), ssh).verdict, 'accept');
  });
});

describe('what is not known', () => {
  const unknownBy = (walked: Walk): readonly number[] => {
    assert.equal(walked.verdict, 'unknown');
    return walked.reasons.map(({ statement }) => statement);
  };

  test('a limit, with its rule as the reason', () => {
    // table, chain, type and policy come before it
    assert.deepEqual(unknownBy(forward('tcp dport 22 limit rate 1/second accept\ndrop')), [4]);
  });

  test('is no matter where both ways end alike, or it is never come to', () => {
    assert.equal(forward('limit rate 1/second accept').verdict, 'accept');
    assert.equal(forward('tcp dport 22 accept\nlimit rate 1/second drop').verdict, 'accept');
    assert.equal(forward('limit rate 1/second meta mark set 1\nmeta mark 2 drop\naccept').verdict, 'accept');
  });

  test('a mark that may have been set', () => {
    const walked = forward('limit rate 1/second meta mark set 1\nmeta mark 1 drop\naccept');
    assert.deepEqual(unknownBy(walked), [4, 5]);
  });

  test('sets that rules fill, that time empties, or that wait to be filled', () => {
    for (const set of ['flags dynamic; elements = { 10.0.0.9 };', 'flags timeout; elements = { 10.0.0.9 timeout 1h };', '']) {
      const walked = forward('ip saddr @s drop', {}, `set s {\n type ipv4_addr; ${set}\n}`);
      assert.equal(walked.verdict, 'unknown', set);
    }
    assert.equal(forward('ip saddr @s drop', {}, 'set s {\n type ipv4_addr; elements = { 10.0.0.9 };\n}').verdict, 'accept');
    assert.equal(forward('ip saddr @s drop', {}, 'set s {\n type ipv4_addr; elements = { 10.0.0.2 };\n}').verdict, 'drop');
  });

  test('a connection state, where none is assumed', () => {
    assert.equal(forward('ct state established accept\ndrop', { state: null }).verdict, 'unknown');
    assert.equal(forward('ct state untracked accept\ndrop', { state: null }).verdict, 'drop');
  });

  test('an include, a variable and a chain that are nowhere', () => {
    const state = stateOf('include "/etc/nftables.d/*.nft"\n');
    assert.deepEqual(unknownBy(walk('forward', state, ssh)), [0]);
    assert.equal(forward('ip saddr $nobody accept\ndrop').verdict, 'unknown');
    assert.equal(forward('jump nowhere\ndrop').verdict, 'unknown');
  });

  test('a rule that does not parse', () => {
    assert.equal(forward('tcp dprt 22 accept\ndrop').verdict, 'unknown');
  });

  test('what a device’s own chain does', () => {
    const device = (name: string): string =>
      `table netdev d {\n chain i {\n type filter hook ingress device ${name} priority 0;\n drop\n }\n}\n`;
    assert.equal(walk('forward', stateOf(device('wg0')), ssh).verdict, 'unknown');
    assert.equal(walk('forward', stateOf(device('eth0')), ssh).verdict, 'accept');
  });

  test('what older nft makes of neighbouring fields that must both differ', () => {
    assert.equal(forward('tcp sport != 40000 tcp dport != 23 drop').verdict, 'unknown');
    assert.equal(forward('tcp sport != 40000 counter tcp dport != 23 drop').verdict, 'accept');
    assert.equal(forward('tcp sport != 1 tcp dport != 23 drop').verdict, 'drop');
    // one of them written twice
    assert.equal(forward('tcp sport != 40000 tcp dport != 23 tcp sport != 40000 drop').verdict, 'unknown');
    assert.equal(forward('tcp sport != 1 tcp dport != 23 tcp sport != 1 drop').verdict, 'drop');
    assert.equal(forward('ip saddr != 10.0.0.2 ip daddr != 10.0.0.3 drop').verdict, 'accept');
  });

  test('whether a set of one flag is the flag or its bit', () => {
    assert.equal(forward('tcp flags { syn } drop', { tcpFlags: 18 }).verdict, 'unknown');
    assert.equal(forward('tcp flags { syn } drop').verdict, 'drop');
    assert.equal(forward('tcp flags { syn, rst } drop', { tcpFlags: 18 }).verdict, 'accept');
    assert.equal(forward('ct state { new } drop').verdict, 'drop');
  });

  test('two orders, where a filter has the priority of translation', () => {
    const state = stateOf(
      `table ip t {\n chain f {\n type filter hook prerouting priority dstnat;\n ip daddr 192.168.1.10 drop\n }\n chain n {\n type nat hook prerouting priority dstnat;\n dnat to 192.168.1.20\n }\n}\n`,
    );
    assert.equal(walk('forward', state, ssh, { routeOf }).verdict, 'unknown');
  });

  test('the later packets of a connection that may be translated', () => {
    const state = stateOf(
      `table ip t {\n${chain('postrouting', 'masquerade', 'accept', 'nat')}${chain('forward', 'ip daddr 192.168.1.10 accept', 'drop')}}\n`,
    );
    const back: Packet = { ...ssh, state: 'established' };
    assert.equal(walk('forward', state, back).verdict, 'unknown');
    assert.equal(walk('forward', state, { ...back, translation: null }).verdict, 'accept');
  });

  test('jumps that double with each level end in time', () => {
    const levels = Array.from({ length: 16 }, (_, i) => `chain c${i} {\n${`jump c${i + 1}\n`.repeat(4)}}\n`).reverse();
    const started = performance.now();
    const walked = forward('jump c1', {}, `chain c16 {\n tcp dport 23 drop\n}\n${levels.join('')}`);
    assert.equal(walked.verdict, 'unknown');
    assert.ok(performance.now() - started < 5000);
  });
});

describe('what a packet has become', () => {
  const nat = (hook: string, rule: string): string => `table ip t {\n chain n {\n type nat hook ${hook} priority 0;\n ${rule}\n }\n`;

  test('another destination, by its own route', () => {
    const state = stateOf(
      `${nat('prerouting', 'tcp dport 22 dnat to 10.1.0.2:2222')} chain f {\n type filter hook forward priority 0; policy drop;\n oifname "wg1" tcp dport 2222 accept\n }\n}\n`,
    );
    const { verdict, after } = walk('forward', state, ssh, { routeOf });
    assert.equal(verdict, 'accept');
    assert.equal(after && numberIn(after.destination, 32), BigInt(addressOf('10.1.0.2').value));
    // without routes it may be for this host, or leave by any interface
    assert.equal(walk('forward', state, ssh).verdict, 'unknown');
  });

  test('one for this host', () => {
    const state = stateOf(
      `${nat('prerouting', 'redirect to :2222')} chain i {\n type filter hook input priority 0; policy drop;\n tcp dport 2222 accept\n }\n}\n`,
    );
    assert.equal(walk('forward', state, ssh).verdict, 'accept');
  });

  test('from an address that is not known', () => {
    const { after } = walk('forward', stateOf(`${nat('postrouting', 'masquerade')}}\n`), ssh);
    assert.ok(after);
    assert.equal(numberIn(after.source, 32), null);
    assert.equal(numberIn(after.snat, 1), null);
  });

  test('not by rules, where it is not the first of its connection', () => {
    const state = stateOf(`${nat('prerouting', 'dnat to 10.1.0.2')}}\n`);
    const { after } = walk('forward', state, { ...ssh, state: 'invalid' });
    assert.equal(after && numberIn(after.destination, 32), BigInt(ssh.destination.value));
  });
});
