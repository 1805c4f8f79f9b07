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

  test('cookies of somebody who is signed in never count, for writing neither, nor does a token in the address', async () => {
    const { server, owner } = world;
    const agent = createBrowserAgent(server);
    const sign = pageOf(await agent.open('/login'));
    await completeSignIn(agent, { kind: 'page', page: sign }, server.administrator);
    const cookie = agent.cookies.header();
    expect(cookie).toContain('=');
    const forged = { cookie, origin: server.issuer, 'sec-fetch-site': 'same-origin' };
    const reading = await server.fetch('/api/v1/me', { headers: forged });
    expect(reading.status).toBe(401);
    const name = 'Made by a form';
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
      const headers = { ...forged, 'content-type': type };
      const writing = await server.fetch('/api/v1/organizations', {
        method: 'POST',
        headers,
        body: JSON.stringify({ name }),
      });
      expect(writing.status).toBe(401);
    }
    const { data } = await owner.call('listOrganizations', { query: { search: name } });
    expect(data.items).toEqual([]);
    expect((await server.fetch(`/api/v1/me?access_token=${owner.token}`)).status).toBe(401);
  });

  test('pages of every origin may call with a token of theirs, and none with the cookies of the browser', async () => {
    const origins = [world.server.issuer, 'https://elsewhere.example.com', 'null'];
    const grants = (headers: Headers) =>
      [...headers].filter(([name]) => name.startsWith('access-control-allow-'));
    const seen = new Set<string>();
    for (const origin of origins) {
      const asked = await world.owner.send('OPTIONS', '/projects', {
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type,idempotency-key',
        },
      });
      expect(asked.status).toBe(204);
      const answer = await world.owner.send('GET', '/me', { headers: { origin } });
      const refusal = await world.server.fetch('/api/v1/me', { headers: { origin } });
      expect([answer.status, refusal.status]).toEqual([200, 401]);
      for (const { headers } of [asked, answer, refusal])
        expect(headers.get('access-control-allow-origin')).toBe('*');
      seen.add(JSON.stringify([asked, answer, refusal].map(({ headers }) => grants(headers))));
      expect(asked.headers.get('access-control-allow-headers')).toMatch(/authorization/i);
    }
    // The same for all: nothing is made from the Origin header, and credentials are never let in.
    expect(seen.size).toBe(1);
    expect([...seen].join()).not.toContain('credentials');
  });
});
