// The mesh of these rules' examples: a laptop that is granted the database's port, behind a hub that lets exactly this through.
import { database, databasePeer, files, hub, laptop, laptopPeer } from '../example-mesh.ts';

const RULE = 'ip saddr 10.10.0.7 ip daddr 10.10.0.2 tcp dport 5432 accept';

function ruleset(forward: string, more: string): string {
  return `table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		iifname "eth0" udp dport 51820 accept
		limit rate 10/minute log prefix "input: "
	}

	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		iifname "wg0" oifname "wg0" ${forward}
		limit rate 10/minute log prefix "forward: "
	}
}
${more}`;
}

export const soundGrant = '{ "src": "laptop", "dst": "database", "ip": "tcp:5432" }';

export interface GrantedMesh {
  /** What the forward chain accepts, behind its interfaces. */
  readonly forward?: string;
  /** What stands behind the table. */
  readonly more?: string;
  /** The workspace file. */
  readonly policy?: string;
}

export function grantedMesh({ forward = RULE, more = '', policy = withGrants([soundGrant]) }: GrantedMesh): string {
  return files({
    hub: hub({ peers: `${laptopPeer}\n${databasePeer}` }),
    'hub/nftables.conf': ruleset(forward, more),
    laptop: laptop(),
    database: database(),
    'meshwarden.jsonc': policy,
  });
}

/** What `generate nftables` makes of the grant. */
export const GRANTED_TABLE = `
# Who may reach whom on hub and through it, made from the grants in meshwarden.jsonc. Loading it again replaces the table.
table inet meshwarden
delete table inet meshwarden
table inet meshwarden {
	set forward_wg0_wg0_ip_tcp {
		type ipv4_addr . ipv4_addr . inet_service
		flags interval
		elements = {
			10.10.0.7 . 10.10.0.2 . 5432 comment "laptop -> database tcp:5432"
		}
	}

	chain input {
		type filter hook input priority filter; policy drop;
		iifname != "wg0" accept comment "not of the mesh: other tables decide"
		ct state established,related accept
		ct state invalid drop
		limit rate 10/minute log prefix "meshwarden input: "
	}

	chain forward {
		type filter hook forward priority filter; policy drop;
		iifname != "wg0" oifname != "wg0" accept comment "not of the mesh: other tables decide"
		ct state established,related accept
		ct state invalid drop
		iifname "wg0" oifname "wg0" ip saddr . ip daddr . tcp dport @forward_wg0_wg0_ip_tcp accept
		limit rate 10/minute log prefix "meshwarden forward: "
	}
}
`;

/** A workspace file with these grants, and perhaps a test. */
export function withGrants(grants: readonly string[], test?: string): string {
  const listed = grants.length === 0 ? '[]' : `[\n${grants.map((grant) => `    ${grant}`).join(',\n')}\n  ]`;
  return `{\n  "grants": ${listed}${test ? `,\n  "tests": [\n    ${test}\n  ]` : ''}\n}\n`;
}

/** A workspace file with a test alone. */
export function withTest(test: string): string {
  return `{\n  "tests": [\n    ${test}\n  ]\n}\n`;
}
