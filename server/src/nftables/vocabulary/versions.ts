// The versions of nft that a ruleset can be written for, and what came with each: by the words of its scanner and the rules of its grammar at each
// release’s tag (scanner.l, parser_bison.y, meta.c; measured with 1.0.6 and 1.1.3).

export const versions = ['1.0.6', '1.0.7', '1.0.8', '1.0.9', '1.1.0', '1.1.1', '1.1.2', '1.1.3', '1.1.4', '1.1.5', '1.1.6'] as const;
export type NftVersion = (typeof versions)[number];

export const newestVersion: NftVersion = '1.1.6';

export function isVersion(text: string): text is NftVersion {
  return (versions as readonly string[]).includes(text);
}

/** Whether `version` is older than `since`. */
export function isOlder(version: NftVersion, since: NftVersion): boolean {
  return versions.indexOf(version) < versions.indexOf(since);
}

/** Selectors, and fields of them, by their words. */
export const sinceOfSelector: Readonly<Record<string, NftVersion>> = {
  vxlan: '1.0.7',
  geneve: '1.0.7',
  gre: '1.0.7',
  gretap: '1.0.7',
  'meta broute': '1.0.8',
  'dccp option': '1.0.8',
  'icmpv6 taddr': '1.0.9',
  'icmpv6 daddr': '1.0.9',
  'fib check': '1.1.4',
  'meta ibrhwaddr': '1.1.6',
  tunnel: '1.1.6',
};

export const sinceOfStatement: Readonly<Record<string, NftVersion>> = { last: '1.0.7', tunnel: '1.1.6' };

/** Commands by their first words. */
export const sinceOfCommand: Readonly<Record<string, NftVersion>> = {
  destroy: '1.0.7',
  'reset rule': '1.0.7',
  'reset rules': '1.0.7',
  'reset element': '1.0.8',
  'reset set': '1.0.8',
  'reset map': '1.0.8',
};

export const sinceOfObject: Readonly<Record<string, NftVersion>> = { tunnel: '1.1.6' };

/** Settings by the block that holds them. */
export const sinceOfSetting: Readonly<Record<string, NftVersion>> = { 'chain devices': '1.0.8', 'map gc-interval': '1.0.9' };

/** Times with units in the policy of a conntrack timeout; without them they are seconds. */
export const sinceOfTimeoutUnits: NftVersion = '1.0.9';

/** Objects behind the colon of a map that tells its keys by an expression. */
export const sinceOfTypeofObject: NftVersion = '1.1.0';

/** The block of a chain that is taken away: the devices that go. */
export const sinceOfRemovedDevices: NftVersion = '1.0.8';

export const sinceOfTableFlag: Readonly<Record<string, NftVersion>> = { persist: '1.1.0' };
