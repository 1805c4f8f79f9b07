import {
  apiRoutes,
  type ManagedLevel,
  type ManagerRole,
  managerRoles,
  type Operation,
  type OperationId,
  operations,
} from '@latchkey/contract';
import type { PlainCall } from '@latchkey/contract/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiCaller, type ManagementWorld, startManagementWorld } from './management-world.ts';
import { type Estate, seedEstate } from './seeded-estate.ts';

interface Row {
  readonly id: OperationId;
  readonly operation: Operation;
}

const rows: readonly Row[] = Object.entries(operations).map(([id, operation]) => ({
  id: id as OperationId, // cast: the keys of the operations are their ids
  operation,
}));

/** A call of an operation on the objects of an estate; ids in its example are exchanged for theirs. */
function callOn(estate: Estate, { id, operation }: Row): PlainCall {
  const names = [...apiRoutes[id][1].matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const path = Object.fromEntries(names.map((name) => [name, estate.parameter(id, name)]));
  // A parent that may be left out is the caller's own; here it is the estate's.
  const { target } = operation;
  const parent = target.kind === 'parent' ? { [target.name]: estate.parameter(id, target.name) } : {};
  const body =
    operation.body === undefined
      ? {}
      : { body: { ...Object(estate.fill(operation.example ?? {})), ...parent } };
  return { path, ...body };
}

interface Outcome {
  readonly status: number;
  readonly code?: string;
  readonly items?: readonly unknown[];
}

async function attempt(caller: ApiCaller, row: Row, call: PlainCall): Promise<Outcome> {
  const path = apiRoutes[row.id][1].replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(call.path?.[name])),
  );
  const query = row.id === 'getUsage' ? '?metric=sign-ins' : '';
  const answer = await caller.send(apiRoutes[row.id][0], path + query, {
    ...(call.body === undefined ? {} : { body: call.body }),
    // Nothing an allowed caller asks for here is carried out on a versioned object.
    headers: { 'if-match': '"no-such-version"' },
  });
  const text = await answer.text();
  const body: { code?: string; items?: unknown[] } = text === '' ? {} : JSON.parse(text);
  return { status: answer.status, ...body };
}

const isChecked = ({ operation }: Row): boolean => operation.target.kind !== 'caller';
const isList = ({ id, operation }: Row): boolean =>
  operation.target.kind === 'reachable' && id.startsWith('list');
const isRefusal = ({ status }: Outcome): boolean => status === 403 || status === 404;

