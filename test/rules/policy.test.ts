// Grants and tests of a workspace file beside what a mesh lets through: what is told, and what is not.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keyPair } from '../support/keys.ts';
import { analysed, findingsIn, fixed, fixesIn, pathOf, type TextFiles, told } from '../support/mesh-files.ts';

const keys = { hub: keyPair(), laptop: keyPair(), app: keyPair(), db: keyPair(), phone: keyPair() };
type Name = keyof typeof keys;

function config(own: Name, lines: string, ...peers: readonly (readonly [Name, string])[]): string {
  const entries = peers.map(([of, more]) => `\n# ${of}\n[Peer]\nPublicKey = ${keys[of].publicKey}\n${more}\n`);
  return `[Interface]\nPrivateKey = ${keys[own].privateKey}\n${lines}\n${entries.join('')}`;
}

const toHub = (allowed: string): readonly [Name, string] => ['hub', `Endpoint = 192.0.2.1:51820\nAllowedIPs = ${allowed}`];

interface Mesh {
  /** What the hub takes from the laptop. */
  readonly laptop?: string;
  /** The rules of the hub’s forward chain. */
  readonly forward?: string;
  readonly policy: object;
  readonly more?: TextFiles;
  /** Further entries of the hub. */
  readonly peers?: readonly (readonly [Name, string])[];
}

const RULES = 'ip saddr 10.0.0.2 ip daddr 10.0.0.3 tcp dport 443 accept';

/** A hub whose own ports are closed to the mesh, with three spokes. */
function files({ laptop = '10.0.0.2/32', forward = RULES, policy, more = {}, peers = [] }: Mesh): TextFiles {
  return {
    'hub/etc/wireguard/wg0.conf': config(
      'hub',
      'Address = 10.0.0.1/24\nListenPort = 51820\nPostUp = sysctl -w net.ipv4.ip_forward=1',
      ['laptop', `AllowedIPs = ${laptop}`],
      ['app', 'AllowedIPs = 10.0.0.3/32'],
      ['db', 'AllowedIPs = 10.0.0.4/32'],
      ...peers,
    ),
    'hub/etc/nftables.conf': `table inet f {
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		iifname "eth0" accept
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		${forward}
	}
}
`,
    'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/32', toHub('10.0.0.0/24')),
    'app/etc/wireguard/wg0.conf': config('app', 'Address = 10.0.0.3/32', toHub('10.0.0.0/24')),
    'db/etc/wireguard/wg0.conf': config('db', 'Address = 10.0.0.4/32', toHub('10.0.0.0/24')),
    'meshwarden.jsonc': JSON.stringify(policy, null, 2),
    ...more,
  };
}

/** The findings of policy rules, as `path:line severity rule: message`. */
function found(texts: TextFiles): readonly string[] {
  const analysis = analysed(texts);
  return findingsIn(analysis)
    .filter(({ rule }) => /^policy\/|policy-file$/.test(rule))
    .map((finding) => told(finding, analysis));
}

/** What the hub itself does is not what these tests are about. */
const fromHub = { src: 'hub', dst: ['laptop', 'app', 'db'], ip: '*' };
const grant = { src: 'laptop', dst: 'app', ip: 'tcp:443' };

