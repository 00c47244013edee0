// meshwarden trace: packets as JSON lines through a ruleset, in order; what decided, what is not known, and what is no packet.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { meshwarden } from '../support/command-line.ts';

const ruleset = `flush ruleset
include "./more.nft"
table inet f {
  chain pre {
    type nat hook prerouting priority dstnat;
    iifname "eth0" tcp dport 8080 dnat ip to 10.0.0.9:80
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state vmap { established : accept, invalid : drop }
    iifname "wg0" oifname "wg1" tcp dport { 22, 443 } jump checked
    tcp flags & (syn | ack) == ack accept
    icmp type timestamp-request accept
    udp dport 53 limit rate 5/second accept
    udp dport 123 queue
    oifname "lan0" ip daddr 10.0.0.9 accept
    ip ttl 63 udp dport 9 accept
  }
  chain checked {
    meta mark 7 drop
    ip saddr 10.0.0.2 accept
  }
  chain out {
    type filter hook output priority filter; policy drop;
    oifname "wg0" ip6 daddr fd00::/64 accept
  }
}
`;
const included = 'table ip in {\n  chain input {\n    type filter hook input priority 0; policy drop;\n    tcp dport 22 accept\n  }\n}\n';

const packet = {
  hook: 'forward',
  iif: 'wg0',
  oif: 'wg1',
  src: '10.0.0.2',
  dst: '10.1.0.2',
  proto: 'tcp',
  sport: 40000,
  dport: 443,
  ct: 'new',
};

describe('trace', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'meshwarden-trace-'));
    mkdirSync(path.join(folder, 'rules'));
    writeFileSync(path.join(folder, 'rules/main.nft'), ruleset);
    writeFileSync(path.join(folder, 'rules/more.nft'), included);
  });
  after(() => rm(folder, { recursive: true }));

  const traced = async (...lines: readonly (string | object)[]): Promise<readonly Record<string, unknown>[]> => {
    const input = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
    const { status, out, err } = await meshwarden(['trace', 'rules/main.nft', '--batch', '-'], folder, input);
    assert.deepEqual([status, err], [0, '']);
    return out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  };

  test('the JSON has exactly the promised shape: a line for a line, in order', async () => {
    const main = (...lines: readonly number[]) => lines.map((line) => ({ path: 'rules/main.nft', line }));
    assert.deepEqual(await traced(packet, { ...packet, src: '10.0.0.3' }, { ...packet, proto: 'udp', dport: 53 }), [
      { verdict: 'accept', rules: main(5, 11, 21) },
      { verdict: 'drop', rules: main(5, 11, 9) },
      { verdict: 'unknown', rules: main(5, 14, 9), why: 'what the files do not tell counts at rules/main.nft:14' },
    ]);
  });

  test('every field counts', async () => {
    const udp = { ...packet, proto: 'udp', dport: 9 };
    const icmp = { ...packet, proto: 'icmp', sport: 0, dport: 0 };
    const cases: readonly (readonly [object, string])[] = [
      [{ ...packet, ct: 'established', dport: 1 }, 'accept'],
      [{ ...packet, ct: 'invalid' }, 'drop'],
      [{ ...packet, iif: 'wg1' }, 'drop'],
      [{ ...packet, dport: 80 }, 'drop'],
      [{ ...packet, dport: 80, ct: undefined, tcpFlags: ['ack'] }, 'accept'],
      [{ ...packet, dport: 80, tcpFlags: ['syn', 'ack'] }, 'drop'],
      [{ ...icmp, icmpType: 13 }, 'accept'],
      [icmp, 'drop'],
      [{ ...udp, proto: 17 }, 'accept'],
      [{ ...udp, dport: 123 }, 'other'],
      // a translation leaves the way as the packet says it
      [{ ...packet, iif: 'eth0', oif: 'lan0', dport: 8080 }, 'accept'],
      [{ ...packet, hook: 'input', oif: null, dport: 22 }, 'accept'],
      [{ ...packet, hook: 'input', oif: '' }, 'drop'],
      [{ ...packet, hook: 'output', iif: '', oif: 'wg0', src: 'fd00::1', dst: 'fd00::2' }, 'accept'],
      [{ ...packet, hook: 'output', iif: '', oif: 'wg1', src: 'fd00::1', dst: 'fd00::2' }, 'drop'],
    ];
    const answers = await traced(...cases.map(([one]) => one));
    assert.deepEqual(
      answers.map(({ verdict }) => verdict),
      cases.map(([, verdict]) => verdict),
    );
  });

  test('what is included has its own path', async () => {
    const [answer] = await traced({ ...packet, hook: 'input', dport: 22 });
    assert.deepEqual(answer, {
      verdict: 'accept',
      rules: [
        { path: 'rules/main.nft', line: 5 },
        { path: 'rules/more.nft', line: 4 },
      ],
    });
  });

  test('what is no packet has a line that says so, and the others go on', async () => {
    const wrong: readonly (readonly [string | object, RegExp])[] = [
      ['{', /no JSON/],
      ['[]', /no packet/],
      [{ ...packet, hook: 'prerouting' }, /“hook” is forward, input or output/],
      [{ ...packet, src: '10.0.0.2/24' }, /“src” is an/],
      [{ ...packet, dst: undefined }, /“dst” is an/],
      [{ ...packet, dst: 'fd00::1' }, /two versions of IP/],
      [{ ...packet, proto: 'http' }, /“proto” is a name/],
      [{ ...packet, proto: 300 }, /“proto” is a name/],
      [{ ...packet, iif: 7 }, /“iif” is an interface/],
      [{ ...packet, oif: 'wg0123456789abcdef' }, /“oif” is an interface/],
      [{ ...packet, sport: -1 }, /“sport” is a port/],
      [{ ...packet, dport: '443' }, /“dport” is a port/],
      [{ ...packet, ct: 'old' }, /“ct” is one of invalid, established, related, new, untracked/],
      [{ ...packet, tcpFlags: ['sin'] }, /“tcpFlags” is a list/],
      [{ ...packet, tcpFlags: 'syn' }, /“tcpFlags” is a list/],
      [{ ...packet, icmpType: 256 }, /“icmpType” is a number/],
    ];
    const answers = await traced(...wrong.map(([line]) => line), '', packet);
    assert.equal(answers.length, wrong.length + 1);
    for (const [i, [, message]] of wrong.entries()) {
      assert.deepEqual(Object.keys(answers[i] ?? {}), ['error']);
      assert.match(String(answers[i]?.['error']), message);
    }
    assert.equal(answers.at(-1)?.['verdict'], 'accept');
  });

  test('what is no ruleset ends with 2', async () => {
    for (const [args, message] of [
      [['rules/main.nft'], /trace RULESET --batch -/],
      [['rules/main.nft', '--batch', 'x'], /trace RULESET --batch -/],
      [['rules', '--batch', '-'], /rules is a folder/],
      [['nothing.nft', '--batch', '-'], /there is no such file/],
      [['rules/main.nft', '--batch', '-', '--format', 'pretty'], /JSON lines/],
    ] as const) {
      const { status, out, err } = await meshwarden(['trace', ...args], folder);
      assert.deepEqual([status, out], [2, ''], args.join(' '));
      assert.match(err, message);
    }
    writeFileSync(path.join(folder, 'wg0.conf'), '[Interface]\n');
    const { status, err } = await meshwarden(['trace', 'wg0.conf', '--batch', '-'], folder);
    assert.equal(status, 2);
    assert.match(err, /wg0\.conf is no nftables ruleset/);
  });
});
