/** A feed that cannot be imported at all; the message says what is wrong and where. */
export class ImportError extends Error {
  override name = 'ImportError';
}

/** An item of a feed that was left out. */
export interface ItemProblem {
  /** Counted from 1, in the order of the feed. */
  readonly item: number;
  readonly field: string;
  readonly detail: string;
}
