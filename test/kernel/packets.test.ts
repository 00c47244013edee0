// The packet oracle itself, and the walker beside it: what the kernel does with random packets under random rulesets.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { compareRandom } from '../../scripts/kernel/nftables.ts';
import { linesOf, passes } from '../../scripts/kernel/report.ts';
import { skipReason } from './support/availability.ts';
import { type Namespace, openNamespace } from './support/namespace.ts';
import { type JobResult, type SentPacket, sendPackets } from './support/packets.ts';

const packet: SentPacket = {
  source: '10.0.0.2',
  destination: '192.168.1.10',
  protocol: 6,
  sourcePort: 40000,
  destinationPort: 22,
  tcpFlags: 2,
  icmpType: null,
  icmpCode: null,
  dscp: 0,
  from: 'wg0',
  answered: false,
};
const ping4 = { ...packet, protocol: 1, tcpFlags: null, destinationPort: null, icmpType: 8, icmpCode: 0 };
const ping6 = { ...ping4, protocol: 58, icmpType: 128, source: 'fd00::2', destination: 'fd01::9' };
const udp6 = { ...ping6, protocol: 17, icmpType: null, icmpCode: null, destinationPort: 53 };

function ruleset(...chains: readonly string[]): string {
  return `flush ruleset\ntable inet t {\n${chains.map((chain, i) => `chain c${i} {\n${chain}\n}\n`).join('')}}\n`;
}

function endsOf(result: JobResult | undefined): readonly string[] {
  assert.ok(result && 'ends' in result, JSON.stringify(result));
  return result.ends.map(({ to, answerTo }) => (answerTo === null ? to : `${to}, answer ${answerTo}`));
}

describe('packets through the kernel', { skip: skipReason('nft', 'packets') }, () => {
  let namespace: Namespace;
  before(async () => {
    namespace = await openNamespace();
  });
  after(() => namespace?.close());

  test('come out where routes lead, are delivered here, or are sent from here', async () => {
    const own = { destination: '10.0.0.1' };
    const [open] = await sendPackets(namespace, [
      {
        ruleset: ruleset(),
        packets: [
          packet,
          { ...packet, ...own },
          { ...ping4, ...own },
          ping6,
          { ...ping6, destination: 'fd00::1' },
          udp6,
          { ...packet, source: '10.0.0.1', from: '' },
          { ...udp6, source: 'fd00::1', from: '' },
          { ...packet, destination: '203.0.113.9' },
        ],
      },
    ]);
    assert.deepEqual(endsOf(open), ['lan0', 'local', 'local', 'lan0', 'local', 'lan0', 'lan0', 'lan0', '']);
  });

  test('are lost at each hook that drops them, and a message to their sender is none of them', async () => {
    const results = await sendPackets(
      namespace,
      ['forward', 'input', 'output', 'prerouting', 'postrouting'].map((hook) => ({
        ruleset: ruleset(
          `type filter hook ${hook} priority 0\nmeta l4proto { tcp, udp } reject`.replace(/reject$/, /ing$/.test(hook) ? 'drop' : 'reject'),
        ),
        packets: [packet, { ...packet, destination: '10.0.0.1' }, { ...packet, source: '10.0.0.1', from: '' }, ping4],
      })),
    );
    assert.deepEqual(results.map(endsOf), [
      ['', 'local', 'lan0', 'lan0'],
      ['lan0', '', 'lan0', 'lan0'],
      ['lan0', 'local', '', 'lan0'],
      ['', '', 'lan0', 'lan0'],
      ['', 'local', '', 'lan0'],
    ]);
  });

  test('open connections whose answers are established, each ruleset with none from before', async () => {
    const established = ruleset(
      'type filter hook forward priority 0; policy drop;\nct state established accept\niifname "wg0" ct state new accept',
    );
    const answered = [packet, { ...ping4, sourcePort: 7 }, { ...udp6, sourcePort: 41000 }].map((one) => ({ ...one, answered: true }));
    const all = ['lan0, answer wg0', 'lan0, answer wg0', 'lan0, answer wg0'];
    const results = await sendPackets(namespace, [
      { ruleset: established, packets: answered },
      { ruleset: established, packets: answered },
    ]);
    assert.deepEqual(results.map(endsOf), [all, all]);
  });

  test('come back translated', async () => {
    const [result] = await sendPackets(namespace, [
      { ruleset: ruleset('type nat hook postrouting priority srcnat\nmasquerade'), packets: [{ ...packet, answered: true }] },
    ]);
    assert.deepEqual(endsOf(result), ['lan0, answer wg0']);
    assert.ok(result && 'ends' in result && result.ends[0]?.bytes.includes('c0a80101c0a8010a'), 'from 192.168.1.1 to 192.168.1.10');
  });

  test('say what nft did not load', async () => {
    const [result] = await sendPackets(namespace, [{ ruleset: 'table\n', packets: [packet] }]);
    assert.match(result && 'load' in result ? result.load : '', /syntax error/);
  });

  test('200 random rulesets, 200 random packets each: the walker says nothing else', { timeout: 180_000 }, async (t) => {
    const seed = Date.now() % 1_000_000_000;
    t.diagnostic(`npm run kernel -- nftables --seed ${seed} --rulesets 200`);
    const report = await compareRandom(seed, 200, 200);
    for (const line of linesOf(report)) t.diagnostic(line);
    assert.ok(passes(report), `seed ${seed}\n${linesOf(report).join('\n')}`);
  });
});
