// What a workspace file `meshwarden.jsonc` says, without where: a place is the number of a statement (a group, a grant, a test, in the
// order they stand) and of an item in it, as in the other languages.
import type { Address, Prefix } from '../net/address.ts';
import type { Intervals } from '../net/intervals.ts';
import type { Place } from '../text/origin.ts';
import type { Role } from './roles.ts';
import type { View } from './views.ts';

export const levelNames = ['off', 'hint', 'info', 'warning', 'error'] as const;

/** How loud a rule is, in place of its own severity. */
export type Level = (typeof levelNames)[number];

/** A host as the file states it. What is left out is null or empty. */
export interface PolicyHost {
  readonly name: string;
  readonly publicKeys: readonly string[];
  readonly addresses: readonly Address[];
  readonly role: Role | null;
  /** Networks behind it. */
  readonly routes: readonly Prefix[];
  /** The folder of its files, relative to the workspace file, without slashes at its ends. */
  readonly folder: string | null;
}

/** Whom a group, a grant or a test names: everybody, addresses, or a host or group by its name. */
export type Party =
  | { readonly kind: 'any'; readonly at: Place }
  | { readonly kind: 'prefix'; readonly prefix: Prefix; readonly at: Place }
  | { readonly kind: 'name'; readonly name: string; readonly at: Place };

export interface PolicyGroup {
  readonly name: string;
  /** The group's name in the text. */
  readonly at: Place;
  readonly members: readonly Party[];
}

export interface PolicyService {
  /** As it stands: `tcp:443`. */
  readonly text: string;
  /** null for every protocol; ICMP is that of both versions of IP. */
  readonly protocols: readonly number[] | null;
  /** Destination ports; null for all of them, and where the protocol has none. */
  readonly ports: Intervals<number> | null;
}

/** `src` may use the services of `dst`. */
export interface Grant {
  /** The whole of it. */
  readonly at: Place;
  readonly src: readonly Party[];
  readonly dst: readonly Party[];
  readonly ip: readonly (PolicyService & { readonly at: Place })[];
}

/** A destination with one service, as in a test: `app:tcp:443`. */
export interface PolicyTarget {
  /** As it stands. */
  readonly text: string;
  /** All of it. */
  readonly at: Place;
  readonly party: Party;
  readonly service: PolicyService;
}

export interface PolicyTest {
  readonly at: Place;
  readonly src: readonly Party[];
  /** Each source must get through to each of these. */
  readonly accept: readonly PolicyTarget[];
  /** No source may get through to any of these, but for what the test accepts. */
  readonly deny: readonly PolicyTarget[];
  /** null where it is left out: `accept` is asked of an honest host, `deny` of a taken one. */
  readonly view: View | null;
}

export interface PolicyFacts {
  readonly language: 'policy';
  /** By rule. */
  readonly rules: Readonly<Record<string, Level>>;
  readonly hosts: readonly PolicyHost[];
  readonly groups: readonly PolicyGroup[];
  /** null where the file has none: then it does not say who may reach whom. */
  readonly grants: readonly Grant[] | null;
  /** The word “grants”. */
  readonly grantsAt: Place | null;
  readonly tests: readonly PolicyTest[];
  /** Whether something of the groups or grants could not be taken, so that more may be meant than is listed here. */
  readonly unread: boolean;
}
