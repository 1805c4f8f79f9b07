import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines, introspect, tokensFor } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

const shop = {
  version: 1,
  instance: { name: 'Shop sign-in', settings: { password: { minimumLength: 12 } } },
  users: [
    {
      loginName: 'ada@shop.example.com',
      givenName: 'Ada',
      familyName: 'Lovelace',
      email: 'ada@shop.example.com',
      isEmailVerified: true,
      password: 'analytical-engine-1843',
    },
    { kind: 'machine', loginName: 'shop-robot', displayName: 'Robot', accessTokenType: 'jwt' },
  ],
  projects: [
    {
      name: 'Shop',
      roleAssertion: true,
      roles: ['reader', { key: 'editor', displayName: 'Editor', group: 'staff' }],
      applications: [
        { name: 'Web', type: 'user_agent', redirectUris: ['https://shop.example.com/callback'] },
        { name: 'API', type: 'api' },
        { name: 'Keyed API', type: 'api', authMethod: 'private_key_jwt' },
      ],
      grants: [{ organization: 'Partner', roles: ['reader'] }],
      authorizations: [{ user: 'ada@shop.example.com', roles: ['editor', 'reader'] }],
    },
  ],
  organizations: [
    {
      name: 'Partner',
      primaryDomain: 'partner.example.com',
      managers: [{ user: 'ada@shop.example.com', roles: ['ORG_OWNER'] }],
      settings: { password: { minimumLength: 20 } },
    },
  ],
} as const;

interface Planned {
  readonly action: string;
  readonly kind: string;
  readonly path: string;
  readonly changes: readonly { readonly field: string; readonly from: unknown; readonly to: unknown }[];
}

