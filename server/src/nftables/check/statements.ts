// What the statements of a rule need: ports behind a protocol, options that agree, objects that are there (evaluate.c, stmt_evaluate_*).
import { listed, nearest, quoted } from '../../text/words.ts';
import type { Expression, RuleStatement } from '../tree.ts';
import { datatypeByName } from '../vocabulary/datatypes.ts';
import { type Checker, say, textBetween, textOf, wordsOf } from './checker.ts';
import { type Kind, kindOf, typeNamed } from './kinds.ts';
import { checkAssignment, checkGiven, checkMap, checkMatch, checkSource, checkVerdictTarget, checkVmap } from './matches.ts';
import { checkPlace } from './places.ts';
import { hasPorts, type Layers } from './protocols.ts';
import { checkObject, setAt } from './references.ts';
import { checkSame } from './values.ts';

type Nat = Extract<RuleStatement, { kind: 'nat' }>;
type Action = Extract<RuleStatement, { kind: 'action' }>;

/** Checks one statement of a rule; `checkRules` looks at the rules of a chain without a name. */
export function checkStatement(
  k: Checker,
  layers: Layers,
  statement: RuleStatement,
  checkRules: (k: Checker, rules: readonly (readonly RuleStatement[])[]) => void,
): void {
  switch (statement.kind) {
    case 'match':
      checkMatch(k, layers, statement);
      checkSources(k, statement.left);
      return;
    case 'vmap':
      checkVmap(k, layers, statement.left, statement.right);
      checkSources(k, statement.left);
      return;
    case 'assignment':
      checkAssignment(k, layers, statement);
      checkSources(k, statement.left);
      if (/^(meta\s+)?pkttype\b/.test(textOf(k, statement.left))) checkPlace(k, 'meta pkttype set', statement.left);
      return;
    case 'nat':
      checkNat(k, layers, statement);
      return;
    case 'action':
      checkAction(k, layers, statement);
      return;
    case 'verdict':
      checkVerdictTarget(k, statement);
      if (statement.block) checkRules(k, statement.block);
  }
}

/** Whether the sources that an expression looks at are there at the chain’s hook. */
function checkSources(k: Checker, expression: Expression): void {
  if (k.problem !== null) return;
  switch (expression.kind) {
    case 'selector': {
      const { selector, field } = expression;
      if (selector.name === 'rt' ? field?.name === 'mtu' : selector.name === 'socket' || selector.name === 'ct')
        checkPlace(k, selector.name, expression);
      return;
    }
    case 'binary':
    case 'map':
      checkSources(k, expression.kind === 'map' ? expression.key : expression.left);
      return;
    case 'concatenation':
      for (const part of expression.parts) checkSources(k, part);
  }
}

const port: Kind = [typeNamed('inet_service')];

function checkNat(k: Checker, layers: Layers, statement: Nat): void {
  const { name, address, port: given } = statement;
  const map = [address, given].find((one) => one?.kind === 'map');
  if (map?.kind === 'map') checkSource(k, layers, map.key);
  const head = wordsOf(textBetween(k, statement.start, address?.start ?? given?.start ?? statement.end));
  const written = head[1] === 'ip' || head[1] === 'ip6' ? head[1] : null;
  const family =
    written ??
    (k.family === 'ip' || k.family === 'ip6' ? k.family : layers.network === 'ip' || layers.network === 'ip6' ? layers.network : null);
  const { transport } = layers;
  if (name === 'tproxy' && !(transport && transport.length === 1 && /^(tcp|udp)$/.test(transport[0] ?? ''))) {
    if (!(transport?.every((one) => /^(tcp|udp)$/.test(one)) ?? false)) {
      say(
        k,
        'protocol-conflict',
        statement,
        'tproxy hands over TCP and UDP alone, and the rule does not ask for one of them; begin it with “meta l4proto tcp”',
      );
      return;
    }
  }
  if (address) {
    if (!family && (name !== 'tproxy' || address.kind === 'literal')) {
      say(
        k,
        'type-mismatch',
        statement,
        `in a table of family ${k.family} nft cannot tell which addresses are meant; write “${name} ip to …” or “${name} ip6 to …”`,
      );
      return;
    }
    const type = typeNamed(family === 'ip6' ? 'ipv6_addr' : 'ipv4_addr');
    if (address.kind === 'map') {
      const ports = checkNatMap(k, address.key, address.map, family ? type : null, head.includes('addr'));
      if (ports && k.problem === null) needPorts(k, layers, address);
    } else checkGiven(k, layers, address, [family ? type : null]);
  }
  if (given && k.problem === null) {
    needPorts(k, layers, given);
    if (given.kind === 'map') checkMap(k, given.key, given.map, port);
    else checkGiven(k, layers, given, port);
  }
  if (k.problem === null) checkPlace(k, name, { start: statement.start, end: statement.start + name.length });
}

