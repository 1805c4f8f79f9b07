import { z } from 'zod';

/** An id of ours: digits, ordered by time. */
export const id = z
  .string()
  .regex(/^[0-9]{1,40}$/, 'must be an id: digits only')
  .meta({ description: 'An id: digits, ordered by time of creation', example: '361204118824255491' });

/** An id of another system, for a new object. */
export const givenId = z
  .string()
  .regex(/^[1-9][0-9]{0,39}$/, 'must be an id: 1 to 40 digits, the first not 0')
  .optional()
  .meta({
    description:
      'The id it had in another system; usually left out. Owners of the instance alone may choose, and an id that anything has or had is refused',
  });

// Control characters, separators of lines, what is no character at all, and marks that turn the direction of the text
// after them. Joiners, which some languages write names with, are let through.
const illegible = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** Whether a text is one line that looks like what it is. */
export function isLegible(text: string): boolean {
  return !illegible.test(text);
}

/** What `isLegible` asks for, as the detail of a refusal. */
export const legibleDetail =
  'must be one line without control characters or marks that turn the direction of the text';

/** One line of text, such as a name. */
export function line(maximum: number) {
  return z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(maximum)
    .refine(isLegible, { error: legibleDetail, abort: false });
}

/** A name people read, as it is sent. */
export const name = line(200);

/** A name as it is stored: answers show whatever was taken before. */
export const storedName = z.string();

/** A time of the past or future: RFC 3339 in UTC. */
export const timestamp = z.iso.datetime().meta({ description: 'RFC 3339, UTC' });

/** A state most objects have. */
export const state = z.enum(['active', 'inactive']);

// One spelling: no sign, no exponent, no leading zero. A program that is handed numbers may send one.
function readWholeNumber(value: unknown): unknown {
  return typeof value === 'string' && /^[1-9][0-9]{0,8}$/.test(value) ? Number(value) : value;
}

/** Page size and cursor of every list. */
export const pageQuery = {
  limit: z
    .preprocess(readWholeNumber, z.number().int().min(1).max(200))
    .default(50)
    .meta({ description: 'How many at most, 1 to 200' }),
  cursor: z
    .string()
    .max(2000)
    .optional()
    .meta({ description: '`nextCursor` of the page before; it fits only the same filters, sort and caller' }),
} as const;

/** A page of a list. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().optional().meta({ description: 'There is more: ask again with this as `cursor`' }),
  });
}

/** A flag in a query: `true` or `false`. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Header `typ` of JWT access tokens: `JWT` as the dialect has it, or that of RFC 9068 §2.1. */
export const accessTokenJwtType = z.enum(['JWT', 'at+jwt']);
