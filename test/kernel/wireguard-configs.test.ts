// 2,000 random configs through wg-quick, wg and a device: our verdict is theirs, and our facts are what the device then holds.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { seeded } from '../../scripts/bench/random.ts';
import { analyse, shownFindings } from '../../server/src/analysis/analysis.ts';
import { parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { addressText, masked, parseAddress, parsePrefix, prefixText } from '../../server/src/net/address.ts';
import { secretAt } from '../../server/src/net/key.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import type { WireguardFacts } from '../../server/src/wireguard/facts.ts';
import { loadedInterface } from '../../server/src/wireguard/loaded.ts';
import { isWgVersion, newestWgVersion, type WgVersion } from '../../server/src/wireguard/version.ts';
import { skipReason } from './support/availability.ts';
import { environment } from './support/command.ts';
import { openNamespace } from './support/namespace.ts';
import { configMaker } from './support/random-config.ts';
import { judgeWgMany, startWgDevice } from './support/wg.ts';
import type { WgState } from './support/wg-dump.ts';

const skip = skipReason('wg');
const uri = 'file:///etc/wireguard/wg0.conf';

/** Which of the versions that we know is installed; a newer one reads as the newest. */
function installedVersion(): WgVersion {
  const said = spawnSync('wg', ['--version'], { env: environment, encoding: 'utf8' }).stdout;
  const version = /v([0-9.]+)/.exec(said)?.[1];
  return isWgVersion(version) ? version : newestWgVersion;
}

interface Ours {
  readonly refused: string | null;
  readonly facts: WireguardFacts;
}

function judged(text: string, wgVersion: WgVersion): Ours {
  const file = parsedFile(sourceFile(uri, 1, 'wireguard', text), undefined, null, { wgVersion });
  const refusal = shownFindings(analyse(new Map([[uri, file]])), uri).find(({ refusedBy }) => refusedBy !== null);
  return { refused: refusal ? `${refusal.rule}: ${refusal.message}` : null, facts: file.facts as WireguardFacts };
}

/** What the facts say the device holds, in the dump's terms. */
function expectedState(facts: WireguardFacts): object {
  const loaded = loadedInterface(facts);
  return {
    publicKey: loaded.publicKey,
    privateKey: loaded.publicKey ? 'present' : 'absent',
    listenPort: loaded.listenPort === 0 ? 'any' : loaded.listenPort,
    fwmark: loaded.fwmark === 0 ? null : loaded.fwmark,
    peers: loaded.peers
      .map(({ publicKey, presharedKey, endpoint, allowedIps, keepalive }) => ({
        publicKey,
        presharedKey: presharedKey ? 'present' : 'absent',
        endpoint: endpoint?.address ? `${addressText(endpoint.address)} ${endpoint.port}` : null,
        allowedIps: allowedIps.map(prefixText).sort(),
        persistentKeepalive: keepalive === 0 ? null : keepalive,
      }))
      .sort((a, b) => (a.publicKey < b.publicKey ? -1 : 1)),
  };
}

/** The dump with addresses as we write them; the port `any` where the config leaves it open. */
function heldState(state: WgState, anyPort: boolean): object {
  return {
    ...state,
    listenPort: anyPort ? 'any' : state.listenPort,
    peers: state.peers.map((peer) => {
      const match = peer.endpoint === null ? null : /^\[?(.*?)\]?:([0-9]+)$/.exec(peer.endpoint);
      const address = match?.[1] ? parseAddress(match[1]) : null;
      return {
        ...peer,
        endpoint: match && address ? `${addressText(address)} ${match[2]}` : peer.endpoint,
        allowedIps: peer.allowedIps
          .map((text) => {
            const prefix = parsePrefix(text);
            return prefix ? prefixText(masked(prefix)) : text;
          })
          .sort(),
      };
    }),
  };
}

/** A config without its secrets, for the message of a failing test. */
function shownConfig(text: string): string {
  return text.replace(/[A-Za-z0-9+/]{20,}/g, (key) => `${key.slice(0, 4)}…`);
}

describe('2,000 random configs', { skip }, () => {
  test('are taken and refused as wg does, and hold what the device then holds', async () => {
    const version = installedVersion();
    const maker = configMaker(seeded(20260223));
    const texts = Array.from({ length: 2000 }, () => maker.config());
    const namespace = await openNamespace();
    try {
      const device = await startWgDevice(namespace);
      const verdicts = await judgeWgMany(
        device,
        texts.map((text) => ({ text })),
      );
      const wrong: string[] = [];
      let taken = 0;
      texts.forEach((text, i) => {
        const verdict = verdicts[i];
        const { refused, facts } = judged(text, version);
        assert.ok(verdict);
        // a port that another program of the namespace has is no fault of the text
        if (verdict.message.includes('Address already in use')) return;
        if (verdict.accepted !== (refused === null)) {
          wrong.push(
            `${i}: wg ${verdict.accepted ? 'takes it' : `says ${verdict.message}`}, we ${refused ?? 'take it'}\n${shownConfig(text)}`,
          );
          return;
        }
        if (!verdict.state) return;
        taken++;
        const expected = expectedState(facts);
        const held = heldState(verdict.state, (expected as { listenPort: unknown }).listenPort === 'any');
        try {
          assert.deepEqual(expected, held);
        } catch (error) {
          wrong.push(`${i}: ${shownConfig(error instanceof Error ? error.message : '')}\n${shownConfig(text)}`);
        }
      });
      assert.equal(wrong.length, 0, `${wrong.length} disagreements with wg ${version}\n${wrong.slice(0, 5).join('\n\n')}`);
      assert.ok(taken > 600 && taken < 1700, `${taken} of 2000 were taken: the configs prove little`);
    } finally {
      await namespace.close();
    }
  });
});

describe('random keys', { skip }, () => {
  test('are sound, and derive, as wg pubkey says', () => {
    const random = seeded(7);
    const keys = Array.from({ length: 200 }, () => {
      const text = randomBytes(32).toString('base64');
      switch (random.int(6)) {
        case 0:
          return random.pick([
            text.slice(1),
            `${text.slice(0, 43)}A`,
            `${text.slice(0, 42)}B=`,
            `${text.slice(0, 20)}-${text.slice(21)}`,
            `${text.slice(0, 20)}=${text.slice(21)}`,
          ]);
        default:
          return text;
      }
    });
    const script = 'while read -r key; do printf "%s\\n" "$key" | wg pubkey 2>/dev/null || echo refused; done';
    const { stdout } = spawnSync('bash', ['-c', script], { input: `${keys.join('\n')}\n`, env: environment, encoding: 'utf8' });
    const said = stdout.trimEnd().split('\n');
    assert.equal(said.length, keys.length);
    let sound = 0;
    keys.forEach((key, i) => {
      const secret = secretAt(key, 0, key.length, { start: 0, end: key.length }, true);
      // read(2) of 44 characters and the rest must be white space: a longer key is refused as well (pubkey.c)
      assert.equal(secret.publicKey ?? 'refused', said[i], `key ${i}`);
      if (!secret.fault) sound++;
    });
    assert.ok(sound > 120 && sound < 195);
  });
});
