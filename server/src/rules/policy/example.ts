// The mesh of these rules' examples: a laptop that is granted the database's port, behind a hub that lets exactly this through.
import { database, databasePeer, files, hub, laptop, laptopPeer } from '../example-mesh.ts';

const RULE = 'ip saddr 10.10.0.7 ip daddr 10.10.0.2 tcp dport 5432 accept';

function ruleset(forward: string): string {
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
`;
}

export const soundGrant = '{ "src": "laptop", "dst": "database", "ip": "tcp:5432" }';

export interface GrantedMesh {
  /** What the forward chain accepts, behind its interfaces. */
  readonly forward?: string;
  /** The workspace file. */
  readonly policy?: string;
}

export function grantedMesh({ forward = RULE, policy = withGrants([soundGrant]) }: GrantedMesh): string {
  return files({
    hub: hub({ peers: `${laptopPeer}\n${databasePeer}` }),
    'hub/nftables.conf': ruleset(forward),
    laptop: laptop(),
    database: database(),
    'meshwarden.jsonc': policy,
  });
}

/** A workspace file with these grants, and perhaps a test. */
export function withGrants(grants: readonly string[], test?: string): string {
  const listed = grants.length === 0 ? '[]' : `[\n${grants.map((grant) => `    ${grant}`).join(',\n')}\n  ]`;
  return `{\n  "grants": ${listed}${test ? `,\n  "tests": [\n    ${test}\n  ]` : ''}\n}\n`;
}

/** A workspace file with a test alone. */
export function withTest(test: string): string {
  return `{\n  "tests": [\n    ${test}\n  ]\n}\n`;
}
