import type { apiRoutes, OperationId } from '@latchkey/contract';
import { ApiProblem } from '@latchkey/contract/client';
import { z } from 'zod';
import type { ApiSession } from './api-session.ts';
import { referenceOf } from './command-options.ts';
import { CommandProblem } from './exit-codes.ts';

const page = z.object({
  items: z.array(z.looseObject({ id: z.string() })),
  nextCursor: z.string().optional(),
});

interface Lookup {
  readonly list: OperationId & keyof typeof apiRoutes;
  readonly get: OperationId & keyof typeof apiRoutes;
  /** Of the path of `get`. */
  readonly parameter: string;
  /** What it may be called, the most telling first. */
  readonly names: readonly string[];
}

const lists = {
  user: { list: 'listUsers', get: 'getUser', parameter: 'userId', names: ['loginName', 'email'] },
  project: { list: 'listProjects', get: 'getProject', parameter: 'projectId', names: ['name'] },
  application: {
    list: 'listApplications',
    get: 'getApplication',
    parameter: 'applicationId',
    names: ['clientId', 'name'],
  },
  organization: {
    list: 'listOrganizations',
    get: 'getOrganization',
    parameter: 'organizationId',
    names: ['name', 'primaryDomain'],
  },
} as const satisfies Readonly<Record<string, Lookup>>;

/** Every item of a list, page by page. */
export async function allItems(
  session: ApiSession,
  id: OperationId,
  input: {
    readonly path?: Readonly<Record<string, unknown>>;
    readonly query?: Readonly<Record<string, unknown>>;
  },
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const found: Readonly<Record<string, unknown>>[] = [];
  const answer = z.object({
    items: z.array(z.record(z.string(), z.unknown())),
    nextCursor: z.string().optional(),
  });
  let cursor: string | undefined;
  do {
    const query = { limit: 200, ...input.query, ...(cursor === undefined ? {} : { cursor }) };
    const { items, nextCursor } = answer.parse((await session.call(id, { ...input, query })).data);
    found.push(...items);
    cursor = nextCursor;
  } while (cursor !== undefined);
  return found;
}

async function isId(session: ApiSession, kind: keyof typeof lists, text: string): Promise<boolean> {
  const { get, parameter } = lists[kind];
  try {
    await session.call(get, { path: { [parameter]: text } });
    return true;
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    return error.problem.status !== 404;
  }
}

/**
 * The id of what a path parameter or field names: an id, or else a login name, client id or name, which may be digits too.
 * Throws `CommandProblem` when nothing or more than one thing has the name.
 */
export async function resolveId(session: ApiSession, field: string, text: string): Promise<string> {
  const kind = referenceOf(field);
  if (kind === undefined) return text;
  // An id is what it is, whatever somebody calls something of theirs.
  const isDigits = /^[0-9]+$/.test(text);
  if (isDigits && (await isId(session, kind, text))) return text;
  const { list, names } = lists[kind];
  const { items } = page.parse((await session.call(list, { query: { search: text, limit: 200 } })).data);
  const wanted = text.toLowerCase();
  for (const name of names) {
    const same = items.filter((item) => String(item[name]).toLowerCase() === wanted);
    const [only] = same;
    if (only === undefined) continue;
    if (same.length === 1) return only.id;
    const candidates = same.map((item) => `  ${item.id}  ${String(item[name])}`).join('\n');
    throw new CommandProblem('usage', `Several are called ${text}; give an id:\n${candidates}`);
  }
  // It may be the id of something the caller may name, though not read.
  if (isDigits) return text;
  throw new CommandProblem('notFound', `There is no ${kind} ${text}, or not for you.`);
}
