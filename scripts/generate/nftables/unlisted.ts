// Words that the parser knows by hand and that no table of the vocabulary lists yet, by where they stand. A word that gets a row there goes
// from here; the test test/grammar/vocabulary.test.ts says which.

/** Behind a rule's chain in a command, or instead of a name. */
export const places = ['handle', 'position', 'index'];

export const ctObjects = ['helper', 'timeout', 'expectation'];

/** In a chain's line of type, hook and priority, and in flowtables. */
export const baseChainWords = ['hook', 'device', 'priority'];

export const chainFlags = ['offload'];

/** Of limit, quota, counter, last and ct count. */
export const amountWords = ['rate', 'over', 'until', 'burst', 'packets', 'used', 'name', 'never'];

export const queueWords = ['num', 'bypass', 'fanout'];

/** Of snat, dnat, tproxy, redirect, dup and fwd. */
export const translationWords = ['to', 'addr', 'port', 'interval'];

export const synproxyWords = ['mss', 'wscale', 'timestamp', 'sack-perm'];

export const elementWords = ['expires'];

/** Behind `log flags`. */
export const logFlags = ['tcp', 'ip', 'sequence', 'options', 'skuid', 'ether', 'all'];

/** Of `numgen`, `jhash` and `symhash`. */
export const hashWords = ['mod', 'seed', 'offset'];

/** Of `osf` and `ipsec`. */
export const selectorWords = ['ttl', 'spnum'];

export const osfTtl = ['loose', 'skip'];

export const ipsecFields = ['reqid', 'spi', 'saddr', 'daddr'];

export const ipOptions = ['lsrr', 'rr', 'ssrr', 'ra'];
export const ipOptionFields = ['type', 'length', 'value', 'ptr', 'addr'];
export const tcpOptionFields = ['kind', 'length', 'size', 'count', 'left', 'right', 'tsval', 'tsecr', 'subtype'];

export const rawBases = ['ll', 'nh', 'th', 'ih'];

/** Behind the colon of a map's type, where they are no datatype. */
export const mapData = ['counter', 'quota', 'limit', 'synproxy', 'secmark'];

export const wordOperators = ['and', 'or', 'xor', 'not', 'lshift', 'rshift'];

/** Settings of conntrack helpers, timeouts and expectations. */
export const ctObjectSettings = ['protocol', 'l3proto'];

/** Settings of expectations and tunnels that elsewhere are fields: each at the beginning of a statement. */
export const objectSettings = ['dport', 'sport', 'id', 'tos', 'vxlan', 'erspan', 'geneve'];