describe('grants', () => {
  test('nothing is told where access is exactly they', () => {
    assert.deepEqual(found(files({ policy: { grants: [grant, fromHub] } })), []);
  });

  test('nothing is told of access where there are no grants', () => {
    assert.deepEqual(found(files({ forward: 'accept', policy: {} })), []);
  });

  test('a taken host may do what it would not do by itself: its own AllowedIPs hold nobody back', () => {
    const own = config('laptop', 'Address = 10.0.0.2/32', toHub('10.0.0.1/32, 10.0.0.3/32'));
    const forward = `${RULES}\n\t\tip saddr 10.0.0.2 ip daddr 10.0.0.4 tcp dport 5432 accept`;
    const told = found(files({ forward, policy: { grants: [grant, fromHub] }, more: { 'laptop/etc/wireguard/wg0.conf': own } }));
    assert.deepEqual(told, [
      'hub/etc/nftables.conf:11 warning policy/unexpected-access: Once it is taken over, laptop reaches db tcp/5432, and no grant says so. Packet 10.0.0.2:49152 → 10.0.0.4:5432 tcp new.',
    ]);
  });

  test('who may send as another is told with whose address it uses', () => {
    const forward = `${RULES}\n\t\tip saddr 10.0.0.9 ip daddr 10.0.0.4 tcp dport 22 accept`;
    const told = found(files({ laptop: '10.0.0.0/28', forward, policy: { grants: [grant, fromHub] } }));
    assert.deepEqual(told, [
      'hub/etc/nftables.conf:11 warning policy/unexpected-access: Once it is taken over, laptop reaches db tcp/22, sending as 10.0.0.9, and no grant says so. Packet 10.0.0.9:49152 → 10.0.0.4:22 tcp new.',
    ]);
  });

  test('a rule for everybody is one finding, on its line, with every pair', () => {
    const texts = files({ forward: 'tcp dport { 22, 443 } accept', policy: { grants: [grant, fromHub] } });
    const analysis = analysed(texts);
    const [finding, ...more] = findingsIn(analysis).filter(({ rule }) => rule === 'policy/unexpected-access');
    assert.deepEqual(more, []);
    assert.equal(pathOf(finding?.uri ?? ''), 'hub/etc/nftables.conf');
    assert.match(
      finding?.message ?? '',
      /^app reaches db tcp\/22,443, and no grant says so\. Packet 10\.0\.0\.3:49152 → 10\.0\.0\.4:22 tcp new\. Likewise /,
    );
    assert.match(finding?.message ?? '', /laptop → app tcp\/22/);
    assert.match(finding?.message ?? '', /; and 1 more\.$/);
    const related = finding?.related.map(({ uri, message }) => `${pathOf(uri)}: ${message}`) ?? [];
    assert.ok(related.includes('hub/etc/nftables.conf: hub, chain forward: accept'), related.join('\n'));
    assert.ok(related.includes('meshwarden.jsonc: what is granted'), related.join('\n'));
  });

  test('what is granted to a network is granted to its hosts, and to no other address', () => {
    const forward = 'ip daddr 10.0.0.4 tcp dport 22 accept';
    const policy = (src: string): object => ({ grants: [{ src, dst: '10.0.0.4', ip: 'tcp:22' }, fromHub] });
    assert.deepEqual(found(files({ forward, policy: policy('10.0.0.2/31') })), []);
    assert.match(
      found(files({ forward, policy: policy('10.0.0.2') })).join('\n'),
      /^\S+ warning policy\/unexpected-access: app reaches db tcp\/22,/,
    );
  });

  test('groups are their members, however they are nested', () => {
    const forward = 'ip saddr { 10.0.0.2, 10.0.0.3 } ip daddr 10.0.0.4 tcp dport 22 accept';
    const groups = { all: ['ends', 'app'], ends: ['laptop'] };
    assert.deepEqual(found(files({ forward, policy: { groups, grants: [{ src: 'all', dst: 'db', ip: 'tcp:22' }, fromHub] } })), []);
  });

  test('what is missing is told on the line that stops it, with the grant', () => {
    const texts = files({ policy: { grants: [grant, { src: ['laptop', 'app'], dst: 'db', ip: 'tcp:5432' }, fromHub] } });
    assert.deepEqual(found(texts), [
      'hub/etc/nftables.conf:8 warning policy/missing-access: app does not reach db tcp/5432, which is granted. Packet 10.0.0.3:49152 → 10.0.0.4:5432 tcp new: hub does not let it through. Likewise laptop → db tcp/5432.',
    ]);
  });

  test('an answer that does not come back is missing as well', () => {
    const db = 'table inet f {\n\tchain output {\n\t\ttype filter hook output priority 0;\n\t\toifname "wg0" drop\n\t}\n}\n';
    const forward = 'ip saddr 10.0.0.2 ip daddr 10.0.0.4 tcp dport 5432 accept';
    const policy = {
      grants: [
        { src: 'laptop', dst: 'db', ip: 'tcp:5432' },
        { ...fromHub, dst: ['laptop', 'app'] },
      ],
    };
    const told = found(files({ forward, policy, more: { 'db/etc/nftables.conf': db } }));
    assert.ok(
      told.some((one) => /^db\/etc\/nftables\.conf:4 warning policy\/missing-access: laptop does not reach db tcp\/5432/.test(one)),
      told.join('\n'),
    );
    assert.ok(
      told.some((one) => /answer: db does not let it out/.test(one)),
      told.join('\n'),
    );
  });

  test('where there is no route, the host’s config is told', () => {
    const own = config('laptop', 'Address = 10.0.0.2/32', toHub('10.0.0.1/32, 10.0.0.4/32'));
    const told = found(files({ policy: { grants: [grant, fromHub] }, more: { 'laptop/etc/wireguard/wg0.conf': own } }));
    const missing = told.filter((one) => one.includes('missing'));
    assert.deepEqual(missing, [
      'laptop/etc/wireguard/wg0.conf:1 warning policy/missing-access: laptop does not reach app tcp/443, which is granted. Packet 10.0.0.2:49152 → 10.0.0.3:443 tcp new: laptop has no route to 10.0.0.3 through WireGuard.',
    ]);
  });

  test('of a peer whose config is not here the hub’s own files tell what it could do', () => {
    const phone: readonly [Name, string] = ['phone', 'AllowedIPs = 10.0.0.9/32'];
    const forward = `${RULES}\n\t\tip saddr 10.0.0.9 ip daddr 10.0.0.4 tcp dport { 22, 80 } accept`;
    const allowed = { src: 'phone', dst: 'db', ip: 'tcp:80' };
    assert.deepEqual(found(files({ forward, peers: [phone], policy: { grants: [grant, fromHub, allowed] } })), [
      'hub/etc/nftables.conf:11 warning policy/unexpected-access: Once it is taken over, phone reaches db tcp/22, and no grant says so. Packet 10.0.0.9:49152 → 10.0.0.4:22 tcp new.',
    ]);
  });

  test('hosts without a version of IP in common cannot have what they are granted', () => {
    const db = config('db', 'Address = fd00::4/128', toHub('fd00::/64'));
    const texts = files({
      policy: { grants: [grant, { src: 'laptop', dst: 'db', ip: 'tcp:1' }, { ...fromHub, dst: ['laptop', 'app'] }] },
      more: { 'db/etc/wireguard/wg0.conf': db },
    });
    assert.match(
      found(texts).join('\n'),
      /policy\/missing-access: laptop does not reach db tcp\/1, which is granted\. They have no address of the same version of IP\./,
    );
  });

  test('nothing is told of more access while something of the grants cannot be read', () => {
    const policy = { grants: [grant, fromHub, { src: 'app', dst: 'db', ip: 'tcp/22' }] };
    const told = found(files({ forward: 'accept', policy }));
    assert.deepEqual(told, [
      'meshwarden.jsonc:20 warning meshwarden/policy-file: Protocol and port stand with a colon between: write tcp:22.',
    ]);
  });

  test('a workspace file speaks of its folder alone; the nearest one with grants judges a pair', () => {
    const outside = files({ forward: 'accept', policy: {} });
    const inner = Object.fromEntries(Object.entries(outside).filter(([path]) => path !== 'meshwarden.jsonc'));
    assert.deepEqual(found({ ...inner, 'app/meshwarden.jsonc': '{ "grants": [] }' }), []);
    const below = Object.fromEntries(Object.entries(inner).map(([path, text]) => [`site/${path}`, text]));
    const all = { src: ['laptop', 'app', 'db'], dst: ['laptop', 'app', 'db'], ip: '*' };
    const nested = (outer: readonly object[]): readonly string[] =>
      found({
        ...below,
        'meshwarden.jsonc': JSON.stringify({ grants: outer }),
        'site/meshwarden.jsonc': JSON.stringify({ grants: [fromHub] }),
      });
    // what the outer one grants holds as well
    assert.deepEqual(nested([all]), []);
    assert.match(
      nested([]).join(),
      /^site\/hub\/etc\/nftables\.conf:10 warning policy\/unexpected-access: app reaches db any service,[^,]*$/,
    );
  });

  test('many pairs are counted, and not each explained', () => {
    const spokes = Array.from({ length: 17 }, (_, i) => ({ key: keyPair(), address: `10.1.0.${i + 2}` }));
    const hub = keyPair();
    const texts: Record<string, string> = {
      'hub/etc/wireguard/wg0.conf': `[Interface]\nPrivateKey = ${hub.privateKey}\nAddress = 10.1.0.1/24\nListenPort = 51820\n${spokes
        .map(({ key, address }) => `\n[Peer]\nPublicKey = ${key.publicKey}\nAllowedIPs = ${address}/32\n`)
        .join('')}`,
      'meshwarden.jsonc': '{ "grants": [] }',
    };
    for (const [i, { key, address }] of spokes.entries())
      texts[`s${i}/etc/wireguard/wg0.conf`] =
        `[Interface]\nPrivateKey = ${key.privateKey}\nAddress = ${address}/32\n\n[Peer]\nPublicKey = ${hub.publicKey}\nEndpoint = 192.0.2.1:51820\nAllowedIPs = 10.1.0.0/24\n`;
    const last = found(texts).filter((one) => one.startsWith('meshwarden.jsonc'));
    assert.deepEqual(last, [
      'meshwarden.jsonc:1 warning policy/unexpected-access: 106 more pairs of hosts reach each other without a grant; “meshwarden access” lists them.',
    ]);
  });
});

