// What a workspace file `meshwarden.jsonc` says, without where.
import type { Address, Prefix } from '../net/address.ts';
import type { Role } from './roles.ts';

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

export interface PolicyFacts {
  readonly language: 'policy';
  /** By rule. */
  readonly rules: Readonly<Record<string, Level>>;
  readonly hosts: readonly PolicyHost[];
}
