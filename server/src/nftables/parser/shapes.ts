// Takes statements of a shape that was read before as they were read then (shape.ts).
import { none } from '../../text/statement.ts';
import { hasShape, type Scan, type Shape, scanShape, shapeOf } from '../shape.ts';
import { type NftablesStatement, Place } from '../tree.ts';
import type { Cursor } from './cursor.ts';

/** A statement that was read, and where; most have a shape of their own, so it is made when another statement comes to the same. */
interface Known {
  readonly statement: NftablesStatement;
  readonly start: number;
  /** Null where it cannot be shared; undefined while nobody has asked. */
  shape: Shape | null | undefined;
  /** Others that come to the same number. */
  readonly next: Known | undefined;
}

/** The shapes of one text. */
export interface Shapes {
  readonly known: Map<number, Known>;
  /** Of the statement at the cursor. */
  readonly scan: Scan;
}

export function noShapes(): Shapes {
  return { known: new Map(), scan: { hash: 0, end: -1 } };
}

/** Rules are what machines write by the thousand: in a chain's block, or each in a command. */
function mayRepeat(place: Place): boolean {
  return place === Place.Chain || place === Place.File;
}

/** Puts the statements that have a known shape into `body`, from the cursor on, one behind the other. Returns where they end. */
export function takeKnown(c: Cursor, place: Place, body: NftablesStatement[]): number {
  const { shapes, text, limit } = c;
  let at = c.at;
  if (!shapes || !mayRepeat(place)) return at;
  for (;;) {
    scanShape(shapes.scan, text, at, limit);
    const { end, hash } = shapes.scan;
    if (end < 0) return at;
    const shape = find(shapes.known.get(hash), text, at, end, place);
    if (!shape) return at;
    body.push(another(shape));
    at = end;
  }
}

function find(first: Known | undefined, text: string, start: number, end: number, place: Place): Shape | null {
  for (let known = first; known; known = known.next) {
    if (known.statement.width !== end - start || known.statement.place !== place) continue;
    if (known.shape === undefined) {
      known.shape = shapeOf(known.statement, text, known.start);
      if (known.shape) known.statement.checked = known.shape;
    }
    if (known.shape && hasShape(known.shape, text, start)) return known.shape;
  }
  return null;
}

/** A statement that is read as the shape's own. */
function another(shape: Shape): NftablesStatement {
  const { width, head, place, syntax } = shape.statement;
  return {
    width,
    head,
    body: none,
    place,
    closed: true,
    reach: 0,
    problems: none,
    troubled: false,
    syntax,
    facts: undefined,
    checked: shape,
  };
}

/** Remembers the statement that was read from `start` to the cursor, where it says all by itself. */
export function remember(c: Cursor, statement: NftablesStatement, start: number): void {
  const { shapes } = c;
  if (!shapes || !mayRepeat(statement.place as Place) || !isAlone(statement)) return;
  const { hash, end } = shapes.scan;
  if (end !== c.at || start + statement.width !== end) return;
  shapes.known.set(hash, { statement, start, shape: undefined, next: shapes.known.get(hash) });
}

/** Whether nothing but its own text decides what it is. */
function isAlone({ syntax: { kind }, closed, reach, problems, body }: NftablesStatement): boolean {
  if (kind !== 'rule' && kind !== 'elements' && kind !== 'blank') return false;
  return closed && reach === 0 && problems.length === 0 && body.length === 0;
}
