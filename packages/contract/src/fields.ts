import { z } from 'zod';

/** An id of ours: digits, ordered by time. */
export const id = z
  .string()
  .regex(/^[0-9]{1,40}$/, 'must be an id: digits only')
  .meta({ description: 'An id: digits, ordered by time of creation', example: '361204118824255491' });

/** A name people read. */
export const name = z.string().trim().min(1, 'must not be empty').max(200);

/** A time of the past or future: RFC 3339 in UTC. */
export const timestamp = z.iso.datetime().meta({ description: 'RFC 3339, UTC' });

/** A state most objects have. */
export const state = z.enum(['active', 'inactive']);

/** Page size and cursor of every list. */
export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
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
