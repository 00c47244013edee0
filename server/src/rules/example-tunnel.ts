// A client that sends everything through its hub: the examples of rules about full tunnels.
import { hubPeer, laptop } from './example-mesh.ts';

export const allowKillSwitch = '# meshwarden: allow wireguard/kill-switch-missing -- the network in front of it filters\n';

/** `above` stands above [Interface], `own` at its end. */
export function fullTunnel(allowedIps: string, above = '', own = ''): string {
  const peers = hubPeer.replace(/AllowedIPs = .*/, `AllowedIPs = ${allowedIps}`);
  return above + laptop({ own: 'Address = 10.10.0.7/32\nDNS = 10.10.0.1\n', more: own, peers });
}
