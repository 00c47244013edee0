// Random WireGuard configs, valid and nearly valid, for wg and us to judge. Endpoints are numeric: a name would be the resolver's to judge.
import type { Random } from '../../../scripts/bench/random.ts';
import { keyPair, presharedKey } from '../../support/keys.ts';

export interface ConfigMaker {
  /** A config; the keys are new in each run, all else follows from the seed. */
  config(): string;
}

const ZERO = `${'A'.repeat(43)}=`;

export function configMaker(random: Random): ConfigMaker {
  const own = Array.from({ length: 4 }, keyPair);
  const others = Array.from({ length: 8 }, keyPair);
  const shared = Array.from({ length: 4 }, presharedKey);
  const one = (times: number): boolean => random.int(times) === 0;

  /** Mostly `sound`; now and then one of what wg may refuse. */
  function value(sound: readonly string[], odd: readonly string[]): string {
    return random.pick(one(25) ? odd : sound);
  }

  function v4(): string {
    return `10.${random.int(3)}.${random.int(3)}.${random.int(8)}`;
  }

  function v6(): string {
    return random.pick([
      `fd00::${random.int(16).toString(16)}`,
      `fd00:0:0:${random.int(3)}::${random.int(4)}`,
      '::1',
      '2001:DB8::a',
      'fd00::10.1.2.3',
    ]);
  }

  function entry(): string {
    const bits = (most: number): string =>
      one(3) ? '' : `/${random.pick([most, most, most, random.int(most + 1), Math.floor(most / 2)])}`;
    const sound = [`${v4()}${bits(32)}`, `${v4()}${bits(32)}`, `${v6()}${bits(128)}`, '0.0.0.0/0', '::/0', `${v4()}/024`, `${v4()} / 32`];
    const odd = [
      '',
      '010.0.0.1/32',
      '10.0.0/24',
      '10.0.0.1/33',
      'fd00::/129',
      '10.0.0.1/',
      '10.0.0.1/-1',
      '+10.0.0.9/32',
      '10.0.0.0/255.255.255.0',
      '10.0.0.1;',
      'fe80::1%lo',
      '[fd00::1]/128',
      '10.0.0.256',
      ':::',
      '1:2:3:4:5:6:7:8:9',
      '10.0.0.1/ 3 2',
      '0/0',
      '10.0.0.1/0x18',
      '::1/00128',
      '10.0.0.00',
    ];
    return value(sound, odd);
  }

  function endpoint(): string {
    const sound = [
      `192.0.2.${random.int(255)}`,
      `192.0.2.${random.int(255)}`,
      '[2001:db8::1]',
      '2001:db8::2',
      '[192.0.2.9]',
      '010.0.0.1',
      '10.1',
      '0x7f.2',
      '3232235777',
      '1.2.3',
    ];
    const odd = ['', '[2001:db8::1', '2001:db8::1]', '[]', '10.0.0.1/32', '<server>', '[1::2::3]', '[2001:db8::]x'];
    return `${value(sound, odd)}${one(40) ? '' : random.pick([':', ':', ':', ' : '])}${port()}`;
  }

  function port(): string {
    const sound = [String(1024 + random.int(60000)), '051820', '+51820', '518 20', '0'];
    const odd = [
      '65536',
      '70000',
      '99999999999',
      '4294967295',
      '4294967297',
      '18446744073709551616',
      '-1',
      '-4294967295',
      '0x10',
      '',
      '51820/udp',
      '51820;',
      '1.5',
      '++1',
      '-0',
      '*',
    ];
    return value(sound, odd);
  }

  function key(sound: readonly string[]): string {
    const text = random.pick(sound);
    if (!one(30)) return one(20) ? `${text.slice(0, 9)} ${text.slice(9)}` : text;
    return random.pick([
      text.slice(1),
      `A${text}`,
      text.replace('=', ''),
      `${text}=`,
      `${text.slice(0, 42)}B=`,
      text.replace(/[A-Z]/, '-'),
      '',
      '/etc/wireguard/key',
      `"${text}"`,
      ZERO,
      `${text.slice(0, 43)}A`,
    ]);
  }

  const spelling = (name: string): string =>
    one(12)
      ? random.pick([name.toLowerCase(), name.toUpperCase(), `${name.slice(0, 3)} ${name.slice(3)}`, `${name}\t`])
      : one(120)
        ? random.pick([name.slice(1), `${name}s`, `#${name}`, `${name}:`])
        : name;

  const line = (name: string, text: string): string =>
    `${one(10) ? '  ' : ''}${spelling(name)}${random.pick([' = ', '=', ' =', '= '])}${text}${one(10) ? ' # a comment' : ''}${one(20) ? ' ' : ''}${one(30) ? '\r' : ''}`;

  function interfaceLines(): string[] {
    const made: string[] = [];
    if (!one(6)) made.push(line('PrivateKey', key(one(15) ? [ZERO, presharedKey()] : own.map(({ privateKey }) => privateKey))));
    if (one(2)) made.push(line('ListenPort', port()));
    if (one(3))
      made.push(
        line(
          'FwMark',
          value(
            ['off', 'OFF', '0xca6c', '51820', '0', '010', '4294967295', '0x0'],
            ['0XCA6C', 'ca6c', '4294967296', '-1', '0x', '0x1g', '0xfffffffff'],
          ),
        ),
      );
    if (one(3)) made.push(line('Address', value([`${v4()}/24`, `${v4()}/24, ${v6()}/64`, `${v4()} ${v6()}`], ['nonsense', ''])));
    if (one(8)) made.push(line('DNS', '10.0.0.1, corp.example'));
    if (one(8)) made.push(line('MTU', value(['1420'], ['x', ''])));
    if (one(8)) made.push(line('Table', random.pick(['auto', 'off', '51820'])));
    if (one(6)) made.push(line('PostUp', random.pick(['true', 'echo "a # b"', 'iptables -A FORWARD -i %i -j ACCEPT; true', "echo 'open"])));
    if (one(8)) made.push(line('SaveConfig', value(['true', 'FALSE'], ['yes', '1', ''])));
    if (one(60))
      made.push(random.pick(['PostUp', 'ListenPort', 'SaveConfig', 'Table # x', '; comment', '// comment', 'AllowedIPs = 10.0.0.1/32']));
    return one(8) ? [...made, ...made.slice(0, 2)] : made;
  }

  function peerLines(): string[] {
    const made: string[] = [];
    if (!one(40))
      made.push(line('PublicKey', key(one(15) ? own.map(({ publicKey }) => publicKey) : others.map(({ publicKey }) => publicKey))));
    if (one(4)) made.push(line('PresharedKey', key(one(10) ? [ZERO] : shared)));
    for (let n = random.int(3); n >= 0; n--)
      made.push(line('AllowedIPs', Array.from({ length: 1 + random.int(3) }, entry).join(random.pick([', ', ',', ' , ']))));
    if (one(2)) made.push(line('Endpoint', endpoint()));
    if (one(3)) made.push(line('PersistentKeepalive', value(['25', 'off', '0', '025', '65535'], ['65536', '-1', '0x19', 'on', '2 5s'])));
    if (one(60)) made.push(random.pick(['Address = 10.0.0.1/24', 'Name = laptop', 'MTU = 1420', 'ListenPort = 1', 'Endpoint']));
    if (one(30)) made.splice(random.int(made.length + 1), 0, random.pick(made.length > 0 ? made : ['# nothing']));
    return one(5) ? random.shuffle(made) : made;
  }

  return {
    config() {
      const blocks = [
        [random.pick(['[Interface]', '[Interface]', '[interface]', ' [Interface] # here', '[Interface] ']), ...interfaceLines()],
      ];
      for (let n = random.int(5); n > 0; n--) {
        blocks.push([one(80) ? random.pick(['[Peers]', '[Peer', '[ Peer ]', '[PEER]']) : '[Peer]', ...peerLines()]);
      }
      if (one(15)) blocks.push(['[Interface]', ...interfaceLines()]);
      if (one(20)) blocks.reverse();
      if (one(60)) blocks.unshift([random.pick(['ListenPort = 1', '# a file', '[ Interface ]', '\ufeff'])]);
      const lines = blocks.flatMap((block) => [...block, ...(one(2) ? [''] : [])]);
      return `${lines.join('\n')}${one(10) ? '' : '\n'}`;
    },
  };
}
