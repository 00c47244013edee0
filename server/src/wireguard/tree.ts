// What a line of a WireGuard config is. Spans are relative to the line's start.
import type { WrittenPrefix } from '../net/address.ts';
import type { Secret } from '../net/key.ts';
import type { StatementFacts } from '../text/fact-list.ts';
import type { Span } from '../text/span.ts';
import type { Statement, SyntaxTree } from '../text/statement.ts';
import type { Dialect, HeaderRow } from './dialects/header.ts';
import type { LineFact } from './line-facts.ts';
import type { ShellCommand } from './shell.ts';
import type { WgVersion } from './version.ts';
import type { KeyRow, SectionName } from './vocabulary.ts';

/** The kind of section a line stands in; `Statement.place`. */
export const Place = {
  None: 0,
  Interface: 1,
  Peer: 2,
  /** Behind a section that wg does not know: it has stopped there. */
  Unknown: 3,
  /** `[ Interface ]`: wg drops the spaces and takes it, wg-quick does not, so its keys reach wg. */
  SpacedInterface: 4,
} as const;
export type Place = (typeof Place)[keyof typeof Place];

export interface PrefixItem {
  readonly span: Span;
  /** Null where it cannot be read. */
  readonly written: WrittenPrefix | null;
  /** `+` or `-` before it (wg since 1.0.20250521): add to, or take from, what is loaded. */
  readonly sign: '+' | '-' | null;
}

/** A value as the tool reads it: what the facts of its line are made from, at once. Nobody may keep it: the next may be the same object. */
export type Reading =
  | { readonly is: 'private-key' | 'preshared-key'; readonly secret: Secret }
  | { readonly is: 'public-key'; readonly key: string | null }
  | { readonly is: 'allowed-ips' | 'addresses'; readonly items: readonly PrefixItem[] }
  | { readonly is: 'endpoint'; readonly host: string; readonly port: number | null; readonly hostSpan: Span; readonly portSpan: Span }
  | { readonly is: 'number'; readonly value: number | null }
  | { readonly is: 'words'; readonly items: readonly Span[] }
  | { readonly is: 'boolean'; readonly value: boolean }
  | { readonly is: 'hook'; readonly commands: readonly ShellCommand[] }
  | { readonly is: 'key-file'; readonly of: 'private-key' | 'preshared-key' }
  | { readonly is: 'secret-flags'; readonly value: number | null }
  | { readonly is: 'device'; readonly of: 'name' | 'match'; readonly names: readonly string[] }
  | { readonly is: 'unread' };

export type WireguardSyntax =
  | { readonly kind: 'file'; readonly dialect: Dialect }
  | { readonly kind: 'blank' }
  | {
      readonly kind: 'comment';
      readonly text: Span;
      /** What it calls a peer. */
      readonly calls: string | null;
      /** Written as `Name = …`, which counts wherever it stands in the section. */
      readonly entry: boolean;
    }
  | {
      readonly kind: 'section';
      readonly section: SectionName | null;
      readonly name: Span;
      readonly comment: Span | null;
      /** What the comment calls the peer; undefined where it does not look like a name, null where it is none after all. */
      readonly calls: string | null | undefined;
      /** Of a dialect. */
      readonly header?: HeaderRow | null;
      /** The public key that stands in the header itself. */
      readonly key?: { readonly span: Span; readonly value: string | null };
    }
  | {
      readonly kind: 'entry';
      readonly row: KeyRow | null;
      readonly key: Span;
      /** Empty, behind the `=`, where there is no value. What it says is in the line's facts. */
      readonly value: Span;
    }
  | { readonly kind: 'junk'; readonly text: Span };

export type LineFacts = StatementFacts<LineFact>;
export type Line = Statement<WireguardSyntax, LineFacts | null>;
/** A file as the tools of one version read it. */
export interface WireguardTree extends SyntaxTree<WireguardSyntax, LineFacts | null> {
  readonly version: WgVersion;
}
