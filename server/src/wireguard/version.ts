// Which wg and wg-quick are meant. The three tags that distributions ship differ in four places; each is a row here, with the commit or
// line that made it so, and whoever reads lines or judges hooks asks the row.

export const wgVersions = ['1.0.20210914', '1.0.20250521', '1.0.20260223'] as const;
export type WgVersion = (typeof wgVersions)[number];

export const newestWgVersion: WgVersion = '1.0.20260223';

export interface WgBehaviour {
  /** `+` and `-` before an AllowedIPs entry (config.c, parse_ip_prefix); before, such an entry is no address. */
  readonly signs: boolean;
  /** Hooks go to bash as they are (90deacd); before, wg-quick cut them at the first `#`, even in quotation marks. */
  readonly wholeHooks: boolean;
  /**
   * What comes of `wg set %i …` in PreUp: there is no device yet (linux.bash, cmd_up, before “add_if” went first), the keys it loads are
   * wiped by setconf, or they stay, since addconf only adds (0b7d982).
   */
  readonly preUp: 'no-device' | 'wiped' | 'kept';
}

const behaviours: Readonly<Record<WgVersion, WgBehaviour>> = {
  '1.0.20210914': { signs: false, wholeHooks: false, preUp: 'no-device' },
  '1.0.20250521': { signs: true, wholeHooks: false, preUp: 'wiped' },
  '1.0.20260223': { signs: true, wholeHooks: true, preUp: 'kept' },
};

export function wgBehaviour(version: WgVersion): WgBehaviour {
  return behaviours[version];
}

export function isWgVersion(text: unknown): text is WgVersion {
  return (wgVersions as readonly unknown[]).includes(text);
}
