// Where a fact comes from, without an offset: the current tree turns it into a span when a finding is shown, so facts stay
// equal while text moves about around them.

/** A place in one file. */
export interface Place {
  /** The number of the statement among those of the file that have facts, in document order, from 0. */
  readonly statement: number;
  /** Which item of the statement's facts; 0 is the whole of what it says. */
  readonly item: number;
}

export interface Origin extends Place {
  readonly uri: string;
}
