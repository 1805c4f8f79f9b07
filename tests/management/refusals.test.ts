import {
  type SeededApplication,
  type SeededProject,
  seedApplication,
  seedAuthorization,
  seedProject,
  seedUser,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basic, call, engines, signIn } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

describe.each(engines)('why requests were refused, on $engine', ({ engine }) => {
  let world: ManagementWorld;
  let project: SeededProject;
  let spa: SeededApplication;
  let api: SeededApplication;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
    const { server } = world;
    project = await seedProject(server, { roleKeys: ['reader'] });
    spa = await seedApplication(server, project, { type: 'user_agent', name: 'Shop' });
    api = await seedApplication(server, project, { type: 'api', name: 'Shop API' });
  });
  afterAll(() => world.stop());

  const itemsOf = async (id: 'listEvents' | 'listSignIns', query: Readonly<Record<string, unknown>> = {}) =>
    (await world.owner.call(id, { query })).data.items as readonly Record<string, unknown>[]; // cast: the answer was cut to its schema

  test('what is refused before anybody is known stands in the log with what mends it, and no secret', async () => {
    const { server } = world;
    const path = { projectId: project.id };
    const wrong = 'https://elsewhere.example.com/callback';
    const asked = { client_id: spa.clientId, redirect_uri: wrong, response_type: 'code', scope: 'openid' };
    await server.fetch(`/oauth/v2/authorize?${new URLSearchParams(asked)}`);
    expect((await world.owner.call('getFirstRun', { path })).data.lastRefusal).toEqual({
      ...{ applicationId: spa.id, type: 'authorization.refused', at: expect.any(String) },
      ...{ reason: expect.stringContaining('is not registered for Shop'), redirectUri: wrong },
    });
    await server.fetch('/oauth/v2/authorize?client_id=nobody%00-here&response_type=code');
    expect((await itemsOf('listEvents', { type: 'authorization.refused' }))[0]).toMatchObject({
      ...{ objectKind: 'client', organizationId: null, ip: expect.any(String) },
      detail: { count: 1 },
    });
    const headers = basic(api.clientId, 'not-the-secret');
    const answer = await call(server, '/oauth/v2/introspect', { form: { token: 'x' }, headers });
    expect(answer.status).toBe(401);
    const [refusedClient] = await itemsOf('listEvents', { type: 'client.refused' });
    expect(refusedClient).toMatchObject({
      ...{ objectKind: 'application', objectId: api.id, organizationId: project.organizationId },
      detail: { error: 'invalid_client', registeredAuthMethod: 'client_secret_basic', count: 1 },
    });
    expect(JSON.stringify(refusedClient)).not.toContain('not-the-secret');
  });

  test('a code that cannot be redeemed is told in the story of its sign-in', async () => {
    const { server } = world;
    const grace = await seedUser(server, { displayName: 'Grace Hopper' });
    await seedAuthorization(server, { userId: grace.id, project });
    const session = await signIn(server, spa, grace);
    const form = {
      ...{ grant_type: 'authorization_code', client_id: spa.clientId, code: session.code },
      ...{ redirect_uri: spa.redirectUri, code_verifier: 'w'.repeat(43) },
    };
    expect((await call(server, '/oauth/v2/token', { form })).status).toBe(400);
    const [refusal] = await itemsOf('listEvents', { type: 'token.refused' });
    expect(refusal).toMatchObject({
      objectId: spa.id,
      detail: { error: 'invalid_grant', grantType: 'authorization_code', sessionId: expect.any(String) },
    });
    expect(JSON.stringify(refusal)).not.toContain(session.code);
    const [newest] = await itemsOf('listSignIns', { userId: grace.id });
    const { steps } = (await world.owner.call('getSignIn', { path: { signInId: String(newest?.id) } })).data;
    expect(steps).toContainEqual(
      expect.objectContaining({ outcome: 'refused', title: 'Shop was given no tokens' }),
    );
  });
});
