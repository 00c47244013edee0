// Which files are ours: by their names, by how they begin, and never somebody else's.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { languageOfPath, languageOfText } from '../../server/src/analysis/recognise.ts';

function languageOf(path: string, text: string): string | null {
  const byPath = languageOfPath(path);
  return byPath === 'maybe' ? languageOfText(text) : byPath;
}

const config = '# a note\n\n[Interface]\nListenPort = 51820\n';

describe('ours by name, whatever stands in it', () => {
  const named: readonly (readonly [string, string])[] = [
    ['/etc/wireguard/wg0.conf', 'wireguard'],
    ['/etc/wireguard/home.conf', 'wireguard'],
    ['/usr/local/etc/wireguard/utun3.conf', 'wireguard'],
    ['/etc/amnezia/amneziawg/awg0.conf', 'wireguard'],
    ['/repo/wireguard/clients/ana.conf', 'wireguard'],
    ['/repo/wg-laptop.conf', 'wireguard'],
    ['/roles/vpn/templates/wg0.conf.j2', 'wireguard'],
    ['/etc/nftables.conf', 'nftables'],
    ['/etc/nftables.d/mesh.conf', 'nftables'],
    ['/repo/rules.nft', 'nftables'],
    ['/repo/wg0.pub', 'public-key'],
  ];
  for (const [path, language] of named) test(path, () => assert.equal(languageOf(path, ''), language));
});

describe('ours by how it begins', () => {
  const begins: readonly (readonly [string, string, string])[] = [
    ['/repo/laptop.conf', config, 'wireguard'],
    ['/repo/laptop.conf', '\ufeff[Peer]\n', 'wireguard'],
    ['/repo/server_peer.conf.j2', '{# a\n b #}\n# {{ name }}\n[Peer]\n', 'wireguard'],
    ['/etc/systemd/network/99-wg0.netdev', '# x\n[NetDev]\nName=wg0\nKind=wireguard\n', 'networkd'],
    ['/etc/systemd/network/99-wg0.network', '[Match]\nName=wg0\n\n[Network]\nAddress=10.0.0.1/24\n', 'networkd'],
    ['/etc/systemd/network/wg0.netdev.d/peer.conf', '[WireGuardPeer]\n', 'networkd'],
    ['/etc/NetworkManager/system-connections/mesh.nmconnection', '[connection]\nid=mesh\ntype=wireguard\n', 'networkmanager'],
    ['/repo/fw.conf', '#!/usr/sbin/nft -f\n', 'nftables'],
  ];
  for (const [path, text, language] of begins) test(`${path}: ${language}`, () => assert.equal(languageOf(path, text), language));
});

describe('somebody else’s', () => {
  const others: readonly (readonly [string, string])[] = [
    ['/etc/NetworkManager/NetworkManager.conf', '[main]\nplugins=keyfile\n'],
    ['/etc/NetworkManager/system-connections/home.nmconnection', '[connection]\ntype=wifi\n[wifi-security]\npsk=x\n'],
    ['/etc/nginx/nginx.conf', 'user www-data;\nhttp {\n}\n'],
    ['/etc/systemd/system/wg-quick@wg0.service.d/override.conf', '[Service]\nRestart=on-failure\n'],
    ['/etc/systemd/network/eth0.network.d/x.conf', '[Link]\nRequiredForOnline=no\n'],
    ['/etc/systemd/network/br0.netdev', '[NetDev]\nName=br0\nKind=bridge\n'],
    ['/home/ana/.config/containers/systemd/app.network', '[Network]\nSubnet=10.89.0.0/24\n'],
    ['/etc/samba/smb.conf', '[global]\n[Interface]\n'],
    ['/repo/wgetrc.conf', 'tries = 3\n'],
    ['/etc/wireproxy.conf.bak', config],
    ['/repo/app.conf.j2', '[Service]\nExecStart={{ x }}\n'],
    ['/repo/notes.txt', config],
  ];
  for (const [path, text] of others) test(path, () => assert.equal(languageOf(path, text), null));
});