describe('names', () => {
  const at = (policy: object, more: Partial<Mesh> = {}): readonly string[] =>
    found(files({ policy: { ...policy, grants: [grant, fromHub] }, ...more })).filter((one) => one.includes('unknown-host'));

  test('a name that nobody has is an error where it stands, in groups, grants and tests', () => {
    assert.deepEqual(
      at({ groups: { g: ['ap'] }, tests: [{ src: 'lapto', deny: ['dba:tcp:22'] }] }).map((one) => one.replace(/^.*?: /, '')),
      [
        'There is no host and no group “ap”: did you mean app?',
        'There is no host and no group “lapto”: did you mean laptop?',
        'There is no host and no group “dba”: did you mean db?',
      ],
    );
  });

  test('a peer whose config is not here may be named by its comment, or by the workspace file', () => {
    const phone: readonly [Name, string] = ['phone', 'AllowedIPs = 10.0.0.9/32'];
    const asks = { tests: [{ src: 'laptop', deny: ['phone:tcp:22'] }] };
    assert.equal(at(asks).length, 1);
    assert.deepEqual(at(asks, { peers: [phone] }), []);
    assert.deepEqual(at({ ...asks, hosts: { phone: { publicKey: keys.phone.publicKey } } }, { peers: [phone] }), []);
    assert.match(at({ ...asks, hosts: { phone: { publicKey: keys.phone.publicKey } } }).join(), /No address of “phone” is known/);
  });

  test('a name of several hosts, or of a host and a group, is nobody’s', () => {
    const twin = config('phone', 'Address = 10.0.0.9/32', toHub('10.0.0.0/24'));
    const asks = { tests: [{ src: 'laptop', deny: ['phone:tcp:22'] }] };
    const more = {
      'a/phone/etc/wireguard/wg0.conf': twin,
      'b/phone/etc/wireguard/wg0.conf': twin.replace(keys.phone.privateKey, keyPair().privateKey),
    };
    assert.match(at(asks, { more }).join(), /“phone” is 2 hosts: give each a name of its own, hosts by their “folder” in “hosts”\./);
    assert.match(at({ groups: { app: ['db'] } }).join(), /“app” is a host and a group/);
  });
});

