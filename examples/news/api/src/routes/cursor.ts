import { z } from 'zod';
import { ProblemError } from './problem.ts';

// The end of the year 9999; PostgreSQL and JavaScript both know all times until then.
const LAST_MS = 253_402_300_799_999;

const time = z
  .int()
  .min(0)
  .max(LAST_MS)
  .transform((ms) => new Date(ms));
const id = z.int().min(1);

const shapes = {
  articles: z.tuple([z.literal('articles'), time, id]),
  drafts: z.tuple([z.literal('drafts'), time, id]),
  saved: z.tuple([z.literal('saved'), time, id]),
  history: z.tuple([z.literal('history'), time, id]),
  feed: z.tuple([z.literal('feed'), time, id]),
  search: z.tuple([z.literal('search'), z.number().min(0), id]),
};

type Shapes = typeof shapes;
type TimeList = Exclude<keyof Shapes, 'search'>;

/** Writes the position after which a page ends. Callers treat it as opaque. */
export function writeCursor(list: keyof Shapes, position: readonly [Date | number, number]): string {
  const [first, second] = position;
  const value = [list, first instanceof Date ? first.getTime() : first, second];
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Reads the cursor of a list by time. Throws the problem `invalid-cursor` for anything this list has not written. */
export function readTimeCursor(
  list: TimeList,
  text: string | undefined,
): { at: Date; id: number } | undefined {
  if (text === undefined) return undefined;
  const parsed = shapes[list].safeParse(decode(text));
  if (!parsed.success) return refuse();
  const [, at, id] = parsed.data;
  return { at, id };
}

/** Reads the cursor of the search results, as `readTimeCursor` does. */
export function readRankCursor(text: string | undefined): { rank: number; id: number } | undefined {
  if (text === undefined) return undefined;
  const parsed = shapes.search.safeParse(decode(text));
  if (!parsed.success) return refuse();
  const [, rank, id] = parsed.data;
  return { rank, id };
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

function refuse(): never {
  throw new ProblemError(
    'invalid-cursor',
    'The cursor is not one of this list. Start again without a cursor.',
  );
}
