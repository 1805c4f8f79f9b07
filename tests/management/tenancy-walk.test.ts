import { apiRoutes, type Operation, type OperationId, operations } from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tokensFor } from '../flows/flow-world.ts';
import { audienceScope } from '../flows/shop-world.ts';
import { canariesOf, type PlantedOrganization, plantOrganization } from './canaries.ts';
import { type ApiCaller, type ManagementWorld, startManagementWorld } from './management-world.ts';

const reads = Object.entries(operations)
  .map(([id, operation]) => [id as OperationId, operation as Operation] as const) // cast: the keys of the operations are their ids
  .filter(([id]) => apiRoutes[id][0] === 'GET');

/** Paths of an operation: with the ids of each organization, and with each parent under the child of the other. */
function pathsOf(id: OperationId, planted: readonly PlantedOrganization[]): readonly string[] {
  const template = apiRoutes[id][1];
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  return names.reduce<readonly string[]>(
    (paths, name) =>
      paths.flatMap((path) =>
        planted.map(({ estate, organizationId }) => {
          const value = name === 'organizationId' ? organizationId : estate.parameter(id, name);
          return path.replace(`{${name}}`, encodeURIComponent(value));
        }),
      ),
    [template],
  );
}

/** Queries of an operation: every word of an order or filter, every id of the organizations, every beginning of a name. */
function queriesOf(
  id: OperationId,
  operation: Operation,
  planted: readonly PlantedOrganization[],
): readonly string[] {
  if (operation.query === undefined) return [''];
  const { properties = {} } = operation.query.toJSONSchema({ io: 'input', unrepresentable: 'any' });
  const values = (name: string, schema: unknown): readonly string[] => {
    if (typeof schema === 'object' && schema !== null && 'enum' in schema && Array.isArray(schema.enum))
      return schema.enum.map(String);
    const ids = planted.map(({ estate, organizationId }) =>
      name === 'organizationId' ? organizationId : estate.parameter(id, name),
    );
    if (/^(objectId|actorId)$/.test(name))
      return planted.flatMap(({ organizationId, estate }) => [organizationId, ...estate.ids]);
    if (/Id$/.test(name)) return ids;
    if (/^(from|asOf)$/.test(name)) return ['2020-01-01T00:00:00Z'];
    if (name === 'to') return ['2099-01-01T00:00:00Z'];
    if (name === 'type') return ['user.', 'session.', 'organization.created', 'token.refused'];
    if (name === 'search') return ['canary', 'estate', 'robot', ''];
    if (name === 'objectKind') return ['user', 'organization', 'session', 'application', 'project'];
    return name === 'limit' ? ['1', '200'] : [];
  };
  const single = Object.entries(properties).flatMap(([name, schema]) =>
    values(name, schema).map((value) => `?${name}=${encodeURIComponent(value)}`),
  );
  return ['', ...single];
}