function needPorts(k: Checker, layers: Layers, span: Expression): void {
  if (!hasPorts(layers))
    say(
      k,
      'protocol-conflict',
      span,
      'only a protocol that has ports can be sent to one, and the rule does not ask for one; begin it with “tcp dport …” or “meta l4proto tcp”',
    );
}

/** A map that gives an address, or an address and a port; whether it gives ports. */
function checkNatMap(k: Checker, key: Expression, map: Expression, type: Kind[number], both: boolean): boolean {
  const pair = (parts: number): Kind => (parts > 1 ? [type, ...port] : [type]);
  if (map.kind === 'set') {
    const parts = map.elements[0]?.data?.kind === 'concatenation' ? 2 : 1;
    checkMap(k, key, map, map.elements[0]?.data?.kind === 'variable' ? null : pair(parts));
    return parts > 1;
  }
  checkMap(k, key, map, null);
  if (map.kind !== 'reference' || k.problem !== null) return both;
  const set = setAt(k, map);
  if (!set?.data) {
    if (set?.dataWord === 'verdict') say(k, 'wrong-kind', map, 'this map gives verdicts, and an address belongs here');
    return both;
  }
  checkSame(k, map, set.data, pair(set.data.length), 'this map gives');
  return set.data.length > 1;
}

function checkAction(k: Checker, layers: Layers, statement: Action): void {
  const { name, values } = statement;
  switch (name) {
    case 'counter':
    case 'limit':
    case 'quota':
    case 'synproxy':
    case 'tunnel':
      // an object’s name, or a map that gives one, is the only value that these have
      if (values.length > 0) checkObjectUse(k, layers, name, values[0]);
      else if (name === 'limit') checkLimit(k, statement);
      if (name === 'synproxy') checkPlace(k, name, { start: statement.start, end: statement.start + name.length });
      return;
    case 'ct timeout':
    case 'ct expectation':
      checkObjectUse(k, layers, name, values[0]);
      return;
    case 'log':
      checkLog(k, statement);
      for (const value of values) if (value.kind === 'variable') checkSource(k, layers, value);
      return;
    case 'reject':
      checkReject(k, layers, statement);
      if (k.problem === null) checkPlace(k, name, { start: statement.start, end: statement.start + name.length });
      return;
    case 'queue':
      checkQueue(k, layers, statement);
      return;
    case 'reset':
      if (Number(wordsOf(textOf(k, statement))[3]) > 255) say(k, 'value-out-of-range', statement, 'the kinds of TCP options are 0 to 255');
      return;
    case 'add':
    case 'update':
    case 'delete':
      checkSetStatement(k, layers, values);
      return;
    case 'fwd':
      checkPlace(k, name, { start: statement.start, end: statement.start + name.length });
      return;
    case 'dup':
      if (k.family === 'inet')
        say(
          k,
          'wrong-place',
          statement,
          'dup stands in tables of family ip, ip6 and netdev, and not of family inet; make a table for each',
        );
      return;
    case 'flow':
      if (values[0]?.kind === 'reference') checkObject(k, 'flowtable', { start: values[0].start + 1, end: values[0].end });
  }
}

function checkObjectUse(k: Checker, layers: Layers, kind: string, value: Expression | undefined): void {
  if (value?.kind === 'literal') checkObject(k, kind, value);
  else if (value?.kind === 'map') {
    checkSource(k, layers, value.key);
    checkMap(k, value.key, value.map, null);
  } else if (value?.kind === 'binary') checkSource(k, layers, value);
}

function checkLimit(k: Checker, statement: Action): void {
  const text = textOf(k, statement);
  if (!text.includes('burst')) return;
  const words = wordsOf(text);
  const burst = words.indexOf('burst');
  if (burst > 0 && words[burst + 1] === '0' && words[burst + 2] === 'packets')
    say(k, 'value-out-of-range', statement, 'a burst of packets is at least 1; leave it out for 5');
}

/** What excludes one another in `log` (evaluate.c, stmt_evaluate_log). */
function checkLog(k: Checker, statement: Action): void {
  const words = wordsOf(textOf(k, statement));
  const has = (...names: readonly string[]): string | undefined => names.find((name) => words.includes(name));
  const toGroup = has('group', 'snaplen', 'queue-threshold');
  const audit = words[words.indexOf('level') + 1] === 'audit' && words.includes('level');
  if (words.includes('level') && toGroup) {
    say(k, 'conflicting-options', statement, `“level” is for the kernel’s log and “${toGroup}” for a listener; leave one of them out`);
    return;
  }
  if (words.includes('flags') && toGroup) {
    say(k, 'conflicting-options', statement, `“flags” is for the kernel’s log and “${toGroup}” for a listener; leave one of them out`);
    return;
  }
  const more = has('prefix', 'flags');
  if (audit && more) say(k, 'conflicting-options', statement, `the audit log has a form of its own and takes no “${more}”; leave it out`);
}