describe('tests', () => {
  const results = (tests: readonly object[], more: Partial<Mesh> = {}): readonly string[] =>
    found(files({ policy: { groups: { ends: ['laptop', 'db'] }, tests }, ...more })).map((one) =>
      one.replace(/^meshwarden\.jsonc:\d+ /, ''),
    );

  test('hold, and then nothing is told', () => {
    assert.deepEqual(results([{ src: 'laptop', accept: ['app:tcp:443'], deny: ['*'] }]), []);
  });

  test('deny means that no member of a group gets through, not that not all do', () => {
    assert.deepEqual(results([{ src: 'ends', deny: ['app:tcp:443'] }]), [
      'error policy/test-failed: laptop reaches app tcp/443, expected denied. Packet 10.0.0.2:49152 → 10.0.0.3:443 tcp new.',
    ]);
  });

  test('accept means that every member gets through', () => {
    assert.deepEqual(results([{ src: 'ends', accept: ['app:tcp:443'] }]), [
      'error policy/test-failed: db does not reach app tcp/443, expected accepted. Packet 10.0.0.4:49152 → 10.0.0.3:443 tcp new: hub does not let it through.',
    ]);
  });

  test('accept of several ports means each of them', () => {
    assert.match(results([{ src: 'laptop', accept: ['app:tcp:443,8443'] }]).join(), /does not reach app tcp\/8443, expected accepted/);
  });

  test('deny means no port of a range, and what the same test accepts is not meant', () => {
    assert.match(results([{ src: 'laptop', deny: ['app:tcp:400-500'] }]).join(), /laptop reaches app tcp\/443, expected denied/);
    assert.deepEqual(results([{ src: 'laptop', accept: ['app:tcp:443'], deny: ['app:tcp:400-500'] }]), []);
  });

  test('deny is asked of a taken host, accept of an honest one, unless the test says which', () => {
    const own = config('laptop', 'Address = 10.0.0.2/32', toHub('10.0.0.4/32'));
    const more = { more: { 'laptop/etc/wireguard/wg0.conf': own } };
    const denied = { src: 'laptop', deny: ['app:tcp:443'] };
    assert.match(
      results([denied], more).join(),
      /^error policy\/test-failed: Once it is taken over, laptop reaches app tcp\/443, expected denied/,
    );
    assert.deepEqual(results([{ ...denied, view: 'access' }], more), []);
    assert.match(results([{ src: 'laptop', accept: ['app:tcp:443'] }], more).join(), /laptop does not reach app/);
    assert.deepEqual(results([{ src: 'laptop', accept: ['app:tcp:443'], view: 'blast-radius' }], more), []);
  });

  test('a hub may pose as all it passes on for, and the finding says what to ask instead', () => {
    assert.match(results([{ src: 'hub', deny: ['db:tcp:22'] }]).join(), /hub reaches db tcp\/22, expected denied/);
    const closed = {
      more: {
        'db/etc/nftables.conf':
          'table inet f {\n\tchain input {\n\t\ttype filter hook input priority 0; policy drop;\n\t\tiifname "eth0" accept\n\t\tip saddr 10.0.0.3 accept\n\t}\n}\n',
      },
    };
    assert.match(
      results([{ src: 'hub', deny: ['db:tcp:22'] }], closed).join(),
      /Once it is taken over, hub reaches db tcp\/22, expected denied\. Packet 10\.0\.0\.3:49152 → 10\.0\.0\.4:22 tcp new\. It passes on packets of others and so may pose as them; "view": "access" asks of honest hosts\./,
    );
    assert.deepEqual(results([{ src: 'hub', deny: ['db:tcp:22'], view: 'access' }], closed), []);
  });

  test('what is not known does not pass, either way', () => {
    const forward = 'ip saddr @dynamic ip daddr 10.0.0.4 tcp dport 22 accept';
    const sets = { forward: `${forward}\n\t}\n\tset dynamic {\n\t\ttype ipv4_addr\n\t\tflags dynamic` };
    for (const demand of ['accept', 'deny']) {
      const [one, ...more] = results([{ src: 'laptop', [demand]: ['db:tcp:22'] }], sets);
      assert.deepEqual(more, []);
      assert.match(
        one ?? '',
        new RegExp(
          `^warning policy/test-failed: It is not known whether laptop reaches db tcp/22, expected ${demand === 'accept' ? 'accepted' : 'denied'}: .*What is not known does not pass\\.$`,
        ),
      );
    }
  });

  test('an address that nobody has says nothing, so the test does not pass', () => {
    assert.match(
      results([{ src: 'laptop', deny: ['10.0.0.99:tcp:22'] }]).join(),
      /Nobody here is known to have 10\.0\.0\.99\/32, so the test says nothing/,
    );
    assert.match(results([{ src: '192.168.9.0/24', deny: ['db:tcp:22'] }]).join(), /Nobody here is known to have 192\.168\.9\.0\/24/);
  });
});

