import { seedApplication, seedProject, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines, signIn } from '../flows/flow-world.ts';
import { registered, textOf, usualMetadata } from '../flows/registration-world.ts';
import { audienceScope } from '../flows/shop-world.ts';
import { type ApiCaller, type ManagementWorld, startManagementWorld } from './management-world.ts';

const addresses = { type: 'web', redirectUris: ['https://web.example.com/callback'] } as const;

describe.each(engines)('who may obtain tokens, as it is administered on $engine', ({ engine }) => {
  let world: ManagementWorld;
  let projectId: string;
  let organizationOwner: ApiCaller;
  let projectOwner: ApiCaller;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
    const { server } = world;
    projectId = (await seedProject(server)).id;
    const { organizationId } = server;
    organizationOwner = await world.callerWith(['ORG_OWNER'], { kind: 'organization', id: organizationId });
    projectOwner = await world.callerWith(['PROJECT_OWNER'], { kind: 'project', id: projectId });
  });
  afterAll(() => world.stop());

  async function create(more: object, by = world.owner): Promise<string> {
    const body = { projectId, name: `App ${Math.random()}`, ...addresses, ...more };
    return String((await by.call('createApplication', { body })).data.id);
  }

  test('createApplication, updateApplication: 403 forbidden for isManagementClient without instance.write', async () => {
    const plain = await create({});
    for (const caller of [organizationOwner, projectOwner, await world.callerWith(['IAM_ORG_MANAGER'])]) {
      const body = { projectId, name: 'Marked', ...addresses, isManagementClient: true };
      const forbidden = { code: 'forbidden', permission: 'instance.write' };
      expect(await caller.refused('createApplication', { body })).toMatchObject(forbidden);
      const path = { applicationId: plain };
      expect(
        await caller.refused('updateApplication', { path, body: { isManagementClient: true } }),
      ).toMatchObject(forbidden);
    }
    const { data } = await world.owner.call('getApplication', { path: { applicationId: plain } });
    expect(data).toMatchObject({ isManagementClient: false });
  });

  test('nobody below the instance changes an application with access to the management API, or its credentials', async () => {
    const path = { applicationId: await create({ isManagementClient: true }) };
    const attempts = [
      ['updateApplication', { redirectUris: ['https://attacker.example.com/callback'] }],
      ['updateApplication', { isManagementClient: false }],
      ['updateApplication', { name: 'Renamed' }],
      ['createApplicationSecret', { overlapSeconds: 0 }],
      ['createApplicationKey', {}],
      ['activateApplication', undefined],
    ] as const;
    for (const caller of [organizationOwner, projectOwner])
      for (const [operation, body] of attempts)
        expect([
          operation,
          await caller.refused(operation, { path, ...(body === undefined ? {} : { body }) }),
        ]).toMatchObject([operation, { code: 'forbidden', permission: 'instance.write' }]);
    const body = { redirectUris: ['https://other.example.com/callback'] };
    expect((await world.owner.call('updateApplication', { path, body })).data).toMatchObject(body);
    // Less is always possible.
    expect((await projectOwner.call('deactivateApplication', { path })).data).toMatchObject({
      state: 'inactive',
    });
    await projectOwner.call('removeApplication', { path });
    expect(await world.owner.refused('getApplication', { path })).toMatchObject({ code: 'not-found' });
  });

  test('updateApplication: 200 without isManagementClient ends what the application was issued', async () => {
    const { server } = world;
    const project = await seedProject(server);
    const app = await seedApplication(server, project, { type: 'web', isManagementClient: true });
    const user = await seedUser(server);
    const scope = `openid ${audienceScope({ id: 'zitadel' })}`;
    const { flow, code } = await signIn(server, app, user, { params: { scope } });
    const answer = await server.fetch('/oauth/v2/token', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')}`,
      },
      body: new URLSearchParams({
        ...{ grant_type: 'authorization_code', code },
        ...{ redirect_uri: app.redirectUri, code_verifier: flow.verifier },
      }).toString(),
    });
    const { access_token } = (await answer.json()) as { access_token: string };
    const me = async () =>
      (await server.fetch('/api/v1/me', { headers: { authorization: `Bearer ${access_token}` } })).status;
    expect(await me()).toBe(200);
    const path = { applicationId: app.id };
    await world.owner.call('updateApplication', { path, body: { isManagementClient: false } });
    await expect.poll(me, { interval: 10, timeout: 5000 }).toBe(401);
  });

  test('updateApplication: 409 conflict for the management API and an application that registered itself', async () => {
    const features = { dynamicRegistration: 'open' };
    await world.owner.call('updateInstanceSettings', { body: { features } });
    const client = await registered(world.server, usualMetadata);
    const list = await world.owner.call('listApplications', {
      query: { search: textOf(client, 'client_id') },
    });
    const [found] = list.data.items as readonly { readonly id: string }[]; // cast: the answer was cut to its schema
    const path = { applicationId: found?.id ?? '' };
    expect(
      await world.owner.refused('updateApplication', { path, body: { isManagementClient: true } }),
    ).toMatchObject({ code: 'conflict', errors: [{ pointer: '/isManagementClient' }] });
    const marked = await registered(world.server, { ...usualMetadata, isManagementClient: true });
    const { data } = await world.owner.call('listApplications', {
      query: { search: textOf(marked, 'client_id') },
    });
    const [second] = data.items as readonly { readonly id: string }[]; // cast: the answer was cut to its schema
    expect(
      (await world.owner.call('getApplication', { path: { applicationId: second?.id ?? '' } })).data,
    ).toMatchObject({ isManagementClient: false });
  });

  test('createProject, updateProject: 200 with the lists, each entry once; 400 invalid-input for what does not exist', async () => {
    const { otherOrganizationId, server } = world;
    const project = await seedProject({ ...server, organizationId: otherOrganizationId });
    const foreign = await seedApplication({ ...server, organizationId: otherOrganizationId }, project, {
      type: 'api',
    });
    const lists = {
      allowedClientIds: [foreign.clientId, 'https://client.example.com/metadata.json', foreign.clientId],
      allowedOrganizationIds: [otherOrganizationId],
      isOpenToThirdParties: true,
    };
    const allowedClientIds = lists.allowedClientIds.slice(0, 2);
    const body = { name: 'Listed', organizationId: server.organizationId, ...lists };
    const { data } = await organizationOwner.call('createProject', { body });
    expect(data).toMatchObject({ ...lists, allowedClientIds });
    const path = { projectId };
    const unknown = { allowedClientIds: [foreign.clientId, '404'], allowedOrganizationIds: ['404'] };
    expect(await projectOwner.refused('updateProject', { path, body: unknown })).toMatchObject({
      code: 'invalid-input',
      errors: [{ pointer: '/allowedClientIds/1' }, { pointer: '/allowedOrganizationIds/0' }],
    });
    expect((await projectOwner.call('updateProject', { path, body: lists })).data).toMatchObject({
      ...lists,
      allowedClientIds,
    });
    const { data: events } = await world.owner.call('listEvents', {
      query: { objectId: projectId, type: 'project.changed' },
    });
    expect(events.items).toMatchObject([
      {
        detail: {
          from: { allowedClientIds: [], allowedOrganizationIds: [], isOpenToThirdParties: false },
          to: { allowedClientIds },
        },
      },
    ]);
    // An application that is removed stays in a list until somebody takes it out, and its client ID is given to nobody.
    await world.owner.call('removeApplication', { path: { applicationId: foreign.id } });
    expect(
      (await projectOwner.call('updateProject', { path, body: { ...lists, name: 'Renamed' } })).data,
    ).toMatchObject({ name: 'Renamed', allowedClientIds });
  });

  test('applyConfiguration: who may obtain tokens is found by name, applied once, exported and applied again', async () => {
    const document = {
      version: 1,
      projects: [
        {
          name: 'Audience file',
          applications: [{ name: 'API', type: 'api' }],
          allowedApplications: [{ organization: 'File partner', project: 'Portal', application: 'Web' }],
          allowedOrganizations: ['File partner'],
          isOpenToThirdParties: true,
        },
      ],
      organizations: [
        {
          name: 'File partner',
          projects: [
            { name: 'Portal', applications: [{ name: 'Web', ...addresses, isManagementClient: true }] },
          ],
        },
      ],
    };
    const apply = async (wanted: object) =>
      (await world.owner.call('applyConfiguration', { body: { document: wanted } })).data;
    expect(await apply(document)).toMatchObject({
      changes: expect.arrayContaining([
        expect.objectContaining({
          action: 'change',
          kind: 'project',
          path: expect.stringContaining('Audience file'),
          changes: expect.arrayContaining([expect.objectContaining({ field: 'allowedClientIds' })]),
        }),
      ]),
    });
    expect(await apply(document)).toMatchObject({ changes: [] });
    const { data: exported } = await world.owner.call('exportConfiguration', { query: { users: 'none' } });
    const project = (exported.projects as readonly { readonly name: string }[]).find(
      ({ name }) => name === 'Audience file',
    ); // cast: the answer was cut to its schema
    expect(project).toMatchObject(document.projects[0] ?? {});
    const wrong = [{ project: 'Portal', application: 'Nothing' }, '404'];
    const broken = { version: 1, projects: [{ name: 'Audience file', allowedApplications: wrong }] };
    expect(await world.owner.refused('applyConfiguration', { body: { document: broken } })).toMatchObject({
      errors: expect.arrayContaining([
        expect.objectContaining({ pointer: '/projects/0/allowedApplications/0' }),
      ]),
    });
  });
});
