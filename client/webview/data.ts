// What the server answers to the views' requests, and what the matrix' panel and its page say to each other. The server's own types are
// in server/src/features/access; test/views/wire.test.ts holds these to them.

export type View = 'access' | 'blast-radius';

/** A stretch of a file, as the Language Server Protocol has it. */
export interface Location {
  readonly uri: string;
  readonly range: {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number; readonly character: number };
  };
}

/** A place with what it is called: its path in the workspace and its line. */
export interface Link extends Location {
  readonly label: string;
}

export type CellState = 'allowed' | 'one-way' | 'maybe';

export interface Cell {
  /** The places of classes. */
  readonly from: number;
  readonly to: number;
  readonly state: CellState;
  /** Services in words, '' where there are none. */
  readonly allowed: string;
  readonly oneWay: string;
  readonly unknown: string;
}

export interface Member<P = Location> {
  readonly id: string;
  readonly name: string;
  readonly kind: 'host' | 'peer' | 'beyond';
  readonly role: string | null;
  readonly addresses: string;
  readonly place: P | null;
}

export interface MeshLink {
  /** The places of members. */
  readonly a: number;
  readonly b: number;
  readonly both: boolean;
}

export interface Mesh<P = Location> {
  readonly name: string;
  readonly members: readonly Member<P>[];
  /** Members that fare alike. */
  readonly classes: readonly (readonly number[])[];
  /** Those where something may get through. */
  readonly cells: readonly Cell[];
  readonly links: readonly MeshLink[];
}

export interface Matrix<P = Location> {
  readonly view: View;
  readonly meshes: readonly Mesh<P>[];
  readonly alone: readonly string[];
  readonly tooMany: number;
}

export interface Hop<P = Location> {
  readonly says: string;
  readonly place: P | null;
}

export type WayKind = 'allowed' | 'one-way' | 'answer-unknown' | 'maybe' | 'denied';

export interface Way<P = Location> {
  readonly kind: WayKind;
  readonly services: string;
  readonly packet: string | null;
  readonly sentAs: string | null;
  readonly hops: readonly Hop<P>[];
}

export interface Explanation<P = Location> {
  readonly from: string;
  readonly to: string;
  readonly view: View;
  readonly ways: readonly Way<P>[];
}

export interface Traced<P = Location> {
  readonly from: string;
  readonly to: string;
  readonly service: string;
  readonly view: View;
  readonly answer: 'yes' | 'no' | 'unknown';
  readonly way: Way<P>;
}

export interface Problem {
  readonly problem: string;
}

export interface HostDetails<P = Location> {
  readonly id: string;
  readonly name: string;
  readonly role: string | null;
  readonly addresses: string;
  readonly place: P | null;
  readonly sendsAs: readonly { readonly at: string; readonly says: string; readonly addresses: string; readonly place: P | null }[];
  readonly falls:
    | readonly {
        readonly id: string;
        readonly name: string;
        readonly through: readonly string[];
        readonly services: string;
        readonly sure: boolean;
      }[]
    | null;
}

export interface MeshNode<P = Location> {
  readonly kind: 'mesh' | 'host' | 'interface' | 'peer';
  readonly id: string;
  readonly name: string;
  readonly detail: string;
  readonly role: string | null;
  readonly place: P | null;
  readonly children: readonly MeshNode<P>[];
}

export interface ChangeEnd {
  readonly id: string;
  readonly name: string;
}

export interface Change {
  readonly sign: 'gained' | 'lost' | 'may-gain' | 'may-lose';
  readonly of: 'both' | View;
  readonly from: readonly ChangeEnd[];
  readonly to: readonly ChangeEnd[];
  readonly services: string;
}

export interface Changes {
  readonly changes: readonly Change[];
  readonly senders: readonly { readonly id: string; readonly name: string; readonly gained: string; readonly lost: string }[];
  readonly text: string;
}

/** What the page shows beside the matrix. */
export type Details =
  | { readonly is: 'explanation'; readonly fromId: string; readonly toId: string; readonly explanation: Explanation<Link> }
  | { readonly is: 'host'; readonly host: HostDetails<Link> };

/** What may stand beside the matrix, by ids. */
export type Selection =
  | { readonly is: 'cell'; readonly from: string; readonly to: string }
  | { readonly is: 'host'; readonly id: string; readonly falls: boolean };

export type ExportWhat = 'markdown' | 'csv' | 'svg-matrix' | 'svg-picture';

/** From the page. */
export type FromPage =
  /** It is there, and shows this view. */
  | { readonly type: 'show'; readonly view: View }
  | { readonly type: 'select'; readonly view: View; readonly selection: Selection }
  /** What was chosen is no longer shown. */
  | { readonly type: 'close' }
  | { readonly type: 'trace'; readonly view: View; readonly from: string; readonly to: string; readonly service: string }
  | { readonly type: 'open'; readonly place: Location }
  | { readonly type: 'export'; readonly what: ExportWhat; readonly view: View; readonly open: readonly string[] };

/** To the page. */
export type ToPage =
  /** null where the server does not run. */
  | { readonly type: 'matrix'; readonly matrix: Matrix<Link> | null }
  | { readonly type: 'busy' }
  | { readonly type: 'details'; readonly details: Details }
  | { readonly type: 'traced'; readonly from: string; readonly to: string; readonly traced: Traced<Link> | Problem }
  /** A command asks for this. */
  | { readonly type: 'go'; readonly view: View; readonly selection: Selection | null };