const codesOf: Readonly<Record<string, string>> = { icmp: 'icmp_code', icmpv6: 'icmpv6_code', icmpx: 'icmpx_code' };

function checkReject(k: Checker, layers: Layers, statement: Action): void {
  const words = wordsOf(textOf(k, statement));
  const protocol = words[2] ?? '';
  if (layers.network === 'arp' && k.family !== 'arp') {
    say(k, 'protocol-conflict', statement, 'nothing answers an ARP packet that is rejected; use drop');
    return;
  }
  const code = words[words.length - 1] ?? '';
  const type = codesOf[protocol];
  if (type && words.length > 3 && !/^\d+$/.test(code)) {
    const names = datatypeByName.get(type)?.constants.map(({ name }) => name) ?? [];
    if (!names.includes(code.replace(/"/g, ''))) {
      const suggest = nearest(code, names);
      const at = { start: statement.end - code.length, end: statement.end };
      const others = Object.entries(codesOf).filter(([, other]) => datatypeByName.get(other)?.constants.some(({ name }) => name === code));
      const belongs = others.length > 0 ? `; it is a reason of ${listed(others.map(([name]) => name))}` : '';
      say(k, 'invalid-value', at, `${protocol} has no reason ${quoted(code)}${belongs}; it has ${listed(names, 'and', 12)}`, { suggest });
      return;
    }
  }
  const family = protocol === 'icmp' ? 'ip' : protocol === 'icmpv6' ? 'ip6' : null;
  if (family && layers.network !== null && layers.network !== family && layers.network !== 'vlan') {
    say(
      k,
      'protocol-conflict',
      statement,
      `${protocol} answers ${family} packets, and the rule is about ${layers.network}; write “reject with icmpx …” for both`,
    );
    return;
  }
  if (protocol === 'icmpx' && (k.family === 'ip' || k.family === 'ip6')) {
    const own = k.family === 'ip' ? 'icmp' : 'icmpv6';
    say(
      k,
      'wrong-place',
      statement,
      `icmpx stands for the right one of both in inet, bridge and netdev tables; in a table of family ${k.family} write ${own}`,
    );
    return;
  }
  if (protocol === 'tcp' && layers.transport?.some((name) => name !== 'tcp'))
    say(
      k,
      'protocol-conflict',
      statement,
      `only TCP can be answered with a reset, and the rule is about ${listed(layers.transport, 'and')}; write “reject”`,
    );
}

const LAST_QUEUE = 65_535;

function checkQueue(k: Checker, layers: Layers, statement: Action): void {
  const [value] = statement.values;
  if (value?.kind === 'literal' || value?.kind === 'range') {
    const most = Math.max(...textOf(k, value).split('-').map(Number));
    if (most > LAST_QUEUE) say(k, 'value-out-of-range', value, `queues have the numbers 0 to ${LAST_QUEUE}`);
  } else if (value?.kind === 'selector') {
    checkSource(k, layers, value);
    const [type] = kindOf(k, value);
    if ((type?.most ?? 0) > LAST_QUEUE)
      say(k, 'value-out-of-range', value, `queues have the numbers 0 to ${LAST_QUEUE}, and this gives up to ${type?.most}`);
    else if (wordsOf(textOf(k, statement)).some((word) => /\bfanout\b/.test(word)))
      say(
        k,
        'conflicting-options',
        statement,
        '“fanout” spreads packets over a range of queues, and this computes the queue; leave it out',
      );
  } else if (value?.kind === 'map') {
    checkSource(k, layers, value.key);
    checkMap(k, value.key, value.map, null);
  } else if (value?.kind === 'variable') checkSource(k, layers, value);
}

/** `add @s { key : data }`. */
function checkSetStatement(k: Checker, layers: Layers, values: readonly Expression[]): void {
  const [reference, braces] = values;
  if (braces?.kind !== 'set') return;
  const set = reference?.kind === 'reference' ? setAt(k, reference) : null;
  for (const { key, data } of braces.elements) {
    checkKeyOf(k, layers, key, set?.keys ?? null);
    if (data && data.kind !== 'verdict') checkKeyOf(k, layers, data, set?.data ?? null);
  }
}

function checkKeyOf(k: Checker, layers: Layers, given: Expression, wanted: Kind | null): void {
  if (k.problem !== null) return;
  checkSource(k, layers, given);
  if (!wanted || k.problem !== null) return;
  const kind = kindOf(k, given);
  if (kind.length > 1 || kind[0] !== null || given.kind === 'selector') checkSame(k, given, kind, wanted, 'this is');
}
