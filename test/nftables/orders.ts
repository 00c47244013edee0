// Rulesets that name things above, in or below the command that makes them, and behind what takes them away. `«…»` marks what nft refuses; in one
// without a mark it refuses nothing. test/kernel/order.test.ts asks nft itself.

const chain = (...rules: readonly string[]): string => ` chain c {\n${rules.map((rule) => `  ${rule}\n`).join('')} }\n`;
const set = (name: string, type = 'ipv4_addr'): string => ` set ${name} {\n  type ${type}\n }\n`;
const table = (...parts: readonly string[]): string => `table ip t {\n${parts.join('')}}\n`;

export const orders: readonly (readonly [what: string, marked: string])[] = [
  ['a set further down in the block', table(chain('ip saddr @s accept'), set('s'))],
  ['a set in a block below', table(chain('ip saddr @«s» accept')) + table(set('s'))],
  ['a set in a block above', table(set('s')) + table(chain('ip saddr @s accept'))],
  ['a chain in a block below', table(chain('jump «d»')) + table(' chain d {\n }\n')],
  ['a chain that a command below makes', `${table(chain('jump «d»'))}add chain t d\n`],
  ['a chain of a verdict map in a block below', table(chain('tcp dport vmap { 22 : jump «d» }')) + table(' chain d {\n }\n')],
  [
    'a chain of a map’s elements in a block below',
    `${table(' map m {\n  type inet_service : verdict\n  elements = { 22 : jump «d» }\n }\n')}${table(' chain d {\n }\n')}`,
  ],
  ['an object further down in the block', table(chain('counter name x'), ' counter x {\n }\n')],
  ['an object in a block below', table(chain('counter name «x»')) + table(' counter x {\n }\n')],
  ['a verdict map in a block below', table(chain('tcp dport vmap @«m»')) + table(' map m {\n  type inet_service : verdict\n }\n')],
  [
    'a flowtable in a block below',
    table(chain('flow add @«f»')) + table(' flowtable f {\n  hook ingress priority 0\n  devices = { lo }\n }\n'),
  ],
  ['a helper in a block below', table(chain('ct helper set «"h"»')) + table(' ct helper h {\n  type "ftp" protocol tcp\n }\n')],
  ['a set that a command below makes', 'add table t\nadd chain t c\nadd rule t c ip saddr @«s» accept\nadd set t s { type ipv4_addr; }\n'],
  ['the chain of a rule', 'add table t\nadd rule t «c» accept\nadd chain t c\n'],
  ['the set of elements', 'add table t\nadd element t «s» { 1.2.3.4 }\nadd set t s { type ipv4_addr; }\n'],
  ['the table of a set', 'add set «t» s { type ipv4_addr; }\nadd table t\n'],
  ['the table of a chain, in a block below', 'add chain «t» c\ntable t {\n}\n'],
  ['a table that was taken away', 'add table t\nadd set t s { type ipv4_addr; }\ndelete table t\nadd element «t» s { 1.2.3.4 }\n'],
  ['a table that was taken away twice', 'table t\ndelete table t\ndelete table «t»\n'],
  ['a set that was taken away', `${table(set('s'))}delete set t s\n${table(chain('ip saddr @«s» accept'))}`],
  ['a chain that was taken away', 'add table t\nadd chain t c\nadd chain t d\ndelete chain t d\nadd rule t c jump «d»\n'],
  ['the chain of a rule that was taken away', 'add table t\nadd chain t c\ndelete chain t c\nadd rule t «c» accept\n'],
  ['a chain that was made again', `${table(chain('accept'))}delete chain t c\n${table(chain('drop'))}add rule t c accept\n`],
  ['a ruleset that was flushed', `${table(chain())}flush ruleset\nadd rule «t» c accept\n`],
  ['another family’s that was flushed', `${table(chain())}flush ruleset ip6\nadd rule t c accept\n`],
  ['a table that is there neither before nor behind', 'flush ruleset\nadd chain «t» c\n'],
  [
    'a table made empty, taken away and made',
    `table ip t\ndelete table ip t\n${table(set('s'), chain('ip saddr @s jump d'), ' chain d {\n }\n')}`,
  ],
  [
    'a set that held something else before',
    `${table(set('s', 'inet_service'), chain('tcp dport @s accept'))}delete table t\n${table(set('s'), chain('ip saddr @s accept'))}`,
  ],
  [
    'a set that holds something else now',
    `${table(set('s', 'inet_service'))}delete table t\n${table(set('s'), chain('tcp dport «@s» accept'))}`,
  ],
  ['a variable that is defined below', 'define a = «$b»\ndefine b = 1\n'],
  ['a variable in its own definition', 'define a = «$a»\n'],
];
