// A hook that loads keys before the device is there, or before setconf wipes them.
import { wgBehaviour } from '../../wireguard/version.ts';
import type { InterfaceRule } from '../rule.ts';

export const keyLoadedTooEarly: InterfaceRule = {
  id: 'wireguard/key-loaded-too-early',
  severity: 'error',
  scope: 'interface',
  docs: {
    summary: 'A PreUp hook loads a key that is gone, or cannot be set, when the interface is up.',
    why: 'Until 1.0.20210914 PreUp ran before the device was made: `wg set` fails there, and the interface does not come up. In 1.0.20250521 the device is there, but `wg setconf` runs after the hook and wipes the private key and all peers. Since 1.0.20260223 wg-quick uses `wg addconf`, and what PreUp loaded stays. PostUp works with all of them. Told where `meshwarden.wireguard.version` (`--wg-version`) names an older version.',
    examples: [
      {
        bad: '[Interface]\nPreUp = wg set %i private-key /etc/wireguard/%i.key\nAddress = 10.10.0.1/24\n',
        good: '[Interface]\nPostUp = wg set %i private-key /etc/wireguard/%i.key\nAddress = 10.10.0.1/24\n',
        wgVersion: '1.0.20210914',
      },
    ],
  },

  check({ uri, own, facts }, _model, report) {
    const { preUp } = wgBehaviour(facts.version);
    if (preUp === 'kept') return;
    for (const { value, at } of own.hooks) {
      if (value.event !== 'PreUp' || !value.commands.some(({ does }) => does === 'wg-set')) continue;
      report({
        uri,
        at,
        message:
          preUp === 'no-device'
            ? `wg-quick ${facts.version} runs PreUp before the device is there: “wg set” fails, and the interface does not come up. Write PostUp.`
            : `wg-quick ${facts.version} runs “wg setconf” after PreUp, which wipes what this loaded. Write PostUp.`,
        ...(preUp === 'no-device' ? { failsAt: 'hook' as const } : {}),
      });
    }
  },

  fix(finding, context) {
    const text = context.text(finding.uri);
    const start = finding.span.start;
    if (!/^preup$/i.test(text.slice(start, start + 5))) return [];
    return [
      {
        title: 'Change PreUp to PostUp',
        safety: 'safe',
        preferred: true,
        edits: [{ uri: finding.uri, span: { start, end: start + 5 }, text: 'PostUp' }],
      },
    ];
  },
};