describe.each(engines)('configuration as a file on $engine', ({ engine }) => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
  });
  afterAll(() => world.stop());

  const plan = async (body: object): Promise<readonly Planned[]> =>
    (await world.owner.call('planConfiguration', { body })).data.changes as readonly Planned[]; // cast: the answer was cut to its schema
  const apply = async (document: object) =>
    (await world.owner.call('applyConfiguration', { body: { document } })).data;
  const lines = (changes: readonly Planned[]): readonly string[] =>
    changes.map(({ action, kind, path }) => `${action} ${kind} ${path}`);

  test('planConfiguration: 200 tells everything that would be made, and makes nothing', async () => {
    const first = lines(await plan(shop));
    expect(first).toContain(
      'create application Shop sign-in / Shop / Web'.replace('Shop sign-in', String(await firstName())),
    );
    expect(first).toContain('create organization Partner');
    expect(first.filter((line) => line.startsWith('create')).length).toBeGreaterThanOrEqual(10);
    expect(JSON.stringify(await plan(shop))).not.toContain('analytical-engine');
    expect((await world.owner.call('listProjects', { query: { search: 'Shop' } })).data.items).toEqual([]);
  });

  async function firstName(): Promise<unknown> {
    const path = { organizationId: world.server.organizationId };
    return (await world.owner.call('getOrganization', { path })).data.name;
  }

  test('applyConfiguration: 200 makes it, with secrets once; people sign in and the API is told at once', async () => {
    const { secrets, objects } = await apply(shop);
    const told = secrets as { path: string; clientId: string; clientSecret?: string; keyFile?: object }[]; // cast: the answer was cut to its schema
    expect(told.map(({ path }) => path.split(' / ').at(-1)).sort()).toEqual([
      'API',
      'Keyed API',
      'shop-robot',
    ]);
    expect(told.find(({ path }) => path.endsWith('Keyed API'))?.keyFile).toMatchObject({
      type: 'application',
    });
    const web = (objects as { path: string; clientId: string; id: string }[]).find(({ path }) =>
      path.endsWith('/ Web'),
    ); // cast: as above
    const api = told.find(({ path }) => path.endsWith('/ API'));
    if (web === undefined || api?.clientSecret === undefined)
      throw new Error('the file made no applications');
    const spa = {
      ...{ id: web.id, clientId: web.clientId, type: 'user_agent', authMethod: 'none', clientSecret: '' },
      redirectUri: 'https://shop.example.com/callback',
      project: { id: '', organizationId: '', roleKeys: [] },
    } as const;
    const ada = { id: '', loginName: 'ada@shop.example.com', password: 'analytical-engine-1843' };
    const { accessToken } = await tokensFor(
      world.server,
      spa as never,
      {
        ...ada,
        displayName: 'Ada Lovelace',
      } as never,
    ); // cast: signing in needs name and password alone
    const answer = await introspect(
      world.server,
      { clientId: api.clientId, clientSecret: api.clientSecret },
      accessToken,
    );
    expect(answer).toMatchObject({ active: true, username: 'ada@shop.example.com' });
    expect(JSON.stringify(answer)).toContain('editor');
  });

  test('applied again, nothing changes; a changed file tells old and new values', async () => {
    expect(await plan(shop)).toEqual([]);
    const changed = structuredClone(shop) as unknown as {
      projects: { applications: { redirectUris?: string[] }[] }[];
    }; // cast: the copy is changed below
    const [web] = changed.projects[0]?.applications ?? [];
    web?.redirectUris?.push('https://shop.example.com/other');
    expect(await plan(changed)).toMatchObject([
      {
        action: 'change',
        kind: 'application',
        changes: [
          {
            field: 'redirectUris',
            from: ['https://shop.example.com/callback'],
            to: ['https://shop.example.com/callback', 'https://shop.example.com/other'],
          },
        ],
      },
    ]);
  });

  test('applyConfiguration: invalid-input, conflict: every problem is told with its place and nothing is applied', async () => {
    const broken = {
      version: 1,
      projects: [
        {
          name: 'Broken',
          roles: ['reader'],
          applications: [{ name: 'Web', type: 'user_agent', redirectUris: ['javascript:alert(1)'] }],
          authorizations: [
            { user: 'nobody@shop.example.com', roles: ['reader'] },
            { user: 'ada@shop.example.com', roles: ['owner'] },
          ],
        },
      ],
    };
    const problem = await world.owner.refused('applyConfiguration', { body: { document: broken } });
    expect(problem.code).toBe('invalid-input');
    const pointers = (problem.errors ?? []).map(({ pointer }) => pointer);
    expect(pointers.some((pointer) => pointer.startsWith('/projects/0/applications/0'))).toBe(true);
    expect(pointers).toContain('/projects/0/authorizations/0/user');
    expect(pointers.some((pointer) => pointer.startsWith('/projects/0/authorizations/1'))).toBe(true);
    expect((await world.owner.call('listProjects', { query: { search: 'Broken' } })).data.items).toEqual([]);
    const taken = {
      version: 1,
      projects: [
        { name: 'Taken', applications: [{ name: 'Web', type: 'web', clientId: 'shop-web' }] },
        { name: 'Taken too', applications: [{ name: 'Web', type: 'web', clientId: 'shop-web' }] },
      ],
    };
    expect(await world.owner.refused('applyConfiguration', { body: { document: taken } })).toMatchObject({
      code: 'conflict',
    });
    expect((await world.owner.call('listProjects', { query: { search: 'Taken' } })).data.items).toEqual([]);
  });

  test('planConfiguration: invalid-input for unknown fields, conflict for a client id that is taken', async () => {
    const unknown = await world.owner.refused('planConfiguration', { body: { version: 1, project: [] } });
    expect(unknown).toMatchObject({ code: 'invalid-input', errors: [{ pointer: '/project' }] });
    const twice = ['A', 'B'].map((name) => ({
      name,
      applications: [{ name, type: 'web', clientId: 'same-client' }],
    }));
    const problem = await world.owner.refused('planConfiguration', { body: { version: 1, projects: twice } });
    expect(problem).toMatchObject({ code: 'conflict' });
  });

  test('applyConfiguration: 200 with the digest of its plan; conflict when things have changed since', async () => {
    const document = { version: 1, projects: [{ name: 'Digested', roles: ['one'] }] };
    const { digest } = (await world.owner.call('planConfiguration', { body: document })).data;
    await world.owner.call('createProject', { body: { name: 'Digested' } });
    expect(await world.owner.refused('applyConfiguration', { body: { document, digest } })).toMatchObject({
      code: 'conflict',
    });
    const fresh = (await world.owner.call('planConfiguration', { body: document })).data.digest;
    const { data } = await world.owner.call('applyConfiguration', { body: { document, digest: fresh } });
    expect(data.changes).toMatchObject([{ kind: 'role' }]);
  });

  test('prune removes what the lists that are given lack, and nothing else', async () => {
    await apply({
      version: 1,
      projects: [{ name: 'Pruned', roles: ['a', 'b'], applications: [{ name: 'Old', type: 'api' }] }],
    });
    const document = { version: 1, organizations: [], projects: [{ name: 'Pruned', roles: ['a'] }] };
    expect(await plan(document)).toEqual([]);
    const pruned = lines(await plan({ ...document, prune: true }));
    expect(pruned.some((line) => line.startsWith('delete role') && line.endsWith('/ b'))).toBe(true);
    expect(pruned.some((line) => line.startsWith('delete application'))).toBe(false);
    expect(pruned.some((line) => line.startsWith('delete project'))).toBe(true);
  });

  test('what is inactive stays so, on a server the export is applied to as well; metadata is text or bytes', async () => {
    const document = {
      version: 1,
      metadata: { 'support level': 'gold' },
      managers: [{ user: 'ada@shop.example.com', roles: ['ORG_USER_MANAGER'] }],
      users: [
        {
          loginName: 'ada@shop.example.com',
          metadata: { seal: { base64: '/wD+' }, motto: 'Füge zusammen', 'a/b': '' },
        },
      ],
      projects: [
        {
          name: 'Shop',
          roles: ['reader', { key: 'editor', displayName: 'Editor', group: 'staff' }],
          applications: [{ name: 'API', type: 'api', state: 'inactive' }],
          grants: [{ organization: 'Partner', roles: ['reader'], state: 'inactive' }],
          authorizations: [{ user: 'ada@shop.example.com', roles: ['editor', 'reader'], state: 'inactive' }],
        },
        {
          name: 'Closed',
          state: 'inactive',
          applications: [{ name: 'Old', type: 'api', state: 'inactive' }],
        },
      ],
      organizations: [{ name: 'Dormant', state: 'inactive', projects: [{ name: 'Asleep' }] }],
    };
    const first = await firstName();
    const before = lines(await plan(document));
    for (const line of [
      ...[`change organization ${first}`, `change user ${first} / ada@shop.example.com`],
      ...[`change application ${first} / Shop / API`, `change grant ${first} / Shop / Partner`],
      ...[`change authorization ${first} / Shop / ada@shop.example.com`, `change project ${first} / Closed`],
      ...['create organization Dormant', 'change organization Dormant'],
    ])
      expect(before).toContain(line);
    await apply(document);
    expect(await plan(document)).toEqual([]);
    const { data } = await world.owner.call('exportConfiguration');
    expect(data).toMatchObject({ metadata: document.metadata });
    expect(data.users).toContainEqual(expect.objectContaining(document.users[0]));
    expect(data.projects).toContainEqual(expect.objectContaining({ name: 'Closed', state: 'inactive' }));
    const told = JSON.stringify(data);
    for (const part of [
      '"type":"api","state":"inactive"',
      '{"organization":"Partner","roles":["reader"],"state":"inactive"}',
      '{"user":"ada@shop.example.com","roles":["editor","reader"],"state":"inactive"}',
    ])
      expect(told).toContain(part);
    expect(data.organizations).toContainEqual(
      expect.objectContaining({ name: 'Dormant', state: 'inactive' }),
    );
    const back = { version: 1, projects: [{ name: 'Closed', state: 'active' }] };
    expect(lines(await plan(back))).toEqual([`change project ${first} / Closed`]);
    const wrong = { version: 1, metadata: { seal: { base64: 'not base64!' } } };
    expect(await world.owner.refused('planConfiguration', { body: wrong })).toMatchObject({
      code: 'invalid-input',
    });
  });

  test('exportConfiguration: 200; applied to an empty server it exports the same again; invalid-input', async () => {
    const { data } = await world.owner.call('exportConfiguration');
    const told = JSON.stringify(data);
    expect(told).not.toMatch(/lk_sec_|argon2|"id"|latchkey-console/);
    const empty = await startManagementWorld(engine);
    try {
      // The callers of the tests are machines of their own in each world.
      const mine = (document: Record<string, unknown>) => {
        const text = JSON.stringify(document, (key, value: unknown) =>
          ['users', 'managers', 'organizations'].includes(key) && Array.isArray(value)
            ? value.filter((each) => !/robot-|org-|IAM_OWNER/.test(JSON.stringify(each)))
            : value,
        );
        return JSON.parse(text) as Record<string, unknown>; // cast: it was an object
      };
      const document = mine(data);
      await empty.owner.call('applyConfiguration', { body: { document } });
      const again = await empty.owner.call('exportConfiguration');
      expect(mine(again.data)).toEqual(document);
    } finally {
      await empty.stop();
    }
    expect(await world.owner.refused('exportConfiguration', { query: { users: 'some' } })).toMatchObject({
      code: 'invalid-input',
    });
  });

  test('exportConfiguration: conflict with more people than a file should hold, and how to go on', async () => {
    const { db } = world.server.store;
    const now = world.server.clock.now();
    const row = (index: number) => ({
      instanceId: world.server.instanceId,
      id: `9${String(index).padStart(9, '0')}`,
      organizationId: world.server.organizationId,
      kind: 'human' as const,
      loginName: `many-${index}`,
      loginNameCanonical: `many-${index}`,
      displayName: `Many ${index}`,
      createdAtMs: now,
      updatedAtMs: now,
    });
    for (let from = 0; from < 11_000; from += 1000)
      await db
        .insertInto('users')
        .values(Array.from({ length: 1000 }, (_, index) => row(from + index)))
        .execute();
    const problem = await world.owner.refused('exportConfiguration');
    expect(problem).toMatchObject({ code: 'conflict', detail: expect.stringContaining('users=machines') });
    expect(
      (await world.owner.call('exportConfiguration', { query: { users: 'machines' } })).data.version,
    ).toBe(1);
  }, 60_000);
});
