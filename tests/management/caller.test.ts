import { completeSignIn, createBrowserAgent, pageOf, seedMachine, seedProject } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

describe.each(engines)('the caller of the management API on $engine', ({ engine }) => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
  });
  afterAll(() => world.stop());

  test('getMe: 200 tells who calls and what they manage', async () => {
    const { data } = await world.owner.call('getMe');
    expect(data).toMatchObject({
      userId: world.owner.userId,
      organizationId: world.server.organizationId,
      memberships: [{ objectKind: 'instance', roles: ['IAM_OWNER'] }],
    });
    expect(data.instancePermissions).toContain('instance.write');
  });

  test('listManagerRoles: 200 with what each role allows', async () => {
    const { data } = await world.owner.call('listManagerRoles');
    const roles = data.items as { role: string; permissions: string[] }[]; // cast: the answer was cut to its schema
    expect(roles.find(({ role }) => role === 'ORG_OWNER')?.permissions).toContain('user.write');
    expect(roles.find(({ role }) => role === 'ORG_OWNER')?.permissions).not.toContain('instance.read');
  });

  test('401 without a token, with a challenge and a problem that says what to do', async () => {
    const answer = await world.server.fetch('/api/v1/me');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({
      code: 'unauthenticated',
      status: 401,
      next: expect.any(String),
    });
  });

  test('401 wrong-audience for a live token meant for another API; with the zitadel aud scope it counts', async () => {
    const { server } = world;
    const project = await seedProject(server);
    const machine = await seedMachine(server);
    const tokenFor = async (scope: string): Promise<string> => {
      const answer = await server.fetch('/oauth/v2/token', {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${machine.clientId}:${machine.clientSecret}`).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope }).toString(),
      });
      const body: unknown = await answer.json();
      return (body as { access_token: string }).access_token;
    };
    const me = (token: string) =>
      server.fetch('/api/v1/me', { headers: { authorization: `Bearer ${token}` } });
    const other = await me(await tokenFor(`openid urn:zitadel:iam:org:project:id:${project.id}:aud`));
    expect(other.status).toBe(401);
    expect(await other.json()).toMatchObject({ code: 'wrong-audience' });
    const meant = await me(await tokenFor('openid urn:zitadel:iam:org:project:id:zitadel:aud'));
    expect(meant.status).toBe(200);
    expect(await meant.json()).toMatchObject({ userId: machine.id, memberships: [] });
  });

  test('404 for an address there is none, 405 with Allow for another method', async () => {
    expect((await world.owner.send('GET', '/nothing')).status).toBe(404);
    const answer = await world.owner.send('PATCH', '/me');
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET');
  });

  test('cookies of somebody who is signed in never count, and other origins are let in without them', async () => {
    const { server } = world;
    const agent = createBrowserAgent(server);
    const sign = pageOf(await agent.open('/login'));
    await completeSignIn(agent, { kind: 'page', page: sign }, server.administrator);
    const cookie = agent.cookies.header();
    expect(cookie).toContain('=');
    const headers = { cookie, origin: 'https://elsewhere.example.com' };
    const answer = await server.fetch('/api/v1/me', { headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });
});