describe('tenancy, over every operation that reads', () => {
  let world: ManagementWorld;
  let ours: PlantedOrganization;
  let theirs: PlantedOrganization;
  let canaries: readonly string[];
  /** What a project grant is meant to show. */
  let lent: readonly string[];
  beforeAll(async () => {
    world = await startManagementWorld('pglite');
    ours = await plantOrganization(world, 'ours');
    theirs = await plantOrganization(world, 'theirs');
    // Whoever knows the id of a foreign project may ask for it, and sees in the timeline of the sign-in what they asked for.
    const { project } = theirs;
    await tokensFor(world.server, ours.spa, ours.person, `openid ${audienceScope(project)}`);
    lent = await lendProject();
    // Refusals are noted in the background.
    await world.owner.call('listEvents');
    canaries = (await canariesOf(world.server, theirs.organizationId)).filter((text) => text !== project.id);
  }, 120_000);
  afterAll(() => world?.stop());

  async function lendProject(): Promise<readonly string[]> {
    const { owner } = world;
    const { organizationId } = theirs;
    const roles = [
      { key: 'canary-lent-role', displayName: 'canary-lent-role-name' },
      { key: 'canary-kept-role' },
    ];
    const body = { organizationId, name: 'canary-lent-project', roles };
    const { data: project } = await owner.call('createProject', { body });
    const { data: grant } = await owner.call('createProjectGrant', {
      path: { projectId: String(project.id) },
      body: { organizationId: ours.organizationId, roleKeys: ['canary-lent-role'] },
    });
    const { data: organization } = await owner.call('getOrganization', { path: { organizationId } });
    return [
      String(project.id),
      String(grant.id),
      String(organization.name),
      organizationId,
      body.name,
      'canary-lent-role',
      'canary-lent-role-name',
    ];
  }

  interface Seen {
    readonly found: Set<string>;
    readonly leaks: string[];
    asked: number;
  }

  /** Asks once, with every page that follows, and looks for canaries in all that comes back. */
  async function ask(
    caller: ApiCaller,
    method: string,
    address: string,
    seen: Seen,
    body?: unknown,
  ): Promise<void> {
    let path = address;
    for (let pages = 0; pages < 40; pages += 1) {
      const answer = await caller.send(method, path, body === undefined ? {} : { body });
      const text = `${JSON.stringify([...answer.headers])} ${await answer.text()}`;
      const sent = `${decodeURIComponent(path)} ${JSON.stringify(body ?? '')}`;
      seen.asked += 1;
      for (const canary of canaries.filter((each) => text.includes(each) && !sent.includes(each))) {
        seen.found.add(canary);
        seen.leaks.push(`${method} ${path}: ${canary}`);
      }
      const [, cursor] = /"nextCursor":"([^"]+)"/.exec(text) ?? [];
      if (cursor === undefined) return;
      path = `${address}${address.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
    }
  }

  async function walk(caller: ApiCaller): Promise<Seen> {
    const seen: Seen = { found: new Set(), leaks: [], asked: 0 };
    const planted = [ours, theirs];
    for (const [id, operation] of reads)
      for (const path of pathsOf(id, planted))
        for (const query of queriesOf(id, operation, planted)) await ask(caller, 'GET', path + query, seen);
    for (const { accessToken } of planted)
      for (const { apiClientId } of planted)
        await ask(caller, 'POST', '/tokens/explain', seen, { token: accessToken, clientId: apiClientId });
    // The stories of all sign-ins there are, by the ids an owner sees.
    const { data } = await world.owner.call('listSignIns', { query: { limit: 200 } });
    for (const { id } of data.items as readonly { id: string }[]) // cast: the answer was cut to its schema
      await ask(caller, 'GET', `/sign-ins/${encodeURIComponent(id)}`, seen);
    return seen;
  }

  const at = (kind: 'organization' | 'project' | 'project-grant') => ({
    kind,
    id: kind === 'organization' ? ours.organizationId : ours.estate.managed(kind),
    organizationId: ours.organizationId,
  });

  test('an owner of the instance is shown what was planted, so that the walk could find it', async () => {
    const { found, asked } = await walk(world.owner);
    const hidden = canaries.filter((canary) => /canary/.test(canary) && !found.has(canary));
    expect(hidden).toEqual([]);
    expect(asked).toBeGreaterThan(300);
    expect(found.size).toBeGreaterThan(40);
  }, 300_000);

  test.each([
    ['ORG_OWNER', 'organization'],
    ['ORG_OWNER_VIEWER', 'organization'],
    ['ORG_USER_MANAGER', 'organization'],
    ['PROJECT_OWNER', 'project'],
    ['PROJECT_GRANT_OWNER', 'project-grant'],
  ] as const)(
    '%s of one organization is shown no id, name or address of another, whatever they ask for',
    async (role, kind) => {
      const { leaks, asked } = await walk(await world.callerWith([role], at(kind)));
      expect(leaks.filter((leak) => !lent.some((text) => leak.endsWith(`: ${text}`)))).toEqual([]);
      expect(asked).toBeGreaterThan(100);
    },
    300_000,
  );
});
