import type { apiRoutes, OperationId } from '@latchkey/contract';
import { z } from 'zod';
import type { ApiSession } from './api-session.ts';
import { referenceOf } from './command-options.ts';
import { CommandProblem } from './exit-codes.ts';

const page = z.object({
  items: z.array(z.looseObject({ id: z.string() })),
  nextCursor: z.string().optional(),
});
const lists = {
  user: ['listUsers', ['loginName', 'email']],
  project: ['listProjects', ['name']],
  application: ['listApplications', ['clientId', 'name']],
  organization: ['listOrganizations', ['name', 'primaryDomain']],
} as const satisfies Readonly<
  Record<string, readonly [OperationId & keyof typeof apiRoutes, readonly string[]]>
>;

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

/**
 * The id of what a path parameter or field names: digits are an id, anything else a login name, client id or name. Throws
 * `CommandProblem` when nothing or more than one thing has the name.
 */
export async function resolveId(session: ApiSession, field: string, text: string): Promise<string> {
  const kind = referenceOf(field);
  if (kind === undefined || /^[0-9]+$/.test(text)) return text;
  const [list, names] = lists[kind];
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
  throw new CommandProblem('notFound', `There is no ${kind} ${text}, or not for you.`);
}
