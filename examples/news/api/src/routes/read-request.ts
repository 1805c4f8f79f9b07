import type { Context } from 'hono';
import type { z } from 'zod';
import { Slug } from '../contract.ts';
import { findPublishedId } from '../database/articles.ts';
import type { Database } from '../database/open-database.ts';
import { invalidInput, ProblemError } from './problem.ts';

/** The query of a request. Throws the problem `invalid-input` with every wrong or repeated parameter. */
export function readQuery<Schema extends z.ZodType>(c: Context, schema: Schema): z.output<Schema> {
  const given = Object.entries(c.req.queries()).map(([name, values]) => [
    name,
    values.length === 1 ? values[0] : values,
  ]);
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (!parsed.success) throw invalidInput(parsed.error, 'query');
  return parsed.data;
}

/** The JSON body of a request. Throws the problem `invalid-input` with every wrong field. */
export async function readBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  let body: unknown;
  try {
    body = JSON.parse(await c.req.text());
  } catch (error) {
    if (error instanceof SyntaxError) throw new ProblemError('invalid-input', 'The body is not JSON.');
    throw error;
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw invalidInput(parsed.error, 'body');
  return parsed.data;
}

/** The ID of the published article in the path. Throws the problem `not-found` when there is none. */
export async function readArticleId(c: Context, db: Database): Promise<number> {
  const slug = readSlug(c);
  const id = await findPublishedId(db, slug);
  if (id === undefined) throw noSuchArticle();
  return id;
}

/** The slug in the path; one that no article can have is `not-found`. */
export function readSlug(c: Context): string {
  const parsed = Slug.safeParse(c.req.param('slug'));
  if (!parsed.success) throw noSuchArticle();
  return parsed.data;
}

export function noSuchArticle(): ProblemError {
  return new ProblemError('not-found', 'There is no article with this slug.');
}