describe('fixes', () => {
  /** The findings left after the fix of that title. */
  function after(texts: TextFiles, rule: string, title: RegExp): { readonly files: TextFiles; readonly left: readonly string[] } {
    const analysis = analysed(texts);
    const finding = findingsIn(analysis).find((one) => one.rule === rule);
    const fixes = finding ? fixesIn(analysis, finding) : [];
    const fix = fixes.find((one) => title.test(one.title));
    assert.ok(fix, `${title} is not among ${fixes.map((one) => one.title).join('; ')}`);
    assert.equal(fix.safety, 'review');
    const result = fixed(texts, fix);
    return { files: result, left: found(result) };
  }

  const policy = { grants: [grant, { src: 'app', dst: 'db', ip: ['tcp:5432', 'icmp'] }, fromHub] };

  test('the ruleset of a host is made to match, whatever it lets through and drops', () => {
    const texts = files({ forward: 'ip saddr 10.0.0.2 accept', policy });
    const { files: made, left } = after(
      texts,
      'policy/unexpected-access',
      /^Make the ruleset of hub match the grants \(table meshwarden\)$/,
    );
    assert.deepEqual(left, []);
    assert.match(
      made['hub/etc/nftables.conf'] ?? '',
      /ip saddr 10\.0\.0\.3 ip daddr 10\.0\.0\.4 tcp dport 5432 accept comment "app -> db tcp:5432, icmp"\n/,
    );
    // once more, after the grants have changed: the table is replaced, not added
    const wider = { ...made, 'meshwarden.jsonc': JSON.stringify({ grants: [...policy.grants, { src: 'db', dst: 'app', ip: 'udp:53' }] }) };
    const again = after(wider, 'policy/missing-access', /^Make the ruleset/);
    assert.deepEqual(again.left, []);
    assert.equal(again.files['hub/etc/nftables.conf']?.match(/^delete table inet meshwarden$/gm)?.length, 1);
    assert.equal(again.files['hub/etc/nftables.conf']?.match(/made from the grants/g)?.length, 1);
  });

  test('what is granted is accepted in the chain that drops it', () => {
    const { files: made, left } = after(
      files({ policy }),
      'policy/missing-access',
      /^Accept in chain forward what the grants say \(2 rules\)$/,
    );
    assert.deepEqual(left, []);
    assert.match(
      made['hub/etc/nftables.conf'] ?? '',
      /iifname "wg0" oifname "wg0" ip saddr 10\.0\.0\.3 ip daddr 10\.0\.0\.4 meta l4proto icmp accept comment/,
    );
  });

  test('AllowedIPs that let a host be another are narrowed to what the grants need', () => {
    const forward = `${RULES}\n\t\tip saddr 10.0.0.9 ip daddr 10.0.0.4 tcp dport 22 accept`;
    const { files: made, left } = after(
      files({ laptop: '10.0.0.0/28', forward, policy: { grants: [grant, fromHub] } }),
      'policy/unexpected-access',
      /^Give peers the AllowedIPs that the grants need \(\d entries\)$/,
    );
    assert.deepEqual(left, []);
    assert.match(made['hub/etc/wireguard/wg0.conf'] ?? '', /# laptop\n.*\n.*\nAllowedIPs = 10\.0\.0\.2\/32\n/);
    assert.match(made['laptop/etc/wireguard/wg0.conf'] ?? '', /AllowedIPs = 10\.0\.0\.1\/32, 10\.0\.0\.3\/32\n/);
  });

  test('a host without a ruleset gets a file', () => {
    const texts = files({ policy: { grants: [grant] } });
    const { 'hub/etc/nftables.conf': _, ...open } = texts;
    const analysis = analysed(open);
    const finding = findingsIn(analysis).find(({ rule }) => rule === 'policy/unexpected-access');
    const fix = finding && fixesIn(analysis, finding).find(({ title }) => title.startsWith('Make the ruleset'));
    const [edit] = fix?.edits ?? [];
    assert.equal(edit?.creates, true);
    assert.match(pathOf(edit?.uri ?? ''), /\/etc\/nftables\.conf$/);
    assert.match(edit?.text ?? '', /^#!\/usr\/sbin\/nft -f\n# Who may reach whom on /);
  });
});