describe('permission and tenancy, over every operation', () => {
  let world: ManagementWorld;
  let estate: Estate;
  let foreign: Estate;
  beforeAll(async () => {
    world = await startManagementWorld('pglite');
    estate = await seedEstate(world, world.server.organizationId);
    foreign = await seedEstate(world, world.otherOrganizationId);
  }, 60_000);
  afterAll(() => world.stop());

  async function failures(
    wanted: readonly Row[],
    judge: (row: Row) => Promise<string | undefined>,
  ): Promise<readonly string[]> {
    const found: string[] = [];
    for (const row of wanted) {
      const problem = await judge(row);
      if (problem !== undefined) found.push(`${row.id}: ${problem}`);
    }
    return found;
  }

  test('every operation on an object answers its owner with something else than 403 and 404', async () => {
    const objects = rows.filter(
      (row) => row.operation.target.kind === 'object' && apiRoutes[row.id][0] === 'GET',
    );
    const found = await failures(objects, async (row) => {
      const outcome = await attempt(world.owner, row, callOn(estate, row));
      return outcome.status < 300 ? undefined : `${outcome.status} ${outcome.code}`;
    });
    expect(found).toEqual([]);
  });

  test('somebody without any manager role is told 403 or 404, and their lists are empty', async () => {
    const nobody = await world.callerWith([]);
    const found = await failures(rows.filter(isChecked), async (row) => {
      const outcome = await attempt(nobody, row, callOn(estate, row));
      if (isList(row)) return outcome.items?.length === 0 ? undefined : `${outcome.status} with items`;
      return isRefusal(outcome) ? undefined : String(outcome.status);
    });
    expect(found).toEqual([]);
  });

  test('the owner of another organization is told 404 for every object, as if it did not exist', async () => {
    const stranger = await world.callerWith(['ORG_OWNER'], {
      kind: 'organization',
      id: world.otherOrganizationId,
      organizationId: world.otherOrganizationId,
    });
    const objects = rows.filter(
      ({ operation: { target } }) => target.kind === 'object' || target.kind === 'parent',
    );
    const found = await failures(objects, async (row) => {
      const outcome = await attempt(stranger, row, callOn(estate, row));
      return outcome.status === 404 ? undefined : String(outcome.status);
    });
    expect(found).toEqual([]);
    const lists = await failures(rows.filter(isList), async (row) => {
      const { items = [] } = await attempt(stranger, row, callOn(estate, row));
      const told = JSON.stringify(items);
      // The project is lent to this organization, which is told so in its own log.
      const known = row.id === 'listEvents' ? estate.parameter('getProject', 'projectId') : undefined;
      const leaked = estate.ids.filter((id) => id !== known && told.includes(`"${id}"`));
      return leaked.length === 0 ? undefined : `shows ${leaked.join(', ')}`;
    });
    expect(lists).toEqual([]);
  });

  test('a child named under another parent is 404, for its owner as well', async () => {
    const children = rows.filter(
      ({ id, operation }) =>
        operation.target.kind === 'object' && (apiRoutes[id][1].match(/\{/g)?.length ?? 0) > 1,
    );
    const found = await failures(children, async (row) => {
      const own = callOn(estate, row);
      const { target } = row.operation;
      if (target.kind !== 'object' || row.id.startsWith('set')) return undefined;
      const parent = estate.parameter(row.id, target.name);
      const other = foreign.parameter(row.id, target.name);
      const path = Object.fromEntries(
        Object.entries(own.path ?? {}).map(([name, value]) => [name, value === parent ? other : value]),
      );
      // Where a child is named by a word both parents know, it is a child of the other as well.
      const outcome = await attempt(world.owner, row, { ...own, path });
      return outcome.status === 404 ? undefined : String(outcome.status);
    });
    expect(found).toEqual([]);
  });

  test('the owner of another instance is no one here: their token is 401, their ids are 404', async () => {
    const other = await world.server.addInstance('tenant');
    const elsewhere = await world.callerOf(other, ['IAM_OWNER']);
    const here = await failures(rows, async (row) => {
      const path = apiRoutes[row.id][1].replace(/\{(\w+)\}/g, '1');
      const answer = await world.server.fetch(`/api/v1${path}`, {
        method: apiRoutes[row.id][0],
        headers: { authorization: `Bearer ${elsewhere.token}` },
      });
      return answer.status === 401 ? undefined : String(answer.status);
    });
    expect(here).toEqual([]);
    const objects = rows.filter(({ operation: { target } }) => target.kind === 'object');
    const there = await failures(objects, async (row) => {
      const outcome = await attempt(elsewhere, row, callOn(estate, row));
      return outcome.status === 404 ? undefined : String(outcome.status);
    });
    expect(there).toEqual([]);
  });

  const levels: readonly ManagedLevel[] = ['instance', 'organization', 'project', 'project-grant'];
  const roles = Object.entries(managerRoles).map(([name, role]) => ({ name, role: role as ManagerRole })); // cast: widens the constants

  test.each(roles)(
    '$name: what the role does not allow is refused and nothing else',
    async ({ name, role }) => {
      expect(levels).toContain(role.level);
      const at = { kind: role.level, id: estate.managed(role.level) };
      const caller = await world.callerWith([name], at);
      const objects = rows.filter(({ operation: { target, permission } }) => {
        const reaches = target.kind === 'object' || (target.kind === 'instance' && role.level === 'instance');
        return reaches && permission !== 'any';
      });
      const found = await failures(objects, async (row) => {
        const { permission, target } = row.operation;
        const allowed =
          permission !== 'any' &&
          role.permissions.includes(permission) &&
          (target.kind === 'instance' ||
            estate.covers(role.level, target.kind === 'object' ? target.object : 'organization'));
        if (allowed) {
          // Only what changes nothing is tried; whoever may write has the tests of the operation.
          if (apiRoutes[row.id][0] !== 'GET') return undefined;
          const outcome = await attempt(caller, row, callOn(estate, row));
          return outcome.status < 300 ? undefined : `allowed, but ${outcome.status} ${outcome.code}`;
        }
        const outcome = await attempt(caller, row, callOn(estate, row));
        return isRefusal(outcome) ? undefined : `not allowed, but ${outcome.status}`;
      });
      expect(found).toEqual([]);
    },
  );
});
