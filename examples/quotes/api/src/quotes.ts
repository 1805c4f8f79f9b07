import data from './quotes.json' with { type: 'json' };

/** A quotation by an author who died before 1950, and the work it comes from. */
export interface Quote {
  readonly quote: string;
  readonly author: string;
  readonly source: string;
}

/** Every quotation this API knows. */
export const quotes: readonly Quote[] = data;

/** Picks a quotation. `random` yields numbers in [0, 1), as `Math.random` does. */
export function pickQuote(random: () => number): Quote {
  const picked = quotes[Math.floor(random() * quotes.length)];
  if (picked === undefined) throw new RangeError('random() must yield a number in [0, 1)');
  return picked;
}
